package connection_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/oauth/oauthtest"
	"pie/backend/provider"
)

// TestTokensStayWithTheirServer: an update of the agent points the service to
// another server, which gets neither the access nor the refresh token.
func TestTokensStayWithTheirServer(t *testing.T) {
	t.Parallel()
	evil := oauthtest.New(t)
	hosts, err := provider.ParseHosts([]string{evil.URL})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*connection.Service)
		revoke string
	}{
		"token address": {func(s *connection.Service) { s.Provider.Endpoints.Token = evil.URL + "/token" }, "another service"},
		"provider":      {func(s *connection.Service) { s.Provider.ID = "another" }, "another service"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			w.agents.change("mail", "default", func(s *connection.Service) {
				c.change(s)
				s.Hosts = hosts
				s.Provider.Endpoints.Revocation.URL = evil.URL + "/revoke"
				s.Provider.Identity.URL = evil.URL + "/userinfo"
			})
			if _, err := w.m.Check(context.Background(), "mail", "default", ""); err != nil {
				t.Error(err)
			}
			_, err := w.fetch(connection.Call{URL: evil.URL + "/api"})
			wantCode(t, err, fault.Reconnect)
			w.agree(fault.Reconnect)
			before, err := w.agents.Service(context.Background(), "mail", "default")
			if err != nil {
				t.Fatal(err)
			}
			w.add("mail", "default", "client-mail") // the update is taken back
			w.agree("")
			w.get()
			w.agents.change("mail", "default", func(s *connection.Service) { *s = before })
			if ok, err := w.session().Connected(context.Background(), "default"); ok || err != nil {
				t.Errorf("connected to another service: %v", err)
			}
			done, err := w.m.Disconnect(context.Background(), "mail", "default", "", false)
			if err != nil || done.Revoked != nil || !strings.Contains(done.Detail, c.revoke) {
				t.Errorf("got %+v, %v", done, err)
			}
			if n := len(evil.Requests()); n != 0 {
				t.Errorf("%d requests reached the other server", n)
			}
		})
	}
}

func TestClientChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.agents.change("mail", "default", func(s *connection.Service) { s.NeedsName, s.Client = "CLIENT_ID", oauth.Client{} })
	w.get() // the access token is still good
	w.clock.advance(2 * time.Hour)
	_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Conflict)
	w.agree("")
	w.agents.change("mail", "default", func(s *connection.Service) { s.NeedsName, s.Client.ID = "", "another" })
	_, err = w.fetch(connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Reconnect)
	if n := len(w.sent()); n != 0 {
		t.Errorf("%d sendings", n)
	}
	w.agree(fault.Reconnect)
}

// TestAccessChangedWhileRefreshing: a refresh does not undo what a person does.
func TestAccessChangedWhileRefreshing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	w.service.set(func() {
		w.service.atToken = func(http.ResponseWriter, *http.Request) bool {
			if _, err := w.m.SetAccess("mail", "default", "", connection.AccessRead); err != nil {
				t.Error(err)
			}
			return false
		}
	})
	w.get()
	if got := w.state(); got.Access != connection.AccessRead || got.Refreshes != 1 {
		t.Errorf("got %s", describe(got))
	}
}
