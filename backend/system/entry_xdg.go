//go:build unix && !darwin

package system

import (
	"regexp"
	"strings"

	"pie/backend/paths"
)

const (
	entryName  = paths.AppID + ".desktop"
	schemeType = "x-scheme-handler/" + paths.AppID
)

// plainWord is what every reader of Exec takes as it stands. The generic
// xdg-open knows no quotes: it splits at spaces and expands what looks like a
// pattern.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9/._+@:,-]+$`)

// entry is a desktop file of the program (Desktop Entry Specification).
func entry(o Options, script string) string {
	return "[Desktop Entry]\nType=Application\nName=PIE Desktop\n" +
		"Comment=Receives the answer of a sign-in\nNoDisplay=true\nTerminal=false\nStartupNotify=false\n" +
		"Exec=" + command(o, script) + "\nMimeType=" + schemeType + ";\n" +
		"X-PIE-Executable=" + escape(o.Executable) + "\nX-PIE-Home=" + escape(o.Home) + "\n"
}

// command is the line after Exec. Words that are not plain everywhere go into the
// script; where even the script's path is not plain, the line is quoted, which
// all but the generic xdg-open read.
func command(o Options, script string) string {
	switch {
	case plainWord.MatchString(o.Executable) && o.Home == "":
		return o.Executable + " %u"
	case plainWord.MatchString(o.Executable) && plainWord.MatchString(o.Home):
		return "env PIE_HOME=" + o.Home + " " + o.Executable + " %u"
	case plainWord.MatchString(script):
		return "/bin/sh " + script + " %u"
	}
	return "/bin/sh " + quote(script) + " %u"
}

// needsScript tells whether the command runs the script.
func needsScript(o Options) bool { return strings.HasPrefix(command(o, ""), "/bin/sh ") }

// script starts the program for its home with the link as its one argument.
func script(o Options) string {
	text := "#!/bin/sh\n# Starts PIE Desktop with a link. Made by PIE Desktop, which replaces it.\n"
	if o.Home != "" {
		text += "PIE_HOME=" + shellQuote(o.Home) + "\nexport PIE_HOME\n"
	}
	return text + "exec " + shellQuote(o.Executable) + " \"$@\"\n"
}

func shellQuote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// quote writes an argument of Exec: quoted, then escaped as a string once more.
func quote(text string) string {
	quoted := strings.NewReplacer(`"`, `\"`, "`", "\\`", `$`, `\$`, `\`, `\\`, `%`, `%%`).Replace(text)
	return escape(`"` + quoted + `"`)
}

// escape writes a value of type string.
func escape(text string) string { return strings.ReplaceAll(text, `\`, `\\`) }

// keys reads the group of a desktop file; the first of equal keys counts.
func keys(text string) map[string]string {
	values := map[string]string{}
	inside := false
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			inside = line == "[Desktop Entry]"
			continue
		}
		key, value, found := strings.Cut(line, "=")
		key = strings.TrimSpace(key)
		if _, known := values[key]; inside && found && !known && !strings.HasPrefix(key, "#") {
			values[key] = strings.TrimSpace(value)
		}
	}
	return values
}

// unescape reads a value of type string.
func unescape(text string) string {
	return strings.NewReplacer(`\\`, `\`, `\s`, " ", `\n`, "\n", `\t`, "\t", `\r`, "\r").Replace(text)
}

// programOf is the first word of an Exec line that is no env and no assignment.
func programOf(line string) string {
	for _, word := range words(unescape(line)) {
		if word != "env" && word != "/usr/bin/env" && !strings.Contains(word, "=") {
			return word
		}
	}
	return ""
}

// words splits an Exec line at spaces outside quotes.
func words(line string) []string {
	var out []string
	var word strings.Builder
	inside, quoted := false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && quoted && i+1 < len(line):
			i++
			word.WriteByte(line[i])
		case c == '"':
			quoted, inside = !quoted, true
		case c == ' ' && !quoted:
			if inside {
				out = append(out, word.String())
				word.Reset()
			}
			inside = false
		default:
			inside = true
			word.WriteByte(c)
		}
	}
	if inside {
		out = append(out, word.String())
	}
	return out
}
