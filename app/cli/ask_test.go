package cli_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"pie/app"
	"pie/backend"
	"pie/backend/connection"
	"pie/backend/paths"
	"pie/backend/practice"
)

// signedIn installs the practice agent and connects it, as a person would.
func signedIn(t *testing.T) {
	t.Helper()
	env, err := paths.Env()
	if err != nil {
		t.Fatal(err)
	}
	home, err := paths.Default()
	if err != nil {
		t.Fatal(err)
	}
	var a *app.App
	a, err = app.Open(context.Background(), backend.Options{
		Paths: home, Env: env,
		OpenURL: func(ctx context.Context, address string) error {
			link, err := practice.Consent(ctx, &http.Client{}, address, nil, true)
			if err == nil {
				_, err = a.Connections.Callback(app.CallbackRequest{Link: link})
			}
			return err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	if _, err := a.Connections.Connect(app.ConnectRequest{Op: "1", Agent: "practice-notes", Redirect: "paste"}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Connections.SetAccess(app.AccessRequest{Agent: "practice-notes", Access: connection.AccessAsk}); err != nil {
		t.Fatal(err)
	}
}

// TestRunAsks: at a terminal a connection that asks does, and the run goes on
// with the answer.
func TestRunAsks(t *testing.T) {
	t.Setenv("PIE_KEY_SOURCE", "keyfile")
	atHome(t)
	if code, _, said := (person{}).at(t, "agent", "install", "sample:practice-notes", "--yes"); code != 0 {
		t.Fatal(said)
	}
	signedIn(t)
	add := []string{"run", "practice-notes", "--input", `{"action":"add","text":"milk"}`}
	code, out, said := person{types: "n\n"}.at(t, add...)
	if code != 3 || !strings.Contains(said, "Send it? [y/N]") || !strings.Contains(said, "POST http://127.0.0.1") || !strings.Contains(said, "milk") {
		t.Errorf("no: %d\n%s%s", code, out, said)
	}
	if _, out, _ := (person{}).at(t, "run", "practice-notes"); strings.Contains(out, "milk") {
		t.Errorf("sent all the same: %s", out)
	}
	code, out, said = person{types: "y\n"}.at(t, add...)
	if code != 0 || !strings.Contains(said, "Send it? [y/N]") {
		t.Errorf("yes: %d\n%s%s", code, out, said)
	}
	if _, out, _ := (person{}).at(t, "run", "practice-notes"); !strings.Contains(out, "milk") {
		t.Errorf("not sent: %s", out)
	}
	if code, out, said := (person{}).at(t, "outbox", "list", "--json"); code != 0 || strings.TrimSpace(out) != "[]" {
		t.Errorf("left: %d %s%s", code, out, said)
	}
}
