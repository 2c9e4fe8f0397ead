package backend_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pie/backend"
	"pie/backend/agent"
	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/plugin"
	"pie/backend/practice"
	"pie/backend/secret"
)

const notesCode = `async function handler(input, context) {
  if (!(await context.oauth.isConnected())) return { error: true, requiresAuth: true };
  const { apiBase } = await context.oauth.getConnection();
  console.log('key', context.secrets.EXTRA_KEY);
  await context.oauth.fetch(apiBase + '/notes', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ text: input.text + ' ' + context.secrets.EXTRA_KEY }) });
  const response = await context.oauth.fetch(apiBase + '/notes?token=' + context.secrets.EXTRA_KEY);
  return { notes: (await response.json()).notes.length };
}
module.exports = { handler };
`

func notesFolder(t *testing.T) string {
	t.Helper()
	return writeFolder(t, map[string]string{
		"manifest.json": `{"name": "my-notes", "version": "1.0.0", "oauth": {"provider": "practice", "scopes": ["notes.read", "notes.write"]}, "userSecrets": {"EXTRA_KEY": {"required": true}}}`,
		"agent.js":      notesCode,
	})
}

func (h *home) installInPlace(t *testing.T, folder string) {
	t.Helper()
	p, err := h.Load(t.Context(), backend.Source{Name: folder})
	if err == nil {
		_, err = h.Install(t.Context(), backend.Source{Name: folder}, p.Hash, plugin.Approved{Hosts: p.NetworkHosts()}, true)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (h *home) dev(t *testing.T, q backend.DevRequest) backend.DevResult {
	t.Helper()
	out, err := h.Dev(t.Context(), q)
	if err != nil {
		t.Fatalf("%v: %+v", err, fault.Public(err))
	}
	return out
}

func edit(t *testing.T, folder, file, from, to string) {
	t.Helper()
	name := filepath.Join(folder, file)
	raw, err := os.ReadFile(name)
	if err == nil {
		err = os.WriteFile(name, []byte(strings.Replace(string(raw), from, to, 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestRecordOnceReplayAnywhere records against the practice service and plays the
// file in another home, which has no agent, no connection and no secret.
func TestRecordOnceReplayAnywhere(t *testing.T) {
	t.Parallel()
	const key = "Extra-Key-0123456789"
	folder, h := notesFolder(t), newHome(t, t.TempDir())
	h.installInPlace(t, folder)
	if err := h.Secrets.Set(t.Context(), "my-notes", "EXTRA_KEY", secret.New(key)); err != nil {
		t.Fatal(err)
	}
	h.consent(t, []string{"notes.read", "notes.write"})
	h.connectTo(t, "my-notes")
	q := backend.DevRequest{Folder: folder, Run: backend.RunRequest{Input: json.RawMessage(`{"text":"milk"}`)}, Name: "milk", Record: true}
	recorded := h.dev(t, q)
	if recorded.Run == nil || recorded.Run.Status != history.OK || len(recorded.Exchanges) != 2 || recorded.Cassette == "" {
		t.Fatalf("%+v %+v", recorded, recorded.Run)
	}
	raw, err := os.ReadFile(recorded.Cassette)
	if err != nil || strings.Contains(string(raw), key) || strings.Contains(string(raw), "Bearer") || strings.Contains(string(raw), "uthorization") {
		t.Fatalf("%v\n%s", err, raw)
	}
	server, err := h.Practice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = h.Close() // the service ends with it

	other := newHome(t, t.TempDir())
	q.Record, q.Replay = false, true
	for range 2 {
		played := other.dev(t, q)
		if played.Run == nil || played.Run.Status != history.OK || string(played.Run.Result) != string(recorded.Run.Result) || len(played.Run.Requests) != 2 {
			t.Fatalf("%+v %+v", played, played.Run)
		}
	}
	edit(t, folder, "agent.js", "apiBase + '/notes?", "apiBase + '/other?")
	played := other.dev(t, q)
	if played.Run.Status != history.Failed || !strings.Contains(played.Run.Error.Message, "GET "+server.URL()+"/other?token=[redacted], the 2nd question") {
		t.Errorf("%+v", played.Run.Error)
	}
	if rows, err := other.History.Audit("", 10); err != nil || len(rows) != 0 {
		t.Errorf("%+v %v", rows, err)
	}
	if names, err := other.Agents.List(); err != nil || len(names) != 0 {
		t.Errorf("%v %v", names, err)
	}
}

// TestDevAsksOnlyWhenMoreIsWanted edits a folder that runs in place.
func TestDevAsksOnlyWhenMoreIsWanted(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	folder := writeFolder(t, map[string]string{"manifest.json": `{}`, "agent.js": "module.exports = { handler: (input, context) => 1 };\n"})
	q := backend.DevRequest{Folder: folder}
	if _, err := h.Dev(t.Context(), q); !fault.Is(err, fault.Conflict) {
		t.Fatalf("%v", err)
	}
	h.installInPlace(t, folder)
	if out := h.dev(t, q); out.Run == nil || string(out.Run.Result) != "1" {
		t.Fatalf("%+v", out)
	}
	edit(t, folder, "agent.js", "=> 1", "=> 2")
	if out := h.dev(t, q); out.Run == nil || string(out.Run.Result) != "2" {
		t.Fatalf("%+v", out)
	}
	edit(t, folder, "agent.js", "=> 2", "=> context.fetch('https://api.example.com/x') && 3")
	out := h.dev(t, q)
	if out.Run != nil || len(out.Grown) != 1 || !strings.Contains(out.Grown[0], "api.example.com") {
		t.Fatalf("%+v", out)
	}
	if err := h.Approve(t.Context(), folder, "other"); !fault.Is(err, fault.Conflict) {
		t.Errorf("%v", err)
	}
	edit(t, folder, "agent.js", "context.fetch(", "(x => x)(")
	out = h.dev(t, q)
	if err := h.Approve(t.Context(), folder, out.Hash); err != nil {
		t.Fatal(err)
	}
	if out = h.dev(t, q); out.Run == nil || string(out.Run.Result) != "3" {
		t.Fatalf("%+v", out)
	}
	edit(t, folder, "agent.js", "module", "\n  const = 1; module")
	out = h.dev(t, q)
	if out.Run != nil || len(out.Findings) != 1 || out.Findings[0].Level != agent.LevelError || out.Findings[0].Line != 2 || out.Findings[0].Column != 9 {
		t.Fatalf("%+v", out)
	}
	edit(t, folder, "manifest.json", "{}", "{\n")
	if out = h.dev(t, q); len(out.Findings) != 1 || out.Findings[0].File != "manifest.json" {
		t.Fatalf("%+v", out)
	}
}

// TestDevLeavesASignInAlone: an author saves while the consent page is open.
func TestDevLeavesASignInAlone(t *testing.T) {
	t.Parallel()
	folder, h := notesFolder(t), newHome(t, t.TempDir())
	h.installInPlace(t, folder)
	opened := make(chan string, 1)
	h.open = func(url string) { opened <- url }
	done := make(chan error, 1)
	go func() {
		_, err := h.Connections.Connect(context.Background(), connection.Request{Op: "op", Agent: "my-notes", Redirect: "scheme"})
		done <- err
	}()
	url := <-opened
	if err := h.Secrets.Set(t.Context(), "my-notes", "EXTRA_KEY", secret.New("Extra-Key-0123456789")); err != nil {
		t.Fatal(err)
	}
	edit(t, folder, "agent.js", "handler", "handler")
	edit(t, folder, "agent.js", "requiresAuth: true", "requiresAuth: true, again: 1")
	if out := h.dev(t, backend.DevRequest{Folder: folder}); out.Run == nil || out.Run.Status != history.RequiresAuth {
		t.Fatalf("%+v", out)
	}
	link, err := practice.Consent(t.Context(), http.DefaultClient, url, nil, true) //nolint:forbidigo // a test's person
	if err == nil {
		_, err = h.Connections.Callback(t.Context(), link)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// TestPracticeStandsIn runs an agent of another service without its service: the
// access is the practice service's, and a recording by hand has the answer.
func TestPracticeStandsIn(t *testing.T) {
	t.Parallel()
	folder, h := notesFolder(t), newHome(t, t.TempDir())
	edit(t, folder, "manifest.json", `"provider": "practice", "scopes": ["notes.read", "notes.write"]`, `"provider": "github", "scopes": ["repo"], "clientIdSecret": "A", "clientSecretSecret": "B"`)
	edit(t, folder, "manifest.json", `"userSecrets"`, `"developerSecrets": {"A": {}, "B": {}}, "userSecrets"`)
	q := backend.DevRequest{Folder: folder, Name: "default", Practice: true, Run: backend.RunRequest{Input: json.RawMessage(`{"text":"x"}`)}}
	out := h.dev(t, q)
	if out.Run == nil || out.Run.Status != history.OK || string(out.Run.Result) != `{"notes":4}` {
		t.Fatalf("%+v %+v", out.Run, out.Run.Error)
	}
	edit(t, folder, "agent.js", "const { apiBase }", "const r = await context.oauth.fetch('https://api.github.com/user/repos'); if (input.repos) return [r.status, r.body];\n  const { apiBase }")
	q.Run.Input = json.RawMessage(`{"repos":true}`)
	if out = h.dev(t, q); !strings.Contains(string(out.Run.Result), "404") || !strings.Contains(string(out.Run.Result), "GET /user/repos") {
		t.Errorf("%s", out.Run.Result)
	}
	byHand := `{"version": 1, "exchanges": [{"service": "default", "request": {"method": "GET", "url": "https://api.github.com/user/repos"}, "answer": {"status": 200, "json": [{"name": "pie"}]}}]}`
	if err := os.MkdirAll(filepath.Join(folder, backend.CassettesFolder), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, backend.CassettesFolder, "default.json"), []byte(byHand), 0o600); err != nil {
		t.Fatal(err)
	}
	if out = h.dev(t, q); string(out.Run.Result) != `[200,"[{\"name\":\"pie\"}]"]` {
		t.Errorf("%s", out.Run.Result)
	}
	server, err := h.Practice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Switch(practice.FaultAPILimit, 1); err != nil {
		t.Fatal(err)
	}
	if out = h.dev(t, q); !strings.HasPrefix(string(out.Run.Result), `[429,`) {
		t.Errorf("%s", out.Run.Result)
	}
}

// TestRecordingsStayInTheFolder: a stranger's folder may hold links.
func TestRecordingsStayInTheFolder(t *testing.T) {
	t.Parallel()
	h, elsewhere := newHome(t, t.TempDir()), t.TempDir()
	folder := writeFolder(t, map[string]string{"manifest.json": `{}`, "agent.js": "module.exports = { handler: () => 1 };\n"})
	h.installInPlace(t, folder)
	if err := os.Symlink(elsewhere, filepath.Join(folder, backend.CassettesFolder)); err != nil {
		t.Fatal(err)
	}
	q := backend.DevRequest{Folder: folder, Name: "x", Record: true}
	if _, err := h.Dev(t.Context(), q); !fault.Is(err, fault.Denied) {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(filepath.Join(elsewhere, "x.json"), []byte(`{"version":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	q.Record, q.Replay = false, true
	if _, err := h.Dev(t.Context(), q); !fault.Is(err, fault.Denied) {
		t.Errorf("%v", err)
	}
	for _, name := range []string{"../x", "a/b", "", ".x"} {
		q.Name = name
		if _, err := h.Dev(t.Context(), q); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
