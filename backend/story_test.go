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
	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/paths"
	"pie/backend/patience"
	"pie/backend/plugin"
	"pie/backend/practice"
)

// home is a backend over a folder that ends with the test.
type home struct {
	*backend.Backend
	dir  string
	open func(url string) // plays the person in front of the browser
}

func newHome(tb testing.TB, dir string) *home {
	tb.Helper()
	h := &home{dir: dir}
	b, err := backend.Open(tb.Context(), backend.Options{
		Paths: paths.In(dir),
		Env:   paths.Environment{KeySource: "keyfile", KeyFile: filepath.Join(dir, "key"), TimeZone: "Europe/Berlin", LoopbackPort: 1},
		OpenURL: func(_ context.Context, url string) error {
			if h.open != nil {
				go h.open(url)
			}
			return nil
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	h.Backend = b
	tb.Cleanup(func() { _ = b.Close() })
	return h
}

// install installs with everything approved that the package asks for.
func (h *home) install(tb testing.TB, s backend.Source) *plugin.Package {
	tb.Helper()
	p, err := h.Load(tb.Context(), s)
	if err != nil {
		tb.Fatal(err)
	}
	approved := plugin.Approved{Hosts: p.NetworkHosts(), APIHosts: map[string][]string{}}
	for _, key := range p.ServiceKeys() {
		approved.APIHosts[key] = p.ServiceHosts(p.Services()[key])
	}
	if p, err = h.Install(tb.Context(), s, p.Hash, approved, false); err != nil {
		tb.Fatal(err)
	}
	return p
}

// consent lets the person allow scopes, and the callback come back as a link.
func (h *home) consent(t *testing.T, scopes []string) {
	t.Helper()
	h.open = func(url string) {
		link, err := practice.Consent(context.Background(), http.DefaultClient, url, scopes, true) //nolint:forbidigo // a test's person
		if err == nil {
			_, err = h.Connections.Callback(context.Background(), link)
		}
		if err != nil {
			t.Errorf("consenting: %v", err)
		}
	}
}

func (h *home) run(t *testing.T, input string) history.Run {
	t.Helper()
	run, err := h.Run(t.Context(), backend.RunRequest{Agent: "practice-notes", Input: json.RawMessage(input), Timeout: patience.Limit})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// consentAtOnce is for a server that asks nobody: it redirects at once.
func (h *home) consentAtOnce(t *testing.T) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	h.open = func(url string) {
		res, err := client.Get(url)
		if err == nil {
			_ = res.Body.Close()
			_, err = h.Connections.Callback(context.Background(), res.Header.Get("Location"))
		}
		if err != nil {
			t.Errorf("consenting: %v", err)
		}
	}
}

// connectTo signs in by the custom scheme.
func (h *home) connectTo(t *testing.T, agent string) {
	t.Helper()
	if _, err := h.Connections.Connect(t.Context(), connection.Request{Op: agent, Agent: agent, Redirect: "scheme"}); err != nil {
		t.Fatal(err)
	}
}

func (h *home) connect(t *testing.T, kind string) connection.Connection {
	t.Helper()
	c, err := h.Connections.Connect(t.Context(), connection.Request{Op: "op" + kind, Agent: "practice-notes", Redirect: kind})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheWholeStory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := newHome(t, dir)
	h.install(t, backend.Source{Name: "sample:practice-notes"})
	if run := h.run(t, `{}`); run.Status != history.RequiresAuth {
		t.Fatalf("before connecting: %+v", run)
	}
	h.consent(t, []string{"notes.read", "notes.write"})
	c := h.connect(t, "scheme")
	if c.Status != connection.Connected || c.Account == nil {
		t.Fatalf("%+v", c)
	}
	run := h.run(t, `{}`)
	if run.Status != history.OK || strings.Count(string(run.Result), `","`) != 2 || len(run.Requests) != 1 {
		t.Fatalf("%+v", run)
	}
	server, err := h.Practice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	server.Expire()
	if run := h.run(t, `{}`); run.Status != history.OK {
		t.Fatalf("after expiry: %+v", run.Error)
	}
	if got := server.Stats(); got.Refreshes != 1 || got.Replays != 0 {
		t.Errorf("%+v", got)
	}
	gone, err := h.Connections.Disconnect(t.Context(), "practice-notes", "default", "", false)
	if err != nil || gone.Revoked == nil || !*gone.Revoked {
		t.Fatalf("%+v %v", gone, err)
	}
	if live := server.Stats().Live; live != 0 {
		t.Errorf("%d grants live at the service", live)
	}
	if run := h.run(t, `{}`); run.Status != history.RequiresAuth {
		t.Errorf("after disconnecting: %+v", run)
	}
	rows, err := h.History.Audit("practice-notes", 10)
	if err != nil || len(rows) != 4 {
		t.Errorf("%+v, %v", rows, err) // whose account, a read, a 401, the read again
	}
}

func TestFewerScopesAreToldAndAskedForAgain(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	h.install(t, backend.Source{Name: "sample:practice-notes"})
	h.consent(t, []string{"notes.read"})
	if c := h.connect(t, "scheme"); c.Status != connection.NeedsMore || c.Problem == nil {
		t.Fatalf("%+v", c)
	}
	if run := h.run(t, `{"action":"add","text":"x"}`); run.Status != history.Failed {
		t.Errorf("%+v", run)
	}
	h.consent(t, []string{"notes.read", "notes.write"})
	if c := h.connect(t, "paste"); c.Status != connection.Connected {
		t.Errorf("%+v", c)
	}
	if run := h.run(t, `{"action":"add","text":"x"}`); run.Status != history.OK {
		t.Errorf("%+v", run.Error)
	}
}

func TestRunsThatCannotBegin(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	h.install(t, backend.Source{Name: "sample:daily-weather"})
	cases := map[string]struct {
		request backend.RunRequest
		code    fault.Code
		hint    string
	}{
		"unknown agent":  {backend.RunRequest{Agent: "nobody"}, fault.NotFound, "pie agent list"},
		"missing secret": {backend.RunRequest{Agent: "daily-weather"}, fault.Conflict, "pie secret set daily-weather WEATHER_API_KEY"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := h.Run(t.Context(), c.request)
			if !fault.Is(err, c.code) || !strings.Contains(fault.Public(err).Hint, c.hint) {
				t.Errorf("%+v", fault.Public(err))
			}
		})
	}
	runs, err := h.Runs("", 10)
	if err != nil || len(runs) != 0 {
		t.Errorf("%d runs, %v", len(runs), err)
	}
}

func TestRemoveLeavesHistoryOnly(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	h.install(t, backend.Source{Name: "sample:practice-notes"})
	h.consent(t, []string{"notes.read"})
	h.connect(t, "scheme")
	h.run(t, `{}`)
	gone, err := h.Remove(t.Context(), "practice-notes")
	if err != nil || len(gone) != 1 || gone[0].Revoked == nil || !*gone[0].Revoked {
		t.Fatalf("%+v %v", gone, err)
	}
	if _, _, err := h.Agents.Get("practice-notes"); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
	if runs, err := h.Runs("practice-notes", 10); err != nil || len(runs) != 1 {
		t.Errorf("%d runs, %v", len(runs), err)
	}
	if entries, err := os.ReadDir(filepath.Join(h.dir, "data", "agents")); err != nil || len(entries) != 0 {
		t.Errorf("%v %v", entries, err)
	}
}
