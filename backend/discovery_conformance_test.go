package backend_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"pie/backend"
	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth/oauthtest"
	"pie/backend/secret"
)

// TestDiscoveryConformance: a manifest names nothing but the issuer. The program finds
// the addresses, registers itself, signs in, and takes the registration back.
func TestDiscoveryConformance(t *testing.T) {
	t.Parallel()
	server := startNode(t)
	for name, kind := range map[string]string{"self-by-scheme": "scheme", "self-by-loopback": "loopback"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSelf(t, server, name, kind)
			c := s.selfConnect(t)
			if c.Status != connection.Connected || c.Account == nil || c.Account.Label != "ada@example.test" {
				t.Fatalf("%+v", c)
			}
			client := s.clientID(t)
			s.client.ID = client // the server's records go by it
			if !known(t, server, client) || len(server.issued(t, client)) != 1 || server.issued(t, client)[0].Verifier == "" {
				t.Fatalf("client %s: %+v", client, server.issued(t, client))
			}
			server.expire(t, client)
			run, err := s.Run(t.Context(), backend.RunRequest{Agent: name})
			if err != nil || run.Status != "ok" || len(server.issued(t, client)) != 2 {
				t.Fatalf("%+v %v", run, err)
			}
			if again := s.selfConnect(t); again.ID != c.ID || s.clientID(t) != client {
				t.Errorf("a working connection got another client: %+v", again)
			}
			s.mustHideFrom(t, client)
			gone, err := s.Connections.Disconnect(t.Context(), name, "default", "", false)
			if err != nil || gone.Revoked == nil || !*gone.Revoked || known(t, server, client) {
				t.Errorf("%+v %v; the client is known: %v", gone, err, known(t, server, client))
			}
		})
	}
	t.Run("forgotten", func(t *testing.T) {
		t.Parallel()
		s := newSelf(t, server, "self-forgotten", "scheme")
		s.selfConnect(t)
		client := s.clientID(t)
		if _, err := s.Connections.Disconnect(t.Context(), "self-forgotten", "default", "", true); err != nil {
			t.Fatal(err)
		}
		if !known(t, server, client) {
			t.Error("the service was told")
		}
		if service, err := s.Service(t.Context(), "self-forgotten", "default"); err != nil || service.Client.ID != "" {
			t.Errorf("the client is still here: %+v %v", service.Client, err)
		}
	})
}

