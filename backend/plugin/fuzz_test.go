package plugin_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"pie/backend/fault"
	"pie/backend/plugin"
)

// FuzzFolder reads any manifest.json and code: there is a fault with a sentence,
// or a package whose name, secrets and permissions can be shown.
func FuzzFolder(f *testing.F) {
	for _, manifest := range []string{
		`{}`, `{"name":"a-b","version":1}`, `{"oauth":{"provider":"github","scopes":[]}}`, `{"oauthConnections":{"x":null}}`, `{"calls":["b","b"]}`,
		`{"automation":{"triggers":[{"type":"cron","default":"* * * * *"},{"type":"interval","default":5}]}}`, `{"developerSecrets":{"":{}}}`,
		`{"tool":{"parameters":{"required":["x"]}}}`, `{"manifest":{"timeout":1e308}}`, `[]`, `null`, `{"version":{}}`, `{"network":{"hosts":["\u0000"]}}`,
	} {
		f.Add([]byte(manifest), "module.exports = { handler() { context.ai.chat('https://a.test') } }")
	}
	f.Fuzz(func(t *testing.T, manifest []byte, code string) {
		files := fstest.MapFS{"manifest.json": {Data: manifest}, "agent.js": {Data: []byte(code)}}
		p, err := plugin.LoadFolder(files, "folder", func(id string) bool { return id == "github" })
		if err != nil {
			if problem := fault.Public(err); problem.Code != fault.Invalid && problem.Code != fault.Limited || problem.Message == "" {
				t.Fatalf("%q: %v", manifest, err)
			}
			return
		}
		if p.Name == "" || strings.ContainsAny(p.Name, "/\\ .") || len(p.Name) > 64 || p.Hash == "" {
			t.Fatalf("%q: %+v", manifest, p)
		}
		_, _, _, _ = p.Functions(), p.RunSecrets(), p.Calls(), p.NetworkHosts()
		for _, permission := range p.Permissions(plain{}) {
			if permission.Text == "" || len(permission.Items) == 0 {
				t.Fatalf("%q: %+v", manifest, permission)
			}
		}
	})
}

// plain calls everything by its id.
type plain struct{}

func (plain) ProviderName(o *plugin.OAuth) string             { return o.Provider }
func (plain) ScopeLabel(_ *plugin.OAuth, scope string) string { return scope }
func (plain) TokenHosts(*plugin.OAuth) []string               { return []string{"api.test"} }
