package plugin_test

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"pie/backend/fault"
	"pie/backend/plugin"
)

// folder reads a package of a manifest and code.
func folder(t *testing.T, manifest, code string) *plugin.Package {
	t.Helper()
	files := fstest.MapFS{"manifest.json": {Data: []byte(manifest)}, "agent.js": {Data: []byte(code)}}
	p, err := plugin.LoadFolder(files, "my-agent", known)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPackFolder(t *testing.T) {
	t.Parallel()
	const code = "// ---\nasync function handler() { return '---' }\n---1;\nmodule.exports = { handler };\n"
	for name, manifest := range map[string]string{
		"a schema": `{"$schema": "./manifest.schema.json", "version": "1.0.0"}`,
		"nothing":  `{}`,
		"flat": `{"version": "1.0.0", "displayName": "Yes: a *name*", "tier": "automation",
			"automation": {"triggers": [{"type": "cron", "default": "*/15 * * * *"}, {"type": "interval", "default": "15m"}], "timeout": 1.5}}`,
		"nested":     `{"name": "other", "description": "no\nlines", "version": 2, "manifest": {"network": {"hosts": ["a.example", "b.example:8443"]}, "userFields": {"a": {"b": [[1, {"c": null}], [], {}, "true", "1.0", "@x", "# y", "\u2028 \u0007 😀 é"]}}}}`,
		"odd keys":   `{"tool": {"name": "x", "parameters": {"type": "object", "properties": {"on": {"type": "string"}, "1": {}, "a: b": {}, "": {}}, "required": ["on"]}}}`,
		"unknown":    `{"colour": "red", "trigger": "auto"}`,
		"big number": `{"userFields": {"n": 12345678901234567890, "f": 0.1}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := folder(t, manifest, code)
			raw, err := p.Pack("")
			if err != nil {
				t.Fatal(err)
			}
			again, err := plugin.Parse("x.pie", raw, known)
			if err != nil {
				t.Fatalf("%v\n%s", err, raw)
			}
			if diff := cmp.Diff(p.Manifest, again.Manifest, cmp.Transformer("raw", normal)); diff != "" || again.Name != p.Name || again.Version != p.Version || again.Code != p.Code {
				t.Errorf("%s\n%s", diff, raw)
			}
			once, err := again.Pack("")
			if err != nil || string(once) != string(raw) {
				t.Errorf("packed again: %v\n%s", err, once)
			}
		})
	}
}

func normal(raw json.RawMessage) any {
	var v any
	_ = json.Unmarshal(raw, &v)
	return v
}

func TestPackSamples(t *testing.T) {
	t.Parallel()
	all, err := plugin.Samples()
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(all, "*.pie")
	if err != nil || len(names) < 5 {
		t.Fatalf("%v %v", names, err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(all, name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := plugin.Parse(name, raw, known)
		if err != nil {
			t.Fatal(err)
		}
		if leaks := p.Leaks(nil); len(leaks) > 0 {
			t.Errorf("%s: %+v", name, leaks)
		}
		if out, err := p.Pack(""); err != nil || string(out) != string(raw) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

func TestPackKeepsSections(t *testing.T) {
	t.Parallel()
	text := good + "===widget===\n<p>---\n===widget===\n\n===public-file:a/b.html===\n===widget===\n===public-file:a/b.html===\n"
	p, err := plugin.Parse("x.pie", []byte(strings.ReplaceAll(text, "\n", "\r\n")), known)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := p.Pack(""); err != nil || string(out) != text {
		t.Errorf("%v\n%s", err, out)
	}
	out, err := p.Pack("// other\nmodule.exports = {};")
	if err != nil || !strings.Contains(string(out), "---\n// other\nmodule.exports = {};\n===widget===\n<p>") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestPackRefusesAMarkerInTheCode(t *testing.T) {
	t.Parallel()
	_, err := folder(t, `{}`, "const page = `\n===widget===\n`;").Pack("")
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "agent.js, line 2") {
		t.Fatal(err)
	}
}

func TestASkillIsAPrompt(t *testing.T) {
	t.Parallel()
	text := "---\nname: friend\ntier: skill\nversion: 1.0.0\nmanifest:\n  trigger: always\n---\nBe kind: it's free.\n"
	p, err := plugin.Parse("friend.pie", []byte(text), known)
	if err != nil || p.Code != "" || !strings.Contains(p.Prompt, "Be kind") {
		t.Fatalf("%v %+v", err, p)
	}
	if out, err := p.Pack(""); err != nil || string(out) != text {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestLeaks(t *testing.T) {
	t.Parallel()
	token := "ghp_" + strings.Repeat("a1B2", 9)
	env := plugin.ReadEnv([]byte("# comment\nexport KEY=\"hunter2-hunter2\"\nSHORT=abc\n\nBROKEN\n"))
	for name, c := range map[string]struct {
		manifest, code, file, kind string
		line, column               int
	}{
		"none":          {manifest: `{}`, code: "const short = 'abc';"},
		"in the code":   {`{}`, "\n\n  x('" + token + "')", "agent.js", "GitHub", 3, 6},
		"in a manifest": {"{\n\"description\": \"" + token + "\"}", "", "manifest.json", "GitHub", 2, 17},
		"of .env":       {`{}`, "// hunter2-hunter2", "agent.js", "KEY", 1, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			leaks := folder(t, c.manifest, c.code).Leaks(env)
			if c.kind == "" {
				if len(leaks) > 0 {
					t.Fatalf("%+v", leaks)
				}
				return
			}
			if len(leaks) != 1 || leaks[0].File != c.file || leaks[0].Line != c.line || leaks[0].Column != c.column || !strings.Contains(leaks[0].Kind, c.kind) {
				t.Fatalf("%+v", leaks)
			}
		})
	}
	if v := env["KEY"]; v.Reveal() != "hunter2-hunter2" || len(env) != 2 {
		t.Errorf("%d", len(env))
	}
}

// FuzzPack: whatever a manifest holds, packing refuses it or keeps it.
func FuzzPack(f *testing.F) {
	f.Add(`{"description": "a: b # c"}`, "1")
	f.Add(`{"manifest": {"userFields": ["*x", {"- y": [[]]}]}}`, "// x\n===widget===\n")
	f.Fuzz(func(t *testing.T, manifest, code string) {
		p, err := plugin.LoadFolder(fstest.MapFS{"manifest.json": {Data: []byte(manifest)}, "agent.js": {Data: []byte(code)}}, "my-agent", known)
		if err != nil {
			return
		}
		if _, err := p.Pack(""); fault.Is(err, fault.Internal) {
			t.Fatalf("%v\n%q %q", err, manifest, code)
		}
	})
}