// TestRegistrationOfAFile: a provider's file that says where to register makes an app
// needless, until the person keeps one.
func TestRegistrationOfAFile(t *testing.T) {
	t.Parallel()
	server := startNode(t)
	s := &stage{server: server, port: freePort(t), log: &logBuffer{}, kind: "scheme", allow: true, client: oauthClient{ID: "by-file", Secret: "x"}}
	file := fmt.Sprintf(`schema: 1
id: node
name: Node
endpoints: {issuer: %q, authorization: %q, token: %q, revocation: {url: %q, method: rfc7009}, registration: %q}
client: {auth: [none, post]}
pkce: {mode: required}
redirect: {custom_scheme: true}
params: {authorize: {prompt: consent}}
scopes: {separator: " "}
api: {hosts: [%q]}
identity: {url: %q, id: /sub, label: [/email]}
lifetime: {refresh: rotates}
checked: listed
`, server.metadata.Issuer, server.metadata.Authorization, server.metadata.Token, server.metadata.Revocation, server.origin+"/reg", server.origin, server.metadata.UserInfo)
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "config", "providers"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "config", "providers", "node.yaml"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	s.open(t, dir)
	folder := s.writeAgent(t)
	manifest := s.manifest()
	manifest["oauth"] = map[string]any{
		"provider": "node", "scopes": []string{"openid", "email", "offline_access"},
		"clientIdSecret": "REPOS_CLIENT_ID", "clientSecretSecret": "REPOS_CLIENT_SECRET",
	}
	raw, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "manifest.json"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	s.install(t, backend.Source{Name: folder})
	if _, err := s.Connections.Connect(t.Context(), connection.Request{Agent: "by-file"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("before it is registered: %v", err)
	}
	c := s.selfConnect(t)
	client := s.clientID(t)
	if c.Status != connection.Connected || !known(t, server, client) {
		t.Fatalf("%+v", c)
	}
	if _, err := s.Connections.Disconnect(t.Context(), "by-file", "default", "", false); err != nil || known(t, server, client) {
		t.Errorf("%v; the client is known: %v", err, known(t, server, client))
	}
	for key, value := range map[string]string{"REPOS_CLIENT_ID": "mine", "REPOS_CLIENT_SECRET": "secret"} {
		if err := s.SetSecret(t.Context(), "by-file", key, secret.New(value)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Prepare(t.Context(), connection.Request{Agent: "by-file"}); err != nil || s.clientID(t) != "mine" {
		t.Errorf("an app of one's own: %v, %s", err, s.clientID(t))
	}
}

// newSelf installs an agent that names the issuer alone.
func newSelf(t *testing.T, server *authServer, name, kind string) *stage {
	t.Helper()
	s := &stage{server: server, port: freePort(t), log: &logBuffer{}, kind: kind, allow: true, client: oauthClient{ID: name}}
	s.open(t, t.TempDir())
	dir := s.writeAgent(t)
	manifest := s.manifest()
	manifest["oauth"] = map[string]any{
		"provider": "custom", "issuer": server.metadata.Issuer, "scopes": []string{"openid", "email", "offline_access"},
		"authorizationParams": map[string]string{"prompt": "consent"},
	}
	delete(manifest, "developerSecrets")
	raw, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	s.install(t, backend.Source{Name: dir})
	return s
}

// selfConnect signs in as the app does.
func (s *stage) selfConnect(t *testing.T) connection.Connection {
	t.Helper()
	agent := s.agentName(t)
	q := connection.Request{Agent: agent, Redirect: s.kind}
	if err := s.Prepare(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	c, err := s.Connections.Connect(t.Context(), q)
	s.people.Wait()
	if err != nil || s.answer != nil {
		t.Fatalf("%v; the person saw: %v", err, s.answer)
	}
	return c
}

func (s *stage) agentName(t *testing.T) string {
	t.Helper()
	names, err := s.Agents.List()
	if err != nil || len(names) != 1 {
		t.Fatalf("%v %v", names, err)
	}
	return names[0]
}

func (s *stage) clientID(t *testing.T) string {
	t.Helper()
	service, err := s.Service(t.Context(), s.agentName(t), "default")
	if err != nil || service.Client.ID == "" {
		t.Fatalf("%+v %v", service.Client, err)
	}
	return service.Client.ID
}

// mustHideFrom expects that no file holds what belongs to the registration alone.
func (s *stage) mustHideFrom(t *testing.T, client string) {
	t.Helper()
	for _, each := range s.server.issued(t, client) {
		for _, name := range []string{"pie.db", "audit.db"} {
			raw, err := os.ReadFile(filepath.Join(s.dir, "data", name))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(raw, []byte(each.Access)) || bytes.Contains(raw, []byte(each.Refresh)) || bytes.Contains(raw, []byte("registration_access_token")) {
				t.Errorf("%s holds a secret", name)
			}
		}
	}
}

func known(t *testing.T, server *authServer, client string) bool {
	t.Helper()
	raw, err := json.Marshal(map[string]string{"client": client})
	if err != nil {
		t.Fatal(err)
	}
	return call(t, http.MethodPost, server.origin+"/control/known", "application/json", bytes.NewReader(raw), nil) == http.StatusOK
}

// TestIssuerMoves: an issuer that names another host than before gets no sign-in,
// not even when it is asked again.
func TestIssuerMoves(t *testing.T) {
	t.Parallel()
	var place atomic.Value
	place.Store("https://a.example")
	var origin string
	server := oauthtest.Alone(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			w.WriteHeader(http.StatusCreated)
			_, _ = fmt.Fprint(w, `{"client_id":"me"}`)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{
			"issuer": origin, "authorization_endpoint": place.Load().(string) + "/authorize", "token_endpoint": origin + "/token", "registration_endpoint": origin + "/register",
		})
	}))
	origin = server.URL
	s := newSelf(t, &authServer{origin: origin, metadata: endpoints{Issuer: origin}}, "self-moves", "scheme")
	q := connection.Request{Agent: "self-moves", Redirect: "scheme"}
	if err := s.Prepare(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	place.Store("https://evil.example")
	for range 2 {
		if err := s.Prepare(t.Context(), q); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "evil.example") {
			t.Errorf("got %v", err)
		}
	}
	service, err := s.Service(t.Context(), "self-moves", "default")
	if err != nil || service.Provider.Endpoints.Authorization != "https://a.example/authorize" || service.Client.ID != "me" {
		t.Errorf("%+v %v", service.Provider.Endpoints, err)
	}
	server.Close()
	if err := s.Prepare(t.Context(), q); !fault.Is(err, fault.Offline) {
		t.Errorf("an issuer that is gone: %v", err)
	}
}
