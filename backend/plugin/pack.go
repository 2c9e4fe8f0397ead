package plugin

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"pie/backend/fault"
	"pie/backend/secret"
)

// Leak is a place in a package where a secret seems to stand.
type Leak struct {
	File         string
	Line, Column int // from 1
	Kind         string
}

const shortestEnv = 8 // of a value in an .env file that is looked for

// Leaks looks through all files of p for what must not be handed on: values of
// the folder's .env files, tokens, keys. In code of others only known shapes
// count, for there is much in it that looks random.
func (p *Package) Leaks(env map[string]secret.String) []Leak {
	var out []Leak
	for _, name := range slices.Sorted(maps.Keys(p.files)) {
		text, shown := string(p.files[name]), name
		if name == "agent.pie" {
			shown = p.CodeName
		}
		for _, s := range secret.Suspects(text, strings.HasPrefix(name, "node_modules/")) {
			out = append(out, Leak{shown, s.Line, s.Column, s.Kind})
		}
		for _, variable := range slices.Sorted(maps.Keys(env)) {
			value := env[variable].Reveal()
			if len(value) < shortestEnv {
				continue
			}
			if at := strings.Index(text, value); at >= 0 {
				line, column := secret.Place(text, at)
				out = append(out, Leak{shown, line, column, "the value of " + variable + " in .env"})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Leak) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.CompactFunc(out, func(a, b Leak) bool { return a.File == b.File && a.Line == b.Line })
}

// ReadEnv reads the values of an .env file: NAME=value a line, quotes or not.
func ReadEnv(raw []byte) map[string]secret.String {
	out := map[string]secret.String{}
	for line := range bytes.Lines(raw) {
		name, value, ok := strings.Cut(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(string(line)), "export ")), "=")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		value = strings.Trim(strings.TrimSpace(value), `"'`)
		out[strings.TrimSpace(name)] = secret.New(value)
	}
	return out
}

// Pack writes p as a .pie file. code replaces the package's own where that is
// TypeScript or of several files; it is empty where the code stands as it is.
// Reading the file again gives the same package. Fault: invalid, where the form
// cannot hold the code.
func (p *Package) Pack(code string) ([]byte, error) {
	front, body := p.front, cmp.Or(code, p.Code, p.Prompt)
	if front == "" {
		var err error
		if front, err = frontmatter(p.object); err != nil {
			return nil, err
		}
	}
	body = strings.TrimPrefix(strings.ReplaceAll(body, "\r\n", "\n"), "\uFEFF")
	for i, line := range strings.Split(body, "\n") {
		if section.MatchString(strings.TrimRight(line, " \t")) {
			return nil, wrong("%s, line %d: a line %q in the code would end it in a .pie file.", p.CodeName, p.CodeLine+i, strings.TrimSpace(line))
		}
	}
	text := "---\n" + front + "---\n" + body
	if p.sections != "" {
		text = strings.TrimSuffix(text, "\n") + "\n" + p.sections
	}
	out := []byte(strings.TrimRight(text, "\r\n") + "\n")
	again, err := Parse(p.Name+".pie", out, func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	return out, p.same(again, body)
}

// same holds that a packed package is the one it was made of.
func (p *Package) same(again *Package, body string) error {
	trim := func(s string) string { return strings.TrimRight(s, "\r\n") }
	if p.Name == again.Name && p.DisplayName == again.DisplayName && p.Description == again.Description && p.Tier == again.Tier &&
		p.Version == again.Version && trim(again.Code+again.Prompt) == trim(body) && trim(p.sections) == trim(again.sections) &&
		reflect.DeepEqual(plain(p.Manifest), plain(again.Manifest)) {
		return nil
	}
	return fault.New(fault.Internal, fmt.Sprintf("%s cannot be written as a .pie file without a change.", p.Name), "Write the .pie file by hand.")
}

// plain is a manifest whose raw parts compare by what they say.
func plain(m Manifest) any {
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	var out any
	if err := json.Unmarshal(raw, &out); err != nil {
		return err
	}
	return out
}
