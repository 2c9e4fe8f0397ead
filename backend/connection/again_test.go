package connection_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth/oauthtest"
)

// TestSignInAgain: every way a server says that a grant is over, and what sounds
// like it and is not.
func TestSignInAgain(t *testing.T) {
	t.Parallel()
	const ended, stays = fault.Reconnect, fault.Denied
	cases := map[string]struct {
		status int
		body   string
		code   fault.Code // of the request
	}{
		"invalid_grant":         {400, `{"error":"invalid_grant"}`, ended},
		"invalid_grant by 401":  {401, `{"error":"invalid_grant"}`, ended},
		"invalid_grant by 200":  {200, `{"error":"invalid_grant"}`, ended},
		"as a form":             {200, `error=bad_refresh_token&error_description=x`, ended},
		"unauthorized_client":   {400, `{"error":"unauthorized_client"}`, ended},
		"invalid_refresh_token": {200, `{"ok":false,"error":"invalid_refresh_token"}`, ended},
		"token_expired":         {400, `{"error":"token_expired"}`, ended},
		"token_revoked":         {400, `{"error":"token_revoked"}`, ended},
		"expired_token":         {400, `{"error":"expired_token"}`, ended},
		"invalid_token":         {401, `{"error":"invalid_token"}`, ended},
		"interaction_required":  {400, `{"error":"interaction_required"}`, ended},
		"login_required":        {400, `{"error":"login_required"}`, ended},
		"consent_required":      {400, `{"error":"consent_required"}`, ended},
		"in words":              {400, `{"error":"Bad Request","status":400,"message":"Invalid refresh token"}`, ended},
		"in a status":           {400, `{"status":"BAD_REFRESH_TOKEN","message":"missing or unknown"}`, ended},
		"in a list":             {400, `{"message":"Bad Request","errors":[{"resource":"RefreshToken","field":"refresh_token","code":"invalid"}]}`, ended},
		"in a description":      {400, `{"error":"invalid_request","error_description":"The refresh token is expired or revoked."}`, ended},
		"words of a client":     {401, `{"error":"invalid_client","error_description":"invalid refresh token"}`, stays},
		"words of another":      {400, `{"error":"Bad Request","message":"Invalid token for refresh"}`, stays},
		"words of something":    {400, `{"message":"a refresh token needs a client id"}`, stays},
		"invalid_client":        {401, `{"error":"invalid_client"}`, stays},
		"invalid_request":       {400, `{"error":"invalid_request"}`, stays},
		"invalid_scope":         {400, `{"error":"invalid_scope"}`, stays},
		"a bare 400":            {400, ``, stays},
		"a bare 401":            {401, ``, stays},
		"server_error":          {400, `{"error":"server_error"}`, fault.Offline},
		"temporarily":           {503, `{"error":"temporarily_unavailable"}`, fault.Offline},
		"grant inside a 500":    {500, `{"error":"invalid_grant"}`, fault.Offline},
		"slow_down":             {400, `{"error":"slow_down"}`, fault.Limited},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			w.clock.advance(2 * time.Hour)
			w.service.set(func() {
				w.service.atToken = func(rw http.ResponseWriter, r *http.Request) bool {
					oauthtest.Answer(c.status, "application/json", c.body)(rw, r)
					return true
				}
			})
			_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
			wantCode(t, err, c.code)
			got := w.state()
			if (got.Status == connection.NeedsReconnect) != (c.code == ended) || got.Problem == nil || got.Problem.Code != c.code || len(w.sent()) != 1 {
				t.Errorf("%d sendings, %s", len(w.sent()), describe(got))
			}
			w.service.set(func() { w.service.atToken = nil })
			w.clock.advance(time.Minute)
			if c.code != ended {
				w.get() // the token that was refused for another reason is still good
			}
		})
	}
}

// TestGoogleTesting: only at the age at which Google ends sign-ins of apps in
// Testing is that said to be the cause.
func TestGoogleTesting(t *testing.T) {
	t.Parallel()
	for hours, want := range map[int]bool{5 * 24: false, 6*24 - 1: false, 6*24 + 1: true, 7 * 24: true, 8*24 - 1: true, 8*24 + 1: false, 30 * 24: false} {
		for id, google := range map[string]bool{"google": true, "pretend": false} {
			t.Run(fmt.Sprintf("%s after %d hours", id, hours), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.agents.change("mail", "default", func(s *connection.Service) { s.Provider.ID = id })
				w.connect(connection.Request{})
				w.clock.advance(time.Duration(hours) * time.Hour)
				w.service.set(func() {
					for _, f := range w.service.refresh {
						f.dead = true
					}
				})
				_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
				wantCode(t, err, fault.Reconnect)
				if said := strings.Contains(fault.Public(err).Message, "is in Testing. Press Publish app at https://"); said != (want && google) {
					t.Errorf("got %v", fault.Public(err))
				}
			})
		}
	}
}

// TestServicesOfOneAgent: two services with two accounts each are four
// connections, and each request goes by its own.
func TestServicesOfOneAgent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add("mail", "calendar", "client-mail")
	w.agents.change("mail", "calendar", func(s *connection.Service) { s.Scopes = []string{"read"} })
	ids := map[string]string{}
	for _, service := range []string{"default", "calendar"} {
		for _, account := range []string{"work", "home"} {
			w.service.set(func() { w.service.account = service + "-" + account })
			c := w.connect(connection.Request{Service: service, Account: account})
			if ids[c.ID] = service + "-" + account; c.Account.ID != service+"-"+account {
				t.Errorf("%s of %s: %+v", account, service, c.Account)
			}
		}
	}
	for id, who := range ids {
		service, account, _ := strings.Cut(who, "-")
		session := w.m.Session(connection.RunRef{Agent: "mail", Account: account})
		var asked string
		w.service.set(func() {
			w.service.api = func(_ http.ResponseWriter, r *http.Request) { asked = w.service.familyOf(r).account }
		})
		if _, err := session.OAuthFetch(context.Background(), service, connection.Call{URL: w.url("/api/items")}); err != nil || asked != who {
			t.Errorf("%s went as %s: %v", who, asked, err)
		}
		if c, _, err := session.Connection(context.Background(), service); err != nil || c.ID != id {
			t.Errorf("%s is %+v: %v", who, c, err)
		}
	}
	// One that ends takes no other with it.
	if _, err := w.m.Disconnect(context.Background(), "mail", "calendar", "home", true); err != nil {
		t.Fatal(err)
	}
	list, err := w.m.List(context.Background(), "mail")
	if err != nil || len(list) != 3 || len(list[0].Scopes.Requested) != 1 || len(list[1].Scopes.Requested) != 2 {
		t.Errorf("left %+v, %v", list, err)
	}
}
