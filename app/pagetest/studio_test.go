package pagetest_test

import (
	"os"
	"path/filepath"
	"testing"

	"pie/app"
)

// studio is a home in which somebody writes an agent.
type studio struct {
	URL    string `json:"url"`
	Folder string `json:"folder"`
}

// written is the folder of an agent for the practice service, with one saved input.
var written = map[string]string{
	"manifest.json": `{"name": "counter", "displayName": "Note counter", "version": "1.0.0", "description": "Counts notes.", "oauth": {"provider": "practice", "scopes": ["notes.read"]}}`,
	"agent.js": `module.exports = {
  async handler(input, context) {
    if (!(await context.oauth.isConnected())) return { error: true, requiresAuth: true };
    const { apiBase } = await context.oauth.getConnection();
    const response = await context.oauth.fetch(apiBase + '/notes');
    const { notes } = await response.json();
    console.log('counting for', input.name);
    return { count: notes.length };
  },
};
`,
	"inputs/ada.json": `{"name": "Ada"}`,
}

func openStudio(t *testing.T) (*app.App, studio) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "counter")
	for name, text := range written {
		name = filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, name, text)
	}
	return open(t, t.TempDir(), "keyfile"), studio{Folder: folder}
}
