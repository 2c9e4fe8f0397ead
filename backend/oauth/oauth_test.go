package oauth_test

import (
	"net/url"
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
