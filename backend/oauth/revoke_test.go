package oauth_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"pie/backend/oauth"
	"pie/backend/oauth/oauthtest"
	"pie/backend/provider"
	"pie/backend/secret"
)

// methods are those of the provider schema that ask something of a server.
func methods() []string {
	return []string{"rfc7009", "bearer-post", "bearer-delete", "access-token-post", "delete", "basic-json"}
}

// TestEveryMethodIsListed: the schema knows no method that these tests do not.
func TestEveryMethodIsListed(t *testing.T) {
	t.Parallel()
	_, list, found := strings.Cut(provider.Schema(), `"none", "rfc7009"`)
	list, _, _ = strings.Cut(list, "]")
	if n := strings.Count(list, ","); !found || n != len(methods())-1 {
		t.Errorf("the schema knows %d other methods: %s", n, list)
	}
	for _, method := range methods()[1:] {
		if !strings.Contains(list, `"`+method+`"`) {
			t.Errorf("the schema has no %s", method)
		}
	}
}

// TestRevokeBothTokens: the refresh token stands for the grant, and the access
// token goes after it (RFC 7009, section 2.1).
func TestRevokeBothTokens(t *testing.T) {
	t.Parallel()
	s := oauthtest.New(t)
	p := s.Provider()
	token := &oauth.Token{Access: secret.New("the-access"), Refresh: secret.New("the-refresh")}
	done := oauth.NewHTTP(oauth.HTTPOptions{}).Revoke(context.Background(), p, client, token)
	all := s.Requests()
	if done.Done == nil || !*done.Done || len(all) != 2 {
		t.Fatalf("got %+v, %d requests", done, len(all))
	}
	for i, want := range []string{"token=the-refresh&token_type_hint=refresh_token", "token=the-access&token_type_hint=access_token"} {
		if all[i].Method != http.MethodPost || !strings.Contains(all[i].Body, want) {
			t.Errorf("%d: %+v", i, all[i])
		}
	}
}

// TestRevokeNothing: where there is no way nothing is sent, and it is said where
// the person removes the access.
func TestRevokeNothing(t *testing.T) {
	t.Parallel()
	s := oauthtest.New(t)
	for _, revocation := range []provider.Revocation{{}, {Method: "none", URL: s.URL}, {Method: "rfc7009"}} {
		p := s.Provider()
		p.Endpoints.Revocation, p.Links.Manage = revocation, "https://test.example/apps"
		done := oauth.NewHTTP(oauth.HTTPOptions{}).Revoke(context.Background(), p, client, &oauth.Token{Access: secret.New("the-access")})
		if done.Done != nil || !strings.Contains(done.Detail, "no way") || !strings.Contains(done.Detail, p.Links.Manage) || len(s.Requests()) != 0 {
			t.Errorf("%+v: got %+v", revocation, done)
		}
	}
}

// TestRevokeUnconfirmed: whatever the server does but confirm, the person is told
// that the access may stand, and where to remove it; the tokens go nowhere else.
func TestRevokeUnconfirmed(t *testing.T) {
	t.Parallel()
	for name, behavior := range map[string]func(s *oauthtest.Server) http.HandlerFunc{
		"refused":         func(*oauthtest.Server) http.HandlerFunc { return says(400, "invalid_client") },
		"not there":       func(*oauthtest.Server) http.HandlerFunc { return oauthtest.Answer(404, "text/html", "<h1>no</h1>") },
		"trouble":         func(*oauthtest.Server) http.HandlerFunc { return says(503, "") },
		"no inside a 200": func(*oauthtest.Server) http.HandlerFunc { return says(200, "unsupported_token_type") },
		"elsewhere, 302":  func(s *oauthtest.Server) http.HandlerFunc { return s.Redirect(302) },
		"elsewhere, 307":  func(s *oauthtest.Server) http.HandlerFunc { return s.Redirect(307) },
		"elsewhere, 308":  func(s *oauthtest.Server) http.HandlerFunc { return s.Redirect(308) },
		"breaks off":      func(*oauthtest.Server) http.HandlerFunc { return oauthtest.Lost },
		"answers half":    func(*oauthtest.Server) http.HandlerFunc { return oauthtest.Cut },
		"huge":            func(*oauthtest.Server) http.HandlerFunc { return oauthtest.Huge },
		"never answers":   nil,
	} {
		for _, method := range methods() {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				s := oauthtest.New(t)
				var o oauth.HTTPOptions
				if behavior == nil {
					never := &oauthtest.Impatience{}
					o.Transport = never
					s.Behave(never.ServeHTTP)
				} else {
					s.Behave(behavior(s))
				}
				p := s.Provider()
				p.Endpoints.Revocation.Method, p.Links.Manage = method, "https://test.example/apps"
				token := &oauth.Token{Access: secret.New("the-access"), Refresh: secret.New("the-refresh")}
				done := oauth.NewHTTP(o).Revoke(context.Background(), p, client, token)
				if done.Done == nil || *done.Done || !strings.Contains(done.Detail, "did not confirm") || !strings.Contains(done.Detail, p.Links.Manage) {
					t.Errorf("got %+v", done)
				}
				if strings.Contains(done.Detail, "the-access") || strings.Contains(done.Detail, "the-refresh") || strings.Contains(done.Detail, "canary") || s.Strayed() != 0 {
					t.Errorf("strayed %d: %s", s.Strayed(), done.Detail)
				}
			})
		}
	}
}
