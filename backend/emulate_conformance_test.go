package backend_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pie/backend"
	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth/oauthtest"
	"pie/backend/secret"
)

// emulated is a service of the catalogue that emulate stands in for. The person's
// file is the built-in one with other addresses, so its quirks are those of the
// catalogue.
type emulated struct {
	id        string
	addresses map[string]string // of the built-in file, and the path at the emulator
	api       string            // what the agent asks for, by GET unless there is a body
	body      string
	scopes    []string
	refreshes bool // a refresh token is given
	rotates   bool
	revoked   *bool // what disconnecting tells
}

func emulatedServices() []emulated {
	yes, no := true, false
	return []emulated{
		{
			id: "github", api: "/user", scopes: []string{"read:user"}, revoked: &no, // it has no such address
			addresses: map[string]string{
				"https://github.com/login/oauth/authorize": "/login/oauth/authorize", "https://github.com/login/oauth/access_token": "/login/oauth/access_token",
				"https://api.github.com/applications/{client_id}/token": "/applications/{client_id}/token", "https://api.github.com/user": "/user",
			},
		},
		{
			id: "google", api: "/oauth2/v2/userinfo", scopes: []string{"openid", "email"}, refreshes: true, revoked: &yes,
			addresses: map[string]string{
				"https://accounts.google.com/o/oauth2/v2/auth": "/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token": "/oauth2/token",
				"https://oauth2.googleapis.com/revoke": "/oauth2/revoke", "https://openidconnect.googleapis.com/v1/userinfo": "/oauth2/v2/userinfo",
			},
		},
		{
			id: "slack", api: "/api/auth.test", body: "{}", scopes: []string{"users:read"}, revoked: &no,
			addresses: map[string]string{
				"https://slack.com/oauth/v2/authorize": "/oauth/v2/authorize", "https://slack.com/api/oauth.v2.access": "/api/oauth.v2.access",
				"https://slack.com/api/auth.revoke": "/api/auth.revoke", "https://slack.com/api/auth.test": "/api/auth.test",
			},
		},
		{
			id: "microsoft", api: "/v1.0/me", scopes: []string{"User.Read"}, refreshes: true, rotates: true,
			addresses: map[string]string{
				"https://login.microsoftonline.com/common/oauth2/v2.0/authorize": "/oauth2/v2.0/authorize",
				"https://login.microsoftonline.com/common/oauth2/v2.0/token":     "/oauth2/v2.0/token",
				"https://graph.microsoft.com/oidc/userinfo":                      "/oidc/userinfo",
			},
		},
		{
			id: "linear", api: "/graphql", body: `{"query":"{ viewer { id email } }"}`, scopes: []string{"read", "write"}, refreshes: true, rotates: true,
			revoked: &yes,
			addresses: map[string]string{
				"https://linear.app/oauth/authorize": "/oauth/authorize", "https://api.linear.app/oauth/token": "/oauth/token",
				"https://api.linear.app/oauth/revoke": "/oauth/revoke", "https://api.linear.app/graphql": "/graphql",
			},
		},
	}
}

const emulatedSecret = "a+secret/of=it"

// TestEmulate goes with each service what it offers, right and wrong.
func TestEmulate(t *testing.T) {
	t.Parallel()
	ports := map[string]int{} // of each agent: two that sign in at once must not share one
	var clients []map[string]any
	for _, e := range emulatedServices() {
		var redirects []string
		for _, agent := range []string{e.id + "-right", e.id + "-denied", e.id + "-wrong"} {
			path, port := "/api/oauth/plugin/"+agent+"/callback", freePort(t)
			ports[agent] = port
			redirects = append(redirects, "app.pie.desktop:"+path, "http://127.0.0.1:"+strconv.Itoa(port)+path, "http://localhost:"+strconv.Itoa(port)+path)
		}
		clients = append(clients, map[string]any{"service": e.id, "id": e.id + "-client", "secret": emulatedSecret, "redirects": redirects})
	}
	raw, err := json.Marshal(map[string]any{"clients": clients})
	if err != nil {
		t.Fatal(err)
	}
	var origins map[string]string
	if err := json.Unmarshal([]byte(oauthtest.Node(t, nodeFolder, "emulate", "emulate.mjs", string(raw))), &origins); err != nil {
		t.Fatal(err)
	}
	for _, e := range emulatedServices() {
		t.Run(e.id, func(t *testing.T) {
			t.Parallel()
			mustStayInside(t, origins[e.id])
			watched := watch(t, origins[e.id])
			t.Run("right", func(t *testing.T) {
				t.Parallel()
				e.right(t, e.stage(t, watched, "right", ports[e.id+"-right"], emulatedSecret))
			})
			t.Run("denied", func(t *testing.T) {
				t.Parallel()
				e.denied(t, e.stage(t, watched, "denied", ports[e.id+"-denied"], emulatedSecret))
			})
			t.Run("wrong secret", func(t *testing.T) {
				t.Parallel()
				s := e.stage(t, watched, "wrong", ports[e.id+"-wrong"], "another")
				_, err := s.signInAs(t, true)
				if !fault.Is(err, fault.Denied) || s.listed(t).Status != connection.NotConnected {
					t.Errorf("got %v, %+v", err, s.listed(t))
				}
			})
		})
	}
}

