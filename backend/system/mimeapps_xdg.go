//go:build unix && !darwin

package system

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"pie/backend/fault"
	"pie/backend/paths"
)

const (
	defaultsGroup = "[Default Applications]"
	largestList   = 1 << 20
)

// edit returns a mimeapps.list in which the program is the default for its
// scheme, or no longer is. Every other line stays as it was.
func edit(text string, wanted bool) string {
	var out []string
	group, done := "", !wanted
	add := func() {
		if !done {
			// Before the blank lines that end the group.
			at := len(out)
			for at > 0 && strings.TrimSpace(out[at-1]) == "" {
				at--
			}
			out = append(out[:at], append([]string{schemeType + "=" + entryName}, out[at:]...)...)
			done = true
		}
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		trimmed := strings.TrimSpace(line)
		key, value, found := strings.Cut(trimmed, "=")
		switch {
		case strings.HasPrefix(trimmed, "["):
			if group == defaultsGroup {
				add()
			}
			group = trimmed
		case !found || strings.TrimSpace(key) != schemeType:
		case group == defaultsGroup && (wanted || without(value) == ""):
			continue // written anew above, or gone
		case group == defaultsGroup || group == "[Removed Associations]":
			if line = schemeType + "=" + without(value); without(value) == "" {
				continue
			}
		}
		out = append(out, line)
	}
	if group == defaultsGroup {
		add()
	}
	if !done {
		if len(out) > 0 && strings.TrimSpace(out[len(out)-1]) != "" {
			out = append(out, "")
		}
		out = append(out, defaultsGroup)
		add()
	}
	return strings.TrimLeft(strings.Join(out, "\n")+"\n", "\n")
}

// without is a list of desktop files without the program's own.
func without(list string) string {
	var rest []string
	for name := range strings.SplitSeq(list, ";") {
		if name = strings.TrimSpace(name); name != "" && name != entryName {
			rest = append(rest, name)
		}
	}
	return strings.Join(rest, ";")
}

// defaults are the desktop files that a list names for the scheme, best first.
func defaults(text string) []string {
	group := ""
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			group = line
			continue
		}
		if key, value, found := strings.Cut(line, "="); found && group == defaultsGroup && strings.TrimSpace(key) == schemeType {
			return names(value)
		}
	}
	return nil
}

func names(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ';' || r == ' ' })
}

// rewrite changes the person's mimeapps.list in one step, through a link where
// it is one, and keeps its mode.
func rewrite(name string, wanted bool) error {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	text, err := readSmall(name)
	if err != nil {
		return err
	}
	changed := edit(text, wanted)
	if changed == text || text == "" && !wanted {
		return nil
	}
	mode := fs.FileMode(0o600)
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	if err := paths.WriteFile(name, []byte(changed)); err != nil {
		return unwritable(err, name)
	}
	if err := os.Chmod(name, mode); err != nil {
		return unwritable(err, name)
	}
	return nil
}

// readSmall reads a text file; "" when there is none.
func readSmall(name string) (string, error) {
	file, err := os.Open(name) // #nosec G304 -- a file of the desktop's own
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", unreadable(err, name)
	}
	defer func() { _ = file.Close() }()
	raw, err := io.ReadAll(io.LimitReader(file, largestList+1))
	if err != nil {
		return "", unreadable(err, name)
	}
	if len(raw) > largestList {
		return "", unreadable(nil, name)
	}
	return string(raw), nil
}

func unreadable(err error, name string) error {
	return fault.Wrap(err, fault.Internal, fmt.Sprintf("The file %s cannot be read.", name), "Look at the file: it belongs to the desktop and should be a short text.")
}

func unwritable(err error, name string) error {
	return fault.Wrap(err, fault.Internal, fmt.Sprintf("The file %s cannot be written.", name), "Check who owns the file and its folder.")
}
