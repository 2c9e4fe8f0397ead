package oauth_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"pie/backend/oauth"
	"pie/backend/oauth/oauthtest"
	"pie/backend/secret"
)

// says answers with an error code.
func says(status int, code string) http.HandlerFunc {
	return oauthtest.Answer(status, "application/json", `{"error":"`+code+`","error_description":"canary-description"}`)
}

// knowing answers known to the test's own client and other to any other.
func knowing(s *oauthtest.Server, known, other http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		all := s.Requests()
		if strings.Contains(all[len(all)-1].Body, "client_secret=the%2Bsecret") {
			known(w, r)
			return
		}
		other(w, r)
	}
}

func TestCheckClient(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	wrong := says(http.StatusUnauthorized, "invalid_client")
	cases := map[string]struct {
		known, other http.HandlerFunc
		want         *bool
		detail       string
		asked        int
	}{
		"knows it":                {says(400, "invalid_grant"), wrong, &yes, "refused only the made-up code", 2},
		"in words of its own":     {says(200, "bad_verification_code"), says(200, "incorrect_client_credentials"), &yes, "knows the app", 2},
		"redirect looked at":      {says(400, "redirect_uri_mismatch"), wrong, &yes, "knows the app", 2},
		"does not know it":        {wrong, wrong, &no, "does not know", 1},
		"looks at the code first": {says(400, "invalid_grant"), says(400, "invalid_grant"), nil, "before the app", 2},
		"may not use codes":       {says(400, "unauthorized_client"), wrong, nil, "(unauthorized_client)", 1},
		"says nothing":            {oauthtest.Answer(401, "text/html", "<h1>no</h1>"), wrong, nil, "does not tell", 1},
		"gives to anybody":        {oauthtest.Answer(200, "application/json", `{"access_token":"tok-1"}`), wrong, nil, "does not tell", 1},
		"is in trouble":           {says(503, ""), wrong, nil, "could not be asked", 1},
		"wants us to wait":        {says(429, ""), wrong, nil, "slow down", 1},
		"breaks off":              {oauthtest.Lost, wrong, nil, "could not be asked", 1},
		"breaks off then":         {says(400, "invalid_grant"), oauthtest.Lost, nil, "asked twice", 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := oauthtest.New(t)
			s.Behave(knowing(s, c.known, c.other))
			h := oauth.NewHTTP(oauth.HTTPOptions{})
			p := s.Provider()
			p.Client.Auth = []string{"post"}
			got := h.CheckClient(context.Background(), p, client, "app.pie.desktop:/api/oauth/client/test/callback")
			if (got.Known == nil) != (c.want == nil) || got.Known != nil && *got.Known != *c.want || !strings.Contains(got.Detail, c.detail) {
				t.Errorf("got %+v", got)
			}
			if len(s.Requests()) != c.asked || strings.Contains(got.Detail, "canary") || strings.Contains(got.Detail, client.Secret.Reveal()) {
				t.Errorf("%d requests; %s", len(s.Requests()), got.Detail)
			}
		})
	}
}

// TestCheckClientKeepsTheSecret: it goes to the token endpoint and nowhere else.
func TestCheckClientKeepsTheSecret(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := oauthtest.New(t)
		s.Behave(s.Redirect(status))
		p := s.Provider()
		p.Client.Auth = []string{"post"}
		got := oauth.NewHTTP(oauth.HTTPOptions{}).CheckClient(context.Background(), p, client, "https://localhost/x")
		if got.Known != nil || s.Strayed() != 0 || len(s.Requests()) != 1 {
			t.Errorf("%d: got %+v, strayed %d", status, got, s.Strayed())
		}
	}
}

// TestCheckPublicClient has no secret to vary, so the id is.
func TestCheckPublicClient(t *testing.T) {
	t.Parallel()
	s := oauthtest.New(t)
	s.Behave(func(w http.ResponseWriter, r *http.Request) {
		all := s.Requests()
		if strings.Contains(all[len(all)-1].Body, "client_id=public-one") {
			says(400, "invalid_grant")(w, r)
			return
		}
		says(401, "invalid_client")(w, r)
	})
	p := s.Provider()
	p.Client.Auth = []string{"post", "none"}
	h := oauth.NewHTTP(oauth.HTTPOptions{})
	if got := h.CheckClient(context.Background(), p, oauth.Client{ID: "public-one"}, "https://localhost/x"); got.Known == nil || !*got.Known {
		t.Errorf("got %+v", got)
	}
	if got := h.CheckClient(context.Background(), p, oauth.Client{ID: "another"}, "https://localhost/x"); got.Known == nil || *got.Known {
		t.Errorf("got %+v", got)
	}
	for _, r := range s.Requests() {
		if strings.Contains(r.Body, "client_secret") || !strings.Contains(r.Body, "code_verifier=") {
			t.Errorf("sent %s", r.Body)
		}
	}
	if got := h.CheckClient(context.Background(), p, oauth.Client{ID: "public-one", Secret: secret.New("x")}, "https://localhost/x"); got.Known != nil {
		t.Errorf("a secret that the service does not look at: %+v", got)
	}
}
