package oauth_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/oauth/oauthtest"
	"pie/backend/provider"
	"pie/backend/secret"
)

func exchange(t *testing.T, p provider.Provider, c oauth.Client) (*oauth.Token, error) {
	t.Helper()
	return exchangeBy(t, oauth.HTTPOptions{}, p, c)
}

func exchangeBy(t *testing.T, o oauth.HTTPOptions, p provider.Provider, c oauth.Client) (*oauth.Token, error) {
	t.Helper()
	h := oauth.NewHTTP(o)
	flow := oauth.Flow{Verifier: secret.New("verifier"), RedirectURI: redirect}
	return h.Exchange(context.Background(), p, c, flow, secret.New("code-canary"))
}

func TestWrappings(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	cases := map[string]struct {
		contentType, body string
		life              time.Duration // 0: none known
		scopes            []string
	}{
		"plain":               {"application/json", `{"access_token":"tok-1","expires_in":3600,"scope":"a b"}`, time.Hour, []string{"a", "b"}},
		"JSON as text":        {"text/plain", `{"access_token":"tok-1"}`, 0, nil},
		"a form":              {form, `access_token=tok-1&scope=a%2Cb&token_type=bearer`, 0, []string{"a", "b"}},
		"life as a text":      {"application/json", `{"access_token":"tok-1","expires_in":"3600"}`, time.Hour, nil},
		"life with a point":   {"application/json", `{"access_token":"tok-1","expires_in":"3600.5"}`, time.Hour, nil},
		"life empty":          {"application/json", `{"access_token":"tok-1","expires_in":""}`, 0, nil},
		"life null":           {"application/json", `{"access_token":"tok-1","expires_in":null}`, 0, nil},
		"life an object":      {"application/json", `{"access_token":"tok-1","expires_in":{}}`, 0, nil},
		"life huge":           {"application/json", `{"access_token":"tok-1","expires_in":1e300}`, 10 * 365 * 24 * time.Hour, nil},
		"life negative":       {"application/json", `{"access_token":"tok-1","expires_in":-5}`, -time.Second, nil},
		"scopes in an array":  {"application/json", `{"access_token":"tok-1","scope":["a","b"]}`, 0, []string{"a", "b"}},
		"scope empty":         {"application/json", `{"access_token":"tok-1","scope":""}`, 0, []string{}},
		"scope a number":      {"application/json", `{"access_token":"tok-1","scope":7}`, 0, nil},
		"refresh is a number": {"application/json", `{"access_token":"tok-1","refresh_token":12}`, 0, nil},
		"no content type":     {"", `{"access_token":"tok-1"}`, 0, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := oauthtest.New(t)
			s.Behave(oauthtest.Answer(http.StatusOK, c.contentType, c.body))
			now := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC) // so far from the Date of the answer that it does not count
			token, err := exchangeBy(t, oauth.HTTPOptions{Now: func() time.Time { return now }}, s.Provider(), client)
			if err != nil || token.Access.Reveal() != "tok-1" || !slices.Equal(token.Scopes, c.scopes) || (token.Scopes == nil) != (c.scopes == nil) {
				t.Fatalf("got %+v, %v", token, err)
			}
			if (token.ExpiresAt == nil) != (c.life == 0) {
				t.Fatalf("life %v", token.ExpiresAt)
			}
			if c.life != 0 && token.ExpiresAt.Sub(now) != c.life {
				t.Errorf("life %v", token.ExpiresAt.Sub(now))
			}
		})
	}
}

