package main_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pie/backend/oauth/oauthtest"
)

// terminal is a home and the program as the terminal starts it.
type terminal struct {
	binary string
	env    []string
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	dir := t.TempDir()
	p := &terminal{binary: filepath.Join(dir, "pie")}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", p.binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	p.env = append(os.Environ(), "PIE_HOME="+filepath.Join(dir, "home"), "PIE_KEY_SOURCE=keyfile",
		"PIE_KEY_FILE="+filepath.Join(dir, "key"), "DBUS_SESSION_BUS_ADDRESS=disabled:")
	return p
}

func (p *terminal) command(t *testing.T, stdin string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), p.binary, args...)
	cmd.Env, cmd.Stdin = p.env, strings.NewReader(stdin)
	return cmd
}

func (p *terminal) must(t *testing.T, stdin string, args ...string) {
	t.Helper()
	if out, err := p.command(t, stdin, args...).CombinedOutput(); err != nil {
		t.Fatalf("pie %v: %v: %s", args, err, out)
	}
}

// connect signs in by the custom scheme: the link comes back through a second
// process.
func (p *terminal) connect(t *testing.T, agent string) {
	t.Helper()
	cmd := p.command(t, "", "connect", agent, "--redirect", "scheme", "--no-browser", "--json")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := json.NewDecoder(out)
	var event struct{ Event, URL string }
	if err := lines.Decode(&event); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(event.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	p.must(t, "", res.Header.Get("Location"))
	if err := lines.Decode(&event); err != nil || event.Event != "connected" {
		t.Fatalf("%+v %v", event, err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// TestEightRunsAtOnceRefreshOnce starts eight programs in one moment with a token
// that the API takes no more: one refresh, eight good runs.
func TestEightRunsAtOnceRefreshOnce(t *testing.T) {
	t.Parallel()
	p := newTerminal(t)
	grants := &oauthtest.Grants{Uses: 8}
	server := httptest.NewServer(grants)
	defer server.Close()
	file := filepath.Join(t.TempDir(), "crowd.pie")
	if err := os.WriteFile(file, []byte(grants.Package("crowd", server.URL, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	p.must(t, "", "agent", "install", file, "--yes")
	p.must(t, "client-id\n", "secret", "set", "crowd", "ID")
	p.connect(t, "crowd")
	for range 8 { // uses the first access token up
		p.must(t, "", "run", "crowd")
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if out, err := p.command(t, "", "run", "crowd", "--json").CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	all.Wait()
	if sends := grants.Sends(); len(sends) != 1 || sends["refresh-token-1"] != 1 {
		t.Errorf("refresh tokens sent: %v", sends)
	}
}
