package backend_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pie/backend"
	"pie/backend/paths"
	"pie/backend/plugin"
	"pie/backend/secret"
)

// pageAddress is the API address in the page's full example.
const pageAddress = "https://api.github.com/user/repos"

// stage is a home with one agent, which is a client of one server. Agent and
// client have the same name.
type stage struct {
	*home
	server *authServer
	client oauthClient
	port   int // of the loopback redirect address
	log    *logBuffer
	close  func() error

	kind     string                                       // of redirect, for the next sign-in
	turnBack bool                                         // by a link of the service's page, where its pages have no such button
	allow    bool                                         // what the person will answer
	deliver  func(ctx context.Context, link string) error // how the callback address comes back

	people sync.WaitGroup
	link   string // the last callback address
	answer error  // what its delivery brought
}

// newStage registers a client of its own, installs the agent and sets its secrets.
func newStage(t *testing.T, server *authServer, name, kind string, change func(*oauthClient)) *stage {
	t.Helper()
	s := &stage{server: server, port: freePort(t), log: &logBuffer{}, kind: kind, allow: true}
	s.client = oauthClient{ID: name, Secret: "+secret/of " + name + "%", Redirect: s.redirect(name), Web: kind == "paste"}
	if change != nil {
		change(&s.client)
	}
	server.register(t, s.client)
	s.open(t, t.TempDir())
	s.install(t, backend.Source{Name: s.writeAgent(t)})
	for key, value := range map[string]string{"REPOS_CLIENT_ID": s.client.ID, "REPOS_CLIENT_SECRET": s.client.Secret} {
		if value == "" {
			continue
		}
		if err := s.SetSecret(t.Context(), name, key, secret.New(value)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// redirect is the address to register: what the documentation tells authors.
func (s *stage) redirect(agent string) string {
	path := "/api/oauth/plugin/" + agent + "/callback"
	switch s.kind {
	case "loopback":
		return "http://127.0.0.1:" + strconv.Itoa(s.port) + path
	case "paste":
		return "https://localhost" + path
	}
	return "app.pie.desktop:" + path
}

// open opens the home in dir with a browser that answers at once.
func (s *stage) open(t *testing.T, dir string) {
	t.Helper()
	b, err := backend.Open(t.Context(), backend.Options{
		Paths: paths.In(dir),
		Env:   paths.Environment{KeySource: "keyfile", KeyFile: filepath.Join(dir, "key"), TimeZone: "Europe/Berlin", LoopbackPort: s.port},
		Log:   slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		OpenURL: func(ctx context.Context, url string) error {
			ctx = context.WithoutCancel(ctx)
			s.people.Go(func() { s.visit(ctx, url) })
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.home, s.close, s.deliver = &home{Backend: b, dir: dir}, sync.OnceValue(b.Close), s.handIn
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
}

// writeAgent writes the agent: the page's full example to the letter, but for the
// address of the API.
func (s *stage) writeAgent(t *testing.T) string {
	t.Helper()
	samples, err := plugin.Samples()
	if err != nil {
		t.Fatal(err)
	}
	code, err := fs.ReadFile(samples, "github-repos/agent.js")
	if err != nil || bytes.Count(code, []byte(pageAddress)) != 1 {
		t.Fatalf("the page's example has changed: %v", err)
	}
	code = bytes.Replace(code, []byte(pageAddress), []byte(s.server.origin+"/api/repos"), 1)
	manifest, err := json.Marshal(s.manifest())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), s.client.ID)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"agent.js": code, "manifest.json": manifest} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// manifest has the keys of the page. OpenID Connect gives no refresh token
// without the consent prompt (Core 1.0, section 11).
func (s *stage) manifest() map[string]any {
	block := map[string]any{
		"provider": "custom", "providerName": "Repositories",
		"authorizationUrl": s.server.metadata.Authorization, "tokenUrl": s.server.metadata.Token,
		"userInfoUrl": s.server.metadata.UserInfo, "revokeUrl": s.server.metadata.Revocation,
		"scopes":         []string{"openid", "email", "offline_access"},
		"clientIdSecret": "REPOS_CLIENT_ID", "clientSecretSecret": "REPOS_CLIENT_SECRET",
		"issuer": s.server.metadata.Issuer, "authorizationParams": map[string]string{"prompt": "consent"},
	}
	if s.client.Device {
		block["deviceAuthorizationUrl"] = s.server.metadata.Device
	}
	secrets := map[string]any{
		"REPOS_CLIENT_ID":     map[string]any{"description": "OAuth Client ID", "required": true},
		"REPOS_CLIENT_SECRET": map[string]any{"description": "OAuth Client Secret", "required": true},
	}
	if s.client.Secret == "" {
		block["tokenAuth"] = "none"
		delete(block, "clientSecretSecret")
		delete(secrets, "REPOS_CLIENT_SECRET")
	}
	return map[string]any{
		"name": s.client.ID, "displayName": "Repositories", "description": "Lists repositories.", "tier": "connector",
		"version": "1.0.0", "oauth": block, "developerSecrets": secrets,
	}
}

// given counts the ports that freePort has given away.
var given atomic.Int64

// freePort is below the ports that systems give to callers, so that nobody takes
// it by chance before it is used, and given away once.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 20000 + (os.Getpid()*97+int(given.Add(1)))%10000
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:"+strconv.Itoa(port))
		if err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

// logBuffer is a log in memory.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write appends.
func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