func TestMisbehaviour(t *testing.T) {
	t.Parallel()
	type wants struct {
		class oauth.Class
		code  fault.Code
		sent  int
	}
	json := func(status int, body string) http.HandlerFunc {
		return oauthtest.Answer(status, "application/json", body)
	}
	cases := map[string]struct {
		behavior func(s *oauthtest.Server) http.HandlerFunc
		want     wants
	}{
		"lost": {func(*oauthtest.Server) http.HandlerFunc { return oauthtest.Lost }, wants{oauth.ClassLost, fault.Offline, 1}},
		"cut":  {func(*oauthtest.Server) http.HandlerFunc { return oauthtest.Cut }, wants{oauth.ClassLost, fault.Offline, 1}},
		"huge": {func(*oauthtest.Server) http.HandlerFunc { return oauthtest.Huge }, wants{oauth.ClassMalformed, fault.Offline, 1}},
		"HTML": {func(*oauthtest.Server) http.HandlerFunc {
			return oauthtest.Answer(200, "text/html", "<html>access_token=x")
		}, wants{oauth.ClassMalformed, fault.Offline, 1}},
		"empty":              {func(*oauthtest.Server) http.HandlerFunc { return json(200, "") }, wants{oauth.ClassMalformed, fault.Offline, 1}},
		"an array":           {func(*oauthtest.Server) http.HandlerFunc { return json(200, "[1]") }, wants{oauth.ClassMalformed, fault.Offline, 1}},
		"no token":           {func(*oauthtest.Server) http.HandlerFunc { return json(200, `{"a":1}`) }, wants{oauth.ClassMalformed, fault.Offline, 1}},
		"token is an object": {func(*oauthtest.Server) http.HandlerFunc { return json(200, `{"access_token":{}}`) }, wants{oauth.ClassMalformed, fault.Offline, 1}},
		"DPoP":               {func(*oauthtest.Server) http.HandlerFunc { return json(200, `{"access_token":"t","token_type":"DPoP"}`) }, wants{oauth.ClassMalformed, fault.Denied, 1}},
		"200 with error":     {func(*oauthtest.Server) http.HandlerFunc { return json(200, `{"error":"invalid_grant"}`) }, wants{oauth.ClassInvalidGrant, fault.Reconnect, 1}},
		"form with error": {func(*oauthtest.Server) http.HandlerFunc {
			return oauthtest.Answer(200, "text/plain", "error=bad_verification_code")
		}, wants{oauth.ClassInvalidGrant, fault.Reconnect, 1}},
		"error object":   {func(*oauthtest.Server) http.HandlerFunc { return json(400, `{"error":{"message":"x"}}`) }, wants{oauth.ClassRejected, fault.Denied, 1}},
		"invalid client": {func(*oauthtest.Server) http.HandlerFunc { return json(401, `{"error":"invalid_client"}`) }, wants{oauth.ClassInvalidClient, fault.Denied, 2}},
		"400 and HTML":   {func(*oauthtest.Server) http.HandlerFunc { return oauthtest.Answer(400, "text/html", "<p>no") }, wants{oauth.ClassRejected, fault.Denied, 1}},
		"500":            {func(*oauthtest.Server) http.HandlerFunc { return json(500, `{"error":"invalid_grant"}`) }, wants{oauth.ClassServer, fault.Offline, 1}},
		"429":            {func(*oauthtest.Server) http.HandlerFunc { return json(429, "") }, wants{oauth.ClassLimited, fault.Limited, 1}},
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		cases[http.StatusText(status)] = struct {
			behavior func(s *oauthtest.Server) http.HandlerFunc
			want     wants
		}{func(s *oauthtest.Server) http.HandlerFunc { return s.Redirect(status) }, wants{oauth.ClassRejected, fault.Denied, 1}}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := oauthtest.New(t)
			s.Behave(c.behavior(s))
			_, err := exchange(t, s.Provider(), client)
			got := wants{oauth.ClassOf(err), fault.CodeOf(err), len(s.Requests())}
			if got != c.want || s.Strayed() != 0 {
				t.Errorf("got %+v, %d strayed, %v", got, s.Strayed(), err)
			}
			if err != nil && (strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "secret/")) {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

// TestNoAnswer: what was sent and not answered in time may have been processed.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	s, never := oauthtest.New(t), &oauthtest.Impatience{}
	s.Behave(never.ServeHTTP)
	_, err := exchangeBy(t, oauth.HTTPOptions{Transport: never}, s.Provider(), client)
	if oauth.ClassOf(err) != oauth.ClassLost || !fault.Is(err, fault.Offline) || len(s.Requests()) != 1 || strings.Contains(err.Error(), "canary") {
		t.Errorf("%d requests, %v", len(s.Requests()), err)
	}
}

// silent is a network on which no answer comes.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestPatience: half a minute is waited for an answer when nothing else is said.
func TestPatience(t *testing.T) {
	t.Parallel()
	for want, given := range map[time.Duration]time.Duration{30 * time.Second: 0, time.Second: time.Second} {
		synctest.Test(t, func(t *testing.T) {
			p := provider.Provider{Endpoints: provider.Endpoints{Token: "https://a.example/token"}, Client: provider.Client{Body: "form"}}
			began := time.Now()
			_, err := exchangeBy(t, oauth.HTTPOptions{Transport: silent{}, Timeout: given}, p, client)
			if waited := time.Since(began); !fault.Is(err, fault.Offline) || waited != want {
				t.Errorf("waited %v, not %v: %v", waited, want, err)
			}
		})
	}
}

func TestUnsent(t *testing.T) {
	t.Parallel()
	s := oauthtest.New(t)
	p := s.Provider()
	p.Endpoints.Token = "http://127.0.0.1:1/token"
	if _, err := exchange(t, p, client); oauth.ClassOf(err) != oauth.ClassUnsent {
		t.Errorf("got %v", err)
	}
}

func TestQuirks(t *testing.T) {
	t.Parallel()
	public := oauth.Client{ID: "the id"}
	cases := map[string]struct {
		id, answer string
		client     oauth.Client
		check      func(t *testing.T, r oauthtest.Request, token *oauth.Token, err error)
	}{
		"notion": {"notion", `{"access_token":"tok-1","bot_id":"b","workspace_name":"W"}`, client, func(t *testing.T, r oauthtest.Request, token *oauth.Token, err error) {
			t.Helper()
			if err != nil || !strings.Contains(r.Body, `"grant_type":"authorization_code"`) || !strings.HasPrefix(r.Header.Get("Authorization"), "Basic ") ||
				strings.Contains(r.Body, "client_secret") || token.Keep["workspace_name"] != "W" {
				t.Errorf("got %+v, %+v, %v", r, token, err)
			}
		}},
		"slack user token": {
			"slack", `{"ok":true,"authed_user":{"access_token":"tok-1","scope":"a,b","token_type":"user"},"team":{"name":"T"}}`, public,
			func(t *testing.T, r oauthtest.Request, token *oauth.Token, err error) {
				t.Helper()
				if err != nil || token.Access.Reveal() != "tok-1" || len(token.Scopes) != 2 || token.Keep["team_name"] != "T" || strings.Contains(r.Body, "client_secret") {
					t.Errorf("got %+v, %+v, %v", r, token, err)
				}
			},
		},
		"slack not ok": {"slack", `{"ok":false,"error":"invalid_code"}`, client, func(t *testing.T, _ oauthtest.Request, _ *oauth.Token, err error) {
			t.Helper()
			if oauth.ClassOf(err) != oauth.ClassInvalidGrant {
				t.Errorf("got %v", err)
			}
		}},
		"github": {"github", `{"error":"incorrect_client_credentials"}`, client, func(t *testing.T, r oauthtest.Request, _ *oauth.Token, err error) {
			t.Helper()
			if oauth.ClassOf(err) != oauth.ClassInvalidClient || r.Header.Get("Accept") != "application/json" {
				t.Errorf("got %v", err)
			}
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := oauthtest.New(t)
			s.Behave(oauthtest.Answer(200, "application/json", c.answer))
			p := catalogue(t, c.id)
			p.Endpoints.Token = s.URL + "/token"
			token, err := exchange(t, p, c.client)
			if len(s.Requests()) != 1 {
				t.Fatalf("%d requests", len(s.Requests()))
			}
			c.check(t, s.Requests()[0], token, err)
		})
	}
}

func TestRefreshKeepsWhatIsNotSaid(t *testing.T) {
	t.Parallel()
	s := oauthtest.New(t)
	s.Behave(oauthtest.Answer(200, "application/json", `{"access_token":"tok-2"}`))
	old := &oauth.Token{Refresh: secret.New("old-refresh"), Scopes: []string{"a"}, Keep: map[string]string{"k": "v"}}
	token, err := oauth.NewHTTP(oauth.HTTPOptions{}).Refresh(context.Background(), s.Provider(), client, old)
	if err != nil || token.Refresh.Reveal() != "old-refresh" || token.Keep["k"] != "v" || !slices.Equal(token.Scopes, []string{"a"}) {
		t.Errorf("got %+v, %v", token, err)
	}
	s.Behave(oauthtest.Answer(400, "application/json", `{"error":"unauthorized_client"}`))
	if _, err := oauth.NewHTTP(oauth.HTTPOptions{}).Refresh(context.Background(), s.Provider(), client, old); oauth.ClassOf(err) != oauth.ClassInvalidGrant {
		t.Errorf("got %v", err)
	}
}
