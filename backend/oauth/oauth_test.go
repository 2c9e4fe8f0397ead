package oauth_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/oauth/oauthtest"
	"pie/backend/provider"
	"pie/backend/secret"
)

var client = oauth.Client{ID: "the id", Secret: secret.New("the+secret/%")}

func catalogue(t *testing.T, id string) provider.Provider {
	t.Helper()
	c, err := provider.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Get(id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const redirect = "app.pie.desktop:/api/oauth/plugin/x/callback"

func begin(t *testing.T, p provider.Provider) (oauth.Flow, url.Values) {
	t.Helper()
	flow, address, err := oauth.Begin(p, client, oauth.BeginOptions{RedirectURI: redirect, Kind: "scheme", Scopes: []string{"a", "b", "a"}, Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return flow, u.Query()
}

func TestBegin(t *testing.T) {
	t.Parallel()
	flow, query := begin(t, catalogue(t, "google"))
	want := map[string]string{
		"response_type": "code", "client_id": "the id", "redirect_uri": redirect, "scope": "openid email a b",
		"code_challenge_method": "S256", "access_type": "offline", "prompt": "consent", "state": flow.State.Reveal(),
	}
	for name, value := range want {
		if query.Get(name) != value {
			t.Errorf("%s is %q", name, query.Get(name))
		}
	}
	if len(flow.State.Reveal()) != 43 || len(query.Get("code_challenge")) != 43 || query.Get("client_secret") != "" {
		t.Errorf("state, challenge or secret: %v", query)
	}
	_, slack := begin(t, catalogue(t, "slack"))
	if slack.Get("user_scope") != "a,b" || slack.Has("scope") {
		t.Errorf("slack: %v", slack)
	}
	raw, err := flow.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := oauth.DecodeFlow(raw)
	if err != nil || again.State.Reveal() != flow.State.Reveal() || again.Verifier.Reveal() != flow.Verifier.Reveal() {
		t.Errorf("stored flow: %v", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	p := catalogue(t, "google")
	p.Endpoints.IssuerPromise = true
	flow, _ := begin(t, p)
	state := url.QueryEscape(flow.State.Reveal())
	iss := "&iss=" + url.QueryEscape("https://accounts.google.com")
	now := time.Now()
	cases := map[string]struct {
		link string
		at   time.Time
		code fault.Code
	}{
		"right":              {redirect + "?code=c&state=" + state + iss, now, ""},
		"pasted":             {" https://localhost/api/oauth/plugin/x/callback?code=c&state=" + state + iss + "\n", now, ""},
		"wrong state":        {redirect + "?code=c&state=other" + iss, now, fault.NotFound},
		"no state":           {redirect + "?code=c" + iss, now, fault.NotFound},
		"wrong path":         {"app.pie.desktop:/api/oauth/plugin/y/callback?code=c&state=" + state + iss, now, fault.NotFound},
		"too late":           {redirect + "?code=c&state=" + state + iss, now.Add(11 * time.Minute), fault.Limited},
		"wrong issuer":       {redirect + "?code=c&state=" + state + "&iss=https://evil.example", now, fault.Denied},
		"no issuer":          {redirect + "?code=c&state=" + state, now, fault.Denied},
		"denied":             {redirect + "?error=access_denied&state=" + state + iss, now, fault.Denied},
		"denied with issuer": {redirect + "?error=access_denied&state=other" + iss, now, fault.NotFound},
		"unavailable":        {redirect + "?error=temporarily_unavailable&state=" + state + iss, now, fault.Offline},
		"no code":            {redirect + "?state=" + state + iss, now, fault.Invalid},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cb, err := oauth.ParseCallback(c.link)
			if err != nil {
				t.Fatal(err)
			}
			if err := flow.Check(cb, c.at); fault.CodeOf(err) != c.code {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestIssuerOfCustom(t *testing.T) {
	t.Parallel()
	s := oauthtest.New(t)
	flow, _ := begin(t, s.Provider())
	for issuer, code := range map[string]fault.Code{"": "", s.URL: "", s.URL + "/realm": "", "https://evil.example": fault.Denied, "nonsense": fault.Denied} {
		cb := oauth.Callback{Path: flow.Path, State: flow.State, Code: secret.New("c"), Issuer: issuer}
		if err := flow.Check(cb, time.Now()); fault.CodeOf(err) != code {
			t.Errorf("%q: %v", issuer, err)
		}
	}
}

func TestParseCallbackRefuses(t *testing.T) {
	t.Parallel()
	for _, link := range []string{
		"", "hello", "app.pie.desktop:", "app.pie.desktop:/other", "other:/api/oauth/x", "https://example.com/api/oauth/x?code=c",
		"http://192.168.1.1/api/oauth/x", "https://localhost@evil.example/api/oauth/x", "https://u@localhost/api/oauth/x",
		redirect + "?state=a&state=b", redirect + "?code=a&code=b", redirect + "?a=%zz", "javascript:/api/oauth/x",
		redirect + "?code=" + strings.Repeat("c", 20000), "app.pie.desktop:/api/oauth/\x00",
	} {
		cb, err := oauth.ParseCallback(link)
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%.60q became %+v", link, cb)
		}
		if err != nil && strings.Contains(err.Error(), "example") {
			t.Errorf("the fault holds the link: %v", err)
		}
	}
}

func FuzzParseCallback(f *testing.F) {
	f.Add(redirect + "?code=c&state=s&iss=https://a.example&error=e")
	f.Add("https://localhost/api/oauth/plugin/x/callback?code=%41")
	f.Fuzz(func(t *testing.T, link string) {
		cb, err := oauth.ParseCallback(link)
		if err == nil && (!strings.HasPrefix(cb.Path, "/api/oauth/") || strings.ContainsAny(cb.Error, " \n<")) {
			t.Errorf("got %+v", cb)
		}
	})
}

func TestCheckURL(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"https://a.example/x?y=%20", "http://127.0.0.1:9/a", "http://localhost/a", "https://a.example:8443"} {
		if err := oauth.CheckURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "http://a.example/", "--upload-pack=x", "-https://a.example",
		"https://a.example/$(id)", "https://a.example/`id`", "https://a.example/;id", "https://a.example/|id", "https://a.example/\"x", "https://a.example/'x",
		"https://a.example/ x", "https://a.example/\nx", "https://a.example/\x00", "\\\\host\\share", "https://u@a.example/", "https://a.example/<x>", "ftp://a.example", "app.pie.desktop:/x", "HTTPS//a.example",
	} {
		if err := oauth.CheckURL(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q would be opened", bad)
		}
	}
}

func exchange(t *testing.T, p provider.Provider, c oauth.Client) (*oauth.Token, error) {
	t.Helper()
	h := oauth.NewHTTP(oauth.HTTPOptions{Timeout: 300 * time.Millisecond})
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
			token, err := exchange(t, s.Provider(), client)
			if err != nil || token.Access.Reveal() != "tok-1" || !slices.Equal(token.Scopes, c.scopes) || (token.Scopes == nil) != (c.scopes == nil) {
				t.Fatalf("got %+v, %v", token, err)
			}
			if (token.ExpiresAt == nil) != (c.life == 0) {
				t.Fatalf("life %v", token.ExpiresAt)
			}
			if c.life != 0 && time.Until(*token.ExpiresAt).Round(10*time.Second) != c.life.Round(10*time.Second) {
				t.Errorf("life %v", time.Until(*token.ExpiresAt))
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
		"slow": {func(*oauthtest.Server) http.HandlerFunc { return oauthtest.Slow(time.Minute) }, wants{oauth.ClassLost, fault.Offline, 1}},
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
