package oauth_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/provider"
)

// strict is the client that the program discovers with, but for the guard.
func strict() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// TestDiscover: where metadata is looked for, and what of it is believed.
func TestDiscover(t *testing.T) {
	t.Parallel()
	good := func(origin string) map[string]any {
		return map[string]any{
			"issuer": origin + "/tenant", "authorization_endpoint": origin + "/a", "token_endpoint": origin + "/t",
			"registration_endpoint": "https://register.example/r", "token_endpoint_auth_methods_supported": []string{"client_secret_basic", "none", "tls"},
		}
	}
	const oauthPath, oidcPath = "/.well-known/oauth-authorization-server/tenant", "/tenant/.well-known/openid-configuration"
	cases := map[string]struct {
		at     string
		change map[string]any
		body   string
		status int
		code   fault.Code
	}{
		"RFC 8414":                    {oauthPath, nil, "", 200, ""},
		"OpenID Connect":              {oidcPath, nil, "", 200, ""},
		"nothing there":               {"/elsewhere", nil, "", 200, fault.Denied},
		"another issuer":              {oauthPath, map[string]any{"issuer": "https://other.example"}, "", 200, fault.Denied},
		"issuer with a slash more":    {oauthPath, map[string]any{"issuer": "ORIGIN/tenant/"}, "", 200, fault.Denied},
		"no issuer":                   {oauthPath, map[string]any{"issuer": nil}, "", 200, fault.Denied},
		"no token address":            {oauthPath, map[string]any{"token_endpoint": nil}, "", 200, fault.Denied},
		"token without TLS":           {oauthPath, map[string]any{"token_endpoint": "http://other.example/t"}, "", 200, fault.Denied},
		"token at another port":       {oauthPath, map[string]any{"token_endpoint": "http://127.0.0.1:1/t"}, "", 200, fault.Denied},
		"token in a private network":  {oauthPath, map[string]any{"token_endpoint": "https://192.168.1.1/t"}, "", 200, fault.Denied},
		"token at cloud metadata":     {oauthPath, map[string]any{"token_endpoint": "https://169.254.169.254/t"}, "", 200, fault.Denied},
		"token at an inside name":     {oauthPath, map[string]any{"revocation_endpoint": "https://vault.internal/r"}, "", 200, fault.Denied},
		"authorize with a command":    {oauthPath, map[string]any{"authorization_endpoint": "ORIGIN/$(reboot)"}, "", 200, fault.Denied},
		"authorize by another scheme": {oauthPath, map[string]any{"authorization_endpoint": "file:///etc/passwd"}, "", 200, fault.Denied},
		"with a user name":            {oauthPath, map[string]any{"token_endpoint": "https://a@b.example/t"}, "", 200, fault.Denied},
		"no S256":                     {oauthPath, map[string]any{"code_challenge_methods_supported": []string{"plain"}}, "", 200, fault.Denied},
		"a redirect":                  {oauthPath, nil, "", 302, fault.Denied},
		"trouble":                     {oauthPath, nil, "", 503, fault.Offline},
		"a page":                      {oauthPath, nil, "<html>", 200, fault.Denied},
		"too long":                    {oauthPath, nil, `{"x":"` + strings.Repeat("x", 1<<20) + `"}`, 200, fault.Offline},
		"wrong types":                 {oauthPath, map[string]any{"issuer": []int{1}}, "", 200, fault.Denied},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var server *httptest.Server
			server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/led/astray" {
					t.Error("a redirect was followed")
				}
				if r.URL.Path != c.at {
					http.NotFound(w, r)
					return
				}
				w.Header().Set("Location", "/led/astray")
				w.WriteHeader(c.status)
				if c.body != "" {
					_, _ = fmt.Fprint(w, c.body)
					return
				}
				m := good(server.URL)
				maps.Copy(m, c.change)
				raw, _ := json.Marshal(m)
				_, _ = fmt.Fprint(w, strings.ReplaceAll(string(raw), "ORIGIN", server.URL))
			}))
			t.Cleanup(server.Close)
			m, err := oauth.Discover(t.Context(), strict(), server.URL+"/tenant")
			if fault.CodeOf(err) != c.code || err == nil && (m.Token != server.URL+"/t" || strings.Join(m.Styles(), " ") != "none basic") {
				t.Errorf("got %+v, %v", m, err)
			}
		})
	}
	for _, issuer := range []string{"", "http://a.example", "https://a.example?x", "https://a.example#x", "https://u@a.example", "ftp://a.example", "a.example"} {
		if _, err := oauth.Discover(t.Context(), strict(), issuer); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", issuer, err)
		}
	}
}

// TestRegister: what comes back of a registration, and where its keys go.
func TestRegister(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		status int
		body   string
		code   fault.Code
		uri    bool
	}{
		"good":                    {201, `{"client_id":"me","client_secret":"s","registration_client_uri":"ORIGIN/r/me","registration_access_token":"rat"}`, "", true},
		"200 instead of 201":      {200, `{"client_id":"me"}`, "", false},
		"managed elsewhere":       {201, `{"client_id":"me","registration_client_uri":"https://evil.example/r","registration_access_token":"rat"}`, "", false},
		"refused":                 {400, `{"error":"invalid_redirect_uri"}`, fault.Denied, false},
		"only with a first token": {401, ``, fault.Denied, false},
		"no id":                   {201, `{}`, fault.Denied, false},
		"a page":                  {200, `<html>`, fault.Denied, false},
		"trouble":                 {503, ``, fault.Offline, false},
		"a redirect":              {307, ``, fault.Denied, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked map[string]any
			deleted := ""
			var server *httptest.Server
			server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodDelete {
					deleted = r.URL.Path + " " + r.Header.Get("Authorization")
					w.WriteHeader(http.StatusNoContent)
					return
				}
				_ = json.NewDecoder(r.Body).Decode(&asked)
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.status)
				_, _ = fmt.Fprint(w, strings.ReplaceAll(c.body, "ORIGIN", server.URL))
			}))
			t.Cleanup(server.Close)
			h := oauth.NewHTTP(oauth.HTTPOptions{})
			p := provider.Provider{Endpoints: provider.Endpoints{Registration: server.URL + "/r"}, Client: provider.Client{Auth: []string{"post"}}}
			reg, err := h.Register(t.Context(), p, "app.pie.desktop:/api/oauth/plugin/x/callback", []string{"a", "b"})
			if fault.CodeOf(err) != c.code {
				t.Fatalf("got %v", err)
			}
			if asked["application_type"] != "native" || asked["token_endpoint_auth_method"] != "client_secret_post" || asked["scope"] != "a b" {
				t.Errorf("asked for %v", asked)
			}
			if err != nil {
				return
			}
			raw, err := reg.Encode()
			if err != nil {
				t.Fatal(err)
			}
			again, err := oauth.DecodeRegistration(raw)
			if err != nil || again.Client.ID != "me" || (again.URI != "") != c.uri || again.AccessToken.IsEmpty() == c.uri {
				t.Errorf("got %+v, %v", again, err)
			}
			if err := h.Unregister(t.Context(), again); err != nil || c.uri != (deleted == "/r/me Bearer rat") {
				t.Errorf("taking it back: %v, %q", err, deleted)
			}
		})
	}
}
