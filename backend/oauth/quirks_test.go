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

func TestChallenge(t *testing.T) {
	t.Parallel()
	p := oauthtest.New(t).Provider()
	p.PKCE = provider.PKCE{Mode: "required", Method: "plain"}
	flow, query := begin(t, p)
	if query.Get("code_challenge") != flow.Verifier.Reveal() || query.Get("code_challenge_method") != "plain" || flow.Verifier.IsEmpty() {
		t.Errorf("plain: %v", query)
	}
	p.PKCE = provider.PKCE{Mode: "breaks"}
	flow, query = begin(t, p)
	if query.Has("code_challenge") || query.Has("code_challenge_method") || !flow.Verifier.IsEmpty() {
		t.Errorf("breaks: %v", query)
	}
}

func TestPublicClientWithEmptyPassword(t *testing.T) {
	t.Parallel()
	s := oauthtest.New(t)
	s.Behave(oauthtest.Answer(http.StatusOK, "application/json", `{"access_token":"tok-1"}`))
	p := s.Provider()
	p.Client.Auth = []string{"basic", "basic-empty"}
	for _, c := range []oauth.Client{{ID: "the id"}, client} {
		if _, err := exchange(t, p, c); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"", "the%2Bsecret%2F%25"} {
		asked := http.Request{Header: s.Requests()[i].Header}
		id, password, ok := asked.BasicAuth()
		if !ok || id != "the+id" || password != want || strings.Contains(s.Requests()[i].Body, "client_id") {
			t.Errorf("%d: %q %q, body %s", i, id, password, s.Requests()[i].Body)
		}
	}
}

func TestRefreshAddress(t *testing.T) {
	t.Parallel()
	s := oauthtest.New(t)
	s.Behave(oauthtest.Answer(http.StatusOK, "application/json", `{"access_token":"tok-2"}`))
	p := s.Provider()
	p.Endpoints.Refresh = s.URL + "/renew"
	if _, err := oauth.NewHTTP(oauth.HTTPOptions{}).Refresh(context.Background(), p, client, &oauth.Token{Refresh: secret.New("r")}); err != nil {
		t.Fatal(err)
	}
	if _, err := exchange(t, p, client); err != nil {
		t.Fatal(err)
	}
	if s.Requests()[0].Path != "/renew" || s.Requests()[1].Path != "/token" {
		t.Errorf("asked %s and %s", s.Requests()[0].Path, s.Requests()[1].Path)
	}
}

func TestFailureInside200(t *testing.T) {
	t.Parallel()
	p := catalogue(t, "withings")
	for body, good := range map[string]bool{
		`{"status":0,"body":{"access_token":"tok-1","userid":7}}`: true,
		`{"status":503,"body":{},"error":"Invalid Params"}`:       false,
		`{"status":401,"body":{"access_token":"tok-1"}}`:          false,
	} {
		s := oauthtest.New(t)
		s.Behave(oauthtest.Answer(http.StatusOK, "application/json", body))
		p.Endpoints.Token = s.URL + "/token"
		token, err := exchange(t, p, client)
		if (err == nil) != good || good && (token.Access.Reveal() != "tok-1" || token.Keep["user_id"] != "7") {
			t.Errorf("%s: %+v, %v", body, token, err)
		}
		if !strings.Contains(s.Requests()[0].Body, "action=requesttoken") {
			t.Errorf("asked %s", s.Requests()[0].Body)
		}
	}
}

// TestRevocationMethods: each way sends the token where the service looks for it.
func TestRevocationMethods(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ method, authorization, body string }{
		"bearer-post":       {http.MethodPost, "Bearer the-access", "null"},
		"bearer-delete":     {http.MethodDelete, "Bearer the-access", ""},
		"access-token-post": {http.MethodPost, "", "access_token=the-access"},
		"delete":            {http.MethodDelete, "Basic ", `{"access_token":"the-access"}`},
		"basic-json":        {http.MethodPost, "Basic ", `{"token":"the-access"}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := oauthtest.New(t)
			p := s.Provider()
			p.Endpoints.Revocation.Method = name
			done := oauth.NewHTTP(oauth.HTTPOptions{}).Revoke(context.Background(), p, client, &oauth.Token{Access: secret.New("the-access")})
			r := s.Requests()[0]
			if done.Done == nil || !*done.Done || len(s.Requests()) != 1 || r.Method != c.method || r.Path != "/revoke" ||
				!strings.HasPrefix(r.Header.Get("Authorization"), c.authorization) || !strings.Contains(r.Body, c.body) || c.body == "" && r.Body != "" {
				t.Errorf("got %+v, %+v", done, r)
			}
		})
	}
}
