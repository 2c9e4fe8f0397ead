package plugin_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pie/backend/fault"
	"pie/backend/plugin"
)

func known(id string) bool {
	return slices.Contains([]string{"google", "github", "slack", "notion", "practice"}, id)
}

const good = `---
name: my-agent
version: 1.2.0
manifest:
  oauth:
    provider: github
    scopes: [repo]
    clientIdSecret: ID
    clientSecretSecret: SECRET
  developerSecrets:
    ID: { required: true }
    SECRET: { required: true }
---
// a line
---
async function handler() { return 1 }
`

func TestParse(t *testing.T) {
	t.Parallel()
	swap := func(from, to string) string { return strings.Replace(good, from, to, 1) }
	cases := map[string]struct {
		text, want string // want: part of the message; "" when it is good
	}{
		"good":                   {good, ""},
		"byte order mark":        {"\xef\xbb\xbf" + good, ""},
		"carriage returns":       {strings.ReplaceAll(good, "\n", "\r\n"), ""},
		"a section":              {good + "===widget===\n<p>\n===widget===\n", ""},
		"empty":                  {"", "three hyphens"},
		"no frontmatter":         {"async function handler() {}", "three hyphens"},
		"frontmatter not closed": {"---\nname: a\n", "not closed"},
		"broken YAML":            {swap("  oauth:", "  oauth: ["), "line 10"},
		"key twice":              {swap("version: 1.2.0", "name: again"), "line 3"},
		"an alias":               {swap("version: 1.2.0", "a: &x [1]\nb: *x"), "aliases"},
		"no name":                {swap("name: my-agent\n", ""), "name must"},
		"bad name":               {swap("my-agent", "My_Agent"), "My_Agent"},
		"name with a path":       {swap("my-agent", "../x"), "name must"},
		"bad version":            {swap("1.2.0", "one"), "version"},
		"unknown provider":       {swap("provider: github", "provider: gitlub"), "gitlub"},
		"no provider":            {swap("    provider: github\n", ""), "provider is missing"},
		"custom without address": {swap("provider: github", "provider: custom"), "authorizationUrl"},
		"secret names nothing":   {swap("clientIdSecret: ID", "clientIdSecret: OTHER"), "OTHER"},
		"no client id":           {swap("    clientIdSecret: ID\n", ""), "clientIdSecret is missing"},
		"scopes are a word":      {swap("[repo]", "repo"), "scopes"},
		"section not closed":     {good + "===widget===\n<p>\n", "line 17"},
		"section twice":          {good + "===widget===\n===widget===\n===widget===\n===widget===\n", "twice"},
		"file outside":           {good + "===public-file:../x===\n===public-file:../x===\n", "not a path"},
		"not UTF-8":              {good + "\xff\xfe", "UTF-8"},
		"a list on top":          {"---\n- a\n---\n", "line 2"},
		"impossible cron":        {swap("manifest:", "manifest:\n  automation: {triggers: [{type: cron, default: \"61 7 * * *\"}]}"), "minute"},
		"required not there":     {swap("manifest:", "manifest:\n  tool: {parameters: {type: object, properties: {}, required: [x]}}"), `"x"`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := plugin.Parse("a.pie", []byte(c.text), known)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if p.Name != "my-agent" || !strings.HasPrefix(p.Code, "// a line\n---\n") || strings.Contains(p.Code, "===") {
					t.Errorf("got %+v", p)
				}
				return
			}
			problem := fault.Public(err)
			if problem == nil || problem.Code != fault.Invalid || !strings.Contains(problem.Message, c.want) || problem.Hint == "" {
				t.Errorf("got %+v", problem)
			}
		})
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	manifest := `{"manifest":{"network":{"hosts":["a.example"]},"colour":"red"}}`
	cases := map[string]struct {
		folder fstest.MapFS
		want   string
	}{
		"good":        {fstest.MapFS{"manifest.json": {Data: []byte(manifest)}, "agent.js": {Data: []byte("eval('1')")}}, ""},
		"empty":       {fstest.MapFS{}, "manifest.json"},
		"no code":     {fstest.MapFS{"manifest.json": {Data: []byte(manifest)}}, "agent.js"},
		"two entries": {fstest.MapFS{"manifest.json": {Data: []byte(manifest)}, "agent.js": {}, "agent.ts": {}}, "both agent.js and agent.ts"},
		"bad JSON":    {fstest.MapFS{"manifest.json": {Data: []byte("{\n\"a\": }")}, "agent.js": {}}, "line 2"},
		"a number":    {fstest.MapFS{"manifest.json": {Data: []byte("7")}, "agent.js": {}}, "one object"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := plugin.LoadFolder(c.folder, "the-folder", known)
			if c.want == "" {
				if err != nil || p.Name != "the-folder" || len(p.Warnings) != 2 {
					t.Errorf("got %+v, %v", p, err)
				}
				return
			}
			if problem := fault.Public(err); problem == nil || !strings.Contains(problem.Message, c.want) {
				t.Errorf("got %+v", problem)
			}
		})
	}
}

func TestSamples(t *testing.T) {
	t.Parallel()
	samples, err := plugin.Samples()
	if err != nil {
		t.Fatal(err)
	}
	entries, err := fs.ReadDir(samples, ".")
	if err != nil || len(entries) != 6 {
		t.Fatalf("got %v, %v", entries, err)
	}
	for _, entry := range entries {
		var p *plugin.Package
		if entry.IsDir() {
			folder, subErr := fs.Sub(samples, entry.Name())
			if subErr != nil {
				t.Fatal(subErr)
			}
			p, err = plugin.LoadFolder(folder, entry.Name(), known)
		} else {
			var raw []byte
			if raw, err = fs.ReadFile(samples, entry.Name()); err == nil {
				p, err = plugin.Parse(entry.Name(), raw, known)
			}
		}
		if err != nil || len(p.Warnings) != 0 || !slices.Contains(p.Functions(), "handler") {
			t.Errorf("%s: %+v, %v", entry.Name(), p, err)
		}
	}
}

func TestCompareVersions(t *testing.T) {
	t.Parallel()
	ordered := []string{"0.0.0", "0.9", "1.0.0-beta", "1.0.0", "1.0.1", "1.2", "1.10.0", "2"}
	for i, a := range ordered {
		for j, b := range ordered {
			got := plugin.CompareVersions(a, b)
			if (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%s and %s: %d", a, b, got)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("---\na: &a [*a]\n---\n"))
	f.Add([]byte("---\n{{{{[[[[\n---\n===widget===\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := plugin.Parse("a.pie", raw, known)
		if err != nil && fault.CodeOf(err) == fault.Internal {
			t.Errorf("no words for a person: %v", err)
		}
		if err == nil && p.Name == "" {
			t.Error("an agent without a name")
		}
	})
}