// watched is an emulator behind a proxy that keeps what the token address said.
type watched struct {
	*httptest.Server
	mu      sync.Mutex
	answers []map[string]any
	forms   []url.Values
}

func watch(t *testing.T, origin string) *watched {
	t.Helper()
	target, err := url.Parse(origin)
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{}
	proxy := httputil.NewSingleHostReverseProxy(target)
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		form, _ := url.ParseQuery(string(body))
		if r.URL.Path == "/api/auth.test" {
			r.Method = http.MethodPost // Slack takes a GET as well
		}
		if form.Get("grant_type") == "" {
			proxy.ServeHTTP(rw, r)
			return
		}
		answer := httptest.NewRecorder()
		proxy.ServeHTTP(answer, r)
		var object map[string]any
		_ = json.Unmarshal(answer.Body.Bytes(), &object)
		w.mu.Lock()
		w.answers, w.forms = append(w.answers, object), append(w.forms, form)
		w.mu.Unlock()
		rw.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		rw.WriteHeader(answer.Code)
		if object["expires_in"] != nil && form.Get("grant_type") == "authorization_code" {
			object["expires_in"] = 2 // the emulators take a token for good, whatever its life
			_ = json.NewEncoder(rw).Encode(object)
			return
		}
		_, _ = rw.Write(answer.Body.Bytes())
	}))
	t.Cleanup(func() { w.CloseClientConnections(); w.Close() })
	return w
}

// of are the token requests of one agent, which its redirect address or its refresh
// tokens tell, and their answers.
func (w *watched) of(agent string) (forms []url.Values, answers []map[string]any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var refresh []string
	for i, form := range w.forms {
		if strings.Contains(form.Get("redirect_uri"), "/"+agent+"/") || slices.Contains(refresh, form.Get("refresh_token")) && form.Has("refresh_token") {
			forms, answers = append(forms, form), append(answers, w.answers[i])
			if text, ok := w.answers[i]["refresh_token"].(string); ok {
				refresh = append(refresh, text)
			}
		}
	}
	return forms, answers
}

var hostsLine = regexp.MustCompile(`(?ms)^  hosts:.*?(\n(  [a-z_]+:|[a-z]+:))`)

// stage is a home with the person's own file for the service, and an agent that uses it.
func (e emulated) stage(t *testing.T, w *watched, part string, port int, value string) *stage {
	t.Helper()
	raw, err := os.ReadFile("provider/catalog/" + e.id + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := hostsLine.ReplaceAllString(string(raw), `  hosts: ["`+w.URL+`"]$1`)
	file = regexp.MustCompile(`, paths: \[[^\]]*\]`).ReplaceAllString(file, "")
	for from, to := range e.addresses {
		if !strings.Contains(file, from) {
			t.Fatalf("%s is no address of %s any more", from, e.id)
		}
		file = regexp.MustCompile(regexp.QuoteMeta(from)+`(["},\s])`).ReplaceAllString(file, strings.ReplaceAll(w.URL+to, "$", "$$")+"$1")
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "config", "providers"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "config", "providers", e.id+".yaml"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &stage{server: &authServer{origin: w.URL, watched: w}, port: port, log: &logBuffer{}, allow: true, client: oauthClient{ID: e.id + "-" + part, Secret: value}}
	s.open(t, dir)
	s.install(t, backend.Source{Name: e.agent(t, s.client.ID, w.URL)})
	for key, value := range map[string]string{"CLIENT_ID": e.id + "-client", "CLIENT_SECRET": value} {
		if err := s.SetSecret(t.Context(), s.client.ID, key, secret.New(value)); err != nil {
			t.Fatal(err)
		}
	}
	service, err := s.Service(t.Context(), s.client.ID, "default")
	if err != nil {
		t.Fatal(err)
	}
	s.kind = "scheme" // no port that two stages would want
	if !slices.Contains(service.Provider.RedirectKinds(), "scheme") {
		s.kind = "loopback"
		s.deliver = func(ctx context.Context, link string) error { _, err := s.Connections.Callback(ctx, link); return err }
	}
	return s
}

// agent writes one that asks for one address and returns what came.
func (e emulated) agent(t *testing.T, name, origin string) string {
	t.Helper()
	manifest, err := json.Marshal(map[string]any{
		"name": name, "displayName": "Emulated", "description": "Asks who you are.", "tier": "connector", "version": "1.0.0",
		"oauth":            map[string]any{"provider": e.id, "scopes": e.scopes, "clientIdSecret": "CLIENT_ID", "clientSecretSecret": "CLIENT_SECRET"},
		"developerSecrets": map[string]any{"CLIENT_ID": map[string]any{"required": true}, "CLIENT_SECRET": map[string]any{"required": true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	options := "{}"
	if e.body != "" {
		options = fmt.Sprintf(`{ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: %q }`, e.body)
	}
	code := fmt.Sprintf(`module.exports = { handler: async (input, context) => {
	const r = await context.oauth.fetch(%q, %s);
	return { status: r.status, text: await r.text() };
} };`, origin+e.api, options)
	dir := filepath.Join(t.TempDir(), name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string]string{"agent.js": code, "manifest.json": string(manifest)} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
