package connection_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/oauth/oauthtest"
	"pie/backend/provider"
	"pie/backend/secret"
)

const personal = "pt_AbCdEfGh1234567890"

// tokenService is an API that takes a personal token in a header of its own.
type tokenService struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	body   string
	seen   []http.Header
}

func newTokenService(t *testing.T, header, value string) *tokenService {
	t.Helper()
	s := &tokenService{status: http.StatusOK, body: `{"id":"7","name":"Ann"}`}
	s.Server = oauthtest.Alone(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.seen = append(s.seen, r.Header.Clone())
		if r.Header.Get(header) != value {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(s.status)
		_, _ = io.WriteString(w, s.body)
	}))
	return s
}

// at lets the agent mail use the service by a recipe.
func (s *tokenService) at(t *testing.T, w *world, recipe provider.Token) {
	t.Helper()
	hosts, err := provider.ParseHosts([]string{s.URL})
	if err != nil {
		t.Fatal(err)
	}
	w.agents.change("mail", "default", func(each *connection.Service) {
		each.Client, each.NeedsName, each.Hosts = oauth.Client{}, "CLIENT_ID", hosts
		each.Provider.Token, each.Provider.Response = recipe, provider.Response{Failure: provider.Failure{Pointer: "/ok", Equals: "false"}}
		each.Provider.Identity = provider.Identity{URL: s.URL + "/me", ID: "/id", Label: []string{"/name"}}
	})
}

// TestTokenRecipes: a personal token goes where its service looks for it, and
// nowhere else; no client is needed for it.
func TestTokenRecipes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		recipe        provider.Token
		header, value string
	}{
		"as from a sign-in": {provider.Token{}, "Authorization", "Bearer " + personal},
		"alone":             {provider.Token{Scheme: "none"}, "Authorization", personal},
		"another word":      {provider.Token{Scheme: "Token"}, "Authorization", "Token " + personal},
		"another header":    {provider.Token{Header: "X-Figma-Token"}, "X-Figma-Token", personal},
		"both":              {provider.Token{Header: "X-Key", Scheme: "Key"}, "X-Key", "Key " + personal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			s := newTokenService(t, c.header, c.value)
			s.at(t, w, c.recipe)
			connected, err := w.m.ConnectToken(context.Background(), connection.Request{Agent: "mail"}, secret.New(personal))
			if err != nil || connected.Kind != "token" || connected.Account == nil || connected.Account.Label != "Ann" || connected.Problem != nil {
				t.Fatalf("got %s, %v", describe(connected), err)
			}
			call := connection.Call{URL: s.URL + "/x", Headers: map[string]string{c.header: "the agent's own", "Authorization": "Bearer of-the-agent"}}
			if a, err := w.fetch(call); err != nil || !a.OK {
				t.Errorf("got %+v, %v", a, err)
			}
			for _, header := range s.seen {
				carrying := 0
				for _, values := range header {
					if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, personal) }) {
						carrying++
					}
					if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, "agent") }) {
						t.Errorf("the agent's own credential went out: %v", header)
					}
				}
				if carrying != 1 || header.Get(c.header) != c.value {
					t.Errorf("sent %v", header)
				}
			}
			other := newTokenService(t, c.header, c.value)
			_, err = w.fetch(connection.Call{URL: other.URL + "/x"})
			wantCode(t, err, fault.Denied)
			if len(other.seen) != 0 {
				t.Errorf("another host got %v", other.seen)
			}
		})
	}
}

// TestTokenTried: what the service says of a token decides whether it is kept.
func TestTokenTried(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status  int
		body    string
		code    fault.Code
		problem bool
	}{
		"good":                 {200, `{"id":"7"}`, "", false},
		"refused":              {401, ``, fault.Denied, false},
		"refused inside a 200": {200, `{"ok":false,"error":"invalid_auth"}`, fault.Denied, false},
		"may not say":          {403, `{}`, "", true},
		"says nothing":         {200, `{"errors":["no"]}`, "", true},
		"in trouble":           {502, ``, fault.Offline, false},
		"too often":            {429, ``, fault.Limited, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			s := newTokenService(t, "Authorization", "Bearer "+personal)
			s.status, s.body = c.status, c.body
			s.at(t, w, provider.Token{})
			got, err := w.m.ConnectToken(context.Background(), connection.Request{Agent: "mail"}, secret.New(personal))
			wantCode(t, err, c.code)
			if (got.Problem != nil) != c.problem {
				t.Errorf("got %s", describe(got))
			}
			list, err := w.m.List(context.Background(), "mail")
			if err != nil || (list[0].Status == connection.NotConnected) != (c.code != "") {
				t.Errorf("got %+v, %v", list, err)
			}
		})
	}
}

// TestTokenForms: what is no token is refused before anything is sent, and the
// fault tells nothing of it.
func TestTokenForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newTokenService(t, "Authorization", "none")
	s.at(t, w, provider.Token{})
	for name, text := range map[string]string{
		"empty": "", "two words": "canary two", "line break": "canary\n", "control": "canary\x01", "tab": "canary\t", "letters": "canaryé",
		"long": strings.Repeat("canary", 3000),
	} {
		_, err := w.m.ConnectToken(context.Background(), connection.Request{Agent: "mail"}, secret.New(text))
		if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Limited) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := w.m.ConnectToken(context.Background(), connection.Request{Agent: "mail", Account: "a/b"}, secret.New(personal))
	wantCode(t, err, fault.Invalid)
	_, err = w.m.ConnectToken(context.Background(), connection.Request{Agent: "nobody"}, secret.New(personal))
	wantCode(t, err, fault.NotFound)
	if len(s.seen) != 0 {
		t.Errorf("%d requests", len(s.seen))
	}
	s.Close()
	_, err = w.m.ConnectToken(context.Background(), connection.Request{Agent: "mail"}, secret.New(personal))
	wantCode(t, err, fault.Offline)
}

// TestTokenHealth: a token that is refused later needs the person; another takes
// its place, and keeps the connection's id.
func TestTokenHealth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newTokenService(t, "Authorization", "Bearer "+personal)
	s.at(t, w, provider.Token{})
	first, err := w.m.ConnectToken(context.Background(), connection.Request{Agent: "mail"}, secret.New(personal))
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.status = http.StatusUnauthorized
	s.mu.Unlock()
	if c, err := w.m.Check(context.Background(), "mail", "default", ""); err != nil || c.Status != connection.NeedsReconnect || c.Problem == nil {
		t.Errorf("got %s, %v", describe(c), err)
	}
	s.mu.Lock()
	s.status = http.StatusOK
	s.mu.Unlock()
	again, err := w.m.ConnectToken(context.Background(), connection.Request{Agent: "mail"}, secret.New(personal))
	if err != nil || again.ID != first.ID || again.Status != connection.Connected {
		t.Errorf("got %s, %v", describe(again), err)
	}
	done, err := w.m.Disconnect(context.Background(), "mail", "default", "", false)
	if err != nil || done.Revoked != nil || !strings.Contains(done.Detail, "personal token") {
		t.Errorf("got %+v, %v", done, err)
	}
}
