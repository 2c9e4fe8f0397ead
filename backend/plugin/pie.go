package plugin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"pie/backend/fault"
)

// Known tells whether a provider id is in the catalogue.
type Known func(providerID string) bool

func wrong(format string, args ...any) error {
	return fault.New(fault.Invalid, fmt.Sprintf(format, args...), "Correct the agent's package and try again.")
}

var section = regexp.MustCompile(`^===(widget|public-config|public-file:(.*))===$`)

// Parse reads a .pie file: YAML frontmatter between the first two lines "---",
// the code, then fenced sections. A "---" further down belongs to the code.
// Fault: invalid, naming the line.
func Parse(fileName string, raw []byte, known Known) (*Package, error) {
	if len(raw) > maxPackage {
		return nil, fault.New(fault.Limited, "The agent's package is larger than 4 MB.", "Take large files out of it.")
	}
	text := strings.ReplaceAll(string(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))), "\r\n", "\n")
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return nil, wrong("%s is not a text in UTF-8.", fileName)
	}
	lines := strings.Split(text, "\n")
	if strings.TrimRight(lines[0], " \t") != "---" {
		return nil, wrong("%s does not begin with a line of three hyphens.", fileName)
	}
	end := 1
	for end < len(lines) && strings.TrimRight(lines[end], " \t") != "---" {
		end++
	}
	if end == len(lines) {
		return nil, wrong("%s: the part between the lines of three hyphens is not closed.", fileName)
	}
	// One empty line in front keeps the library's line numbers those of the file.
	object, err := decodeYAML(fileName, "\n"+strings.Join(lines[1:end], "\n"))
	if err != nil {
		return nil, err
	}
	codeEnd, err := splitSections(fileName, lines, end+1)
	if err != nil {
		return nil, err
	}
	p, err := build(fileName, object, strings.Join(lines[end+1:codeEnd], "\n"), known)
	if err != nil {
		return nil, err
	}
	p.CodeName, p.CodeLine = path.Base(fileName), end+2
	p.front, p.sections = strings.Join(lines[1:end], "\n")+"\n", strings.Join(lines[codeEnd:], "\n")
	if codeEnd < len(lines) {
		p.Warnings = append(p.Warnings, "Widgets and public pages are not shown on the desktop.")
	}
	p.files = map[string][]byte{"agent.pie": raw}
	p.Hash = hash(p.files)
	return p, nil
}

// splitSections returns the line on which the fenced sections begin, which is
// where the code ends.
func splitSections(fileName string, lines []string, from int) (codeEnd int, err error) {
	codeEnd, open, openedAt := len(lines), "", 0
	seen := map[string]bool{}
	for i := from; i < len(lines); i++ {
		marker := section.FindStringSubmatch(strings.TrimRight(lines[i], " \t"))
		switch {
		case marker == nil:
		case open == marker[0]:
			open = ""
		case open != "":
			// Another marker inside a section is part of it.
		case seen[marker[0]]:
			return 0, wrong("%s, line %d: the section %s stands twice.", fileName, i+1, marker[0])
		default:
			if strings.HasPrefix(marker[1], "public-file:") && !cleanPath(marker[2]) {
				return 0, wrong("%s, line %d: %q is not a path inside the package.", fileName, i+1, marker[2])
			}
			open, openedAt, seen[marker[0]] = marker[0], i+1, true
			codeEnd = min(codeEnd, i)
		}
	}
	if open != "" {
		return 0, wrong("%s, line %d: the section %s is not closed.", fileName, openedAt, open)
	}
	return codeEnd, nil
}

func cleanPath(name string) bool {
	return name != "" && path.Clean(name) == name && !path.IsAbs(name) &&
		name != ".." && !strings.HasPrefix(name, "../") && !strings.ContainsAny(name, "\\\x00:")
}

// decodeYAML returns the object as JSON. Aliases are refused: they let a small
// file become a huge one.
func decodeYAML(fileName, text string) (json.RawMessage, error) {
	if len(text) > maxFrontmatter {
		return nil, wrong("%s: the part between the hyphens is larger than 256 KB.", fileName)
	}
	file, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		return nil, yamlFault(fileName, err)
	}
	var finder aliasFinder
	for _, doc := range file.Docs {
		if doc.Body != nil {
			ast.Walk(&finder, doc.Body)
		}
	}
	if finder.line > 0 {
		return nil, wrong("%s, line %d: YAML aliases are not taken.", fileName, finder.line)
	}
	var object map[string]any
	if err := yaml.NewDecoder(strings.NewReader(text)).Decode(&object); err != nil {
		return nil, yamlFault(fileName, err)
	}
	out, err := json.Marshal(object)
	if err != nil {
		return nil, wrong("%s: the part between the hyphens holds something that JSON cannot say.", fileName)
	}
	return out, nil
}

type aliasFinder struct{ line int }

// Visit notes the first alias.
func (f *aliasFinder) Visit(node ast.Node) ast.Visitor {
	if alias, ok := node.(*ast.AliasNode); ok && f.line == 0 {
		f.line = alias.GetToken().Position.Line
	}
	return f
}

var position = regexp.MustCompile(`^\[(\d+):(\d+)\] *`)

func yamlFault(fileName string, err error) error {
	first, _, _ := strings.Cut(yaml.FormatError(err, false, false), "\n")
	if at := position.FindStringSubmatch(first); at != nil {
		return fault.Wrap(err, fault.Invalid, fmt.Sprintf("%s, line %s, column %s: %s.", fileName, at[1], at[2], first[len(at[0]):]),
			"Correct the YAML; values that begin with * @ or # need quotes.")
	}
	return fault.Wrap(err, fault.Invalid, fmt.Sprintf("%s: the YAML cannot be read: %s.", fileName, first), "Correct the YAML.")
}
