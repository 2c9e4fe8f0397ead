package backend_test

import (
	"slices"
	"testing"

	"pie/backend"
	"pie/backend/agent"
)

// TestCheck holds each finding to its place.
func TestCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files       map[string]string
		level, code string
		file        string
		line        int
	}{
		"bad manifest":          {map[string]string{"manifest.json": "{\n\"a\": }", "agent.js": ""}, "error", "package", "manifest.json", 2},
		"bad version":           {map[string]string{"manifest.json": "{\n \"version\": \"x\"}", "agent.js": ""}, "error", "package", "manifest.json", 2},
		"syntax":                {map[string]string{"manifest.json": `{}`, "agent.ts": "\nexport const = 1"}, "error", "syntax", "agent.ts", 2},
		"undeclared host":       {map[string]string{"manifest.json": `{}`, "agent.js": "module.exports = { handler: (i, c) =>\n c.fetch('https://a.example/x') };"}, "warning", "undeclared-host", "agent.js", 2},
		"eval":                  {map[string]string{"manifest.json": `{}`, "agent.js": "module.exports = { handler: () =>\n eval('1') };"}, "warning", "eval", "agent.js", 2},
		"unknown key":           {map[string]string{"manifest.json": "{\n\n\"colour\": 1}", "agent.js": "module.exports = { handler() {} };"}, "warning", "manifest", "manifest.json", 3},
		"host of a module":      {map[string]string{"manifest.json": `{}`, "agent.js": "import './a'; export const handler = () => 1;", "a.js": "\n\nfetch('https://b.example/')"}, "warning", "undeclared-host", "a.js", 3},
		"host beside a service": {map[string]string{"manifest.json": `{"oauth": {"provider": "practice", "scopes": []}}`, "agent.js": "module.exports = { handler: (i, c) => c.fetch('https://a.example/x') };"}, "warning", "undeclared-host", "agent.js", 1},
		"redirect":              {map[string]string{"manifest.json": "{\"oauth\":\n{\"provider\": \"github\", \"scopes\": [], \"clientIdSecret\": \"A\", \"clientSecretSecret\": \"B\"}, \"developerSecrets\": {\"A\": {}, \"B\": {}}}", "agent.js": "module.exports = { handler: (i, c) => c.oauth.fetch('https://api.github.com/user') };"}, "note", "redirect", "manifest.json", 1},
		"plans":                 {map[string]string{"manifest.json": `{}`, "agent.js": "module.exports = { handler: (i, { tasks }) =>\n tasks.create({ name: 'x', in: '5m' }) };"}, "note", "tasks", "agent.js", 1},
		"plans, in a module":    {map[string]string{"manifest.json": `{}`, "agent.js": "import { plan } from './a'; export const handler = (i, c) => plan(c);", "a.js": "\nexport const plan = (context) => context.tasks.list();"}, "note", "tasks", "a.js", 2},
		"missing key":           {map[string]string{"agent.pie": "---\nname: a-b\nmanifest:\n  oauth:\n    provider: custom\n---\nmodule.exports = { handler() {} };"}, "error", "package", "agent.pie", 4},
		"no code":               {map[string]string{"manifest.json": `{}`, "agent.js": " \n"}, "error", "no-code", "agent.js", 1},
		"no function":           {map[string]string{"manifest.json": `{}`, "agent.js": "module.exports = { run() {} };"}, "error", "no-function", "agent.js", 1},
		"no code in .pie":       {map[string]string{"agent.pie": "---\nname: a-b\nmanifest: {}\n---\n"}, "error", "no-code", "agent.pie", 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := newHome(t, t.TempDir()).Check(t.Context(), backend.Source{Name: writeFolder(t, c.files)})
			if err != nil || len(found) != 1 {
				t.Fatalf("%v %+v", err, found)
			}
			if f := found[0]; f.Level != c.level || f.Code != c.code || f.File != c.file || f.Line != c.line || f.Message == "" {
				t.Fatalf("%+v", f)
			}
		})
	}
}

// TestCheckSamples: nothing is found in the agents that are bundled.
func TestCheckSamples(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	samples, err := h.Samples()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range samples {
		if found, err := h.Check(t.Context(), backend.Source{Name: backend.SamplePrefix + p.Name}); err != nil || slices.ContainsFunc(found, func(f agent.Finding) bool { return f.Level != agent.LevelNote || f.Line == 0 }) {
			t.Errorf("%s: %v %+v", p.Name, err, found)
		}
	}
}
