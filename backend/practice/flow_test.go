package practice_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/practice"
	"pie/backend/provider"
)

// TestOwnClient plays the whole story with the program's own OAuth client.
func TestOwnClient(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	p := provider.Practice(r.URL())
	client := oauth.Client{ID: r.ClientID(), Secret: r.ClientSecret()}
	h := oauth.NewHTTP(oauth.HTTPOptions{})
	for _, uri := range []string{
		"app.pie.desktop:/api/oauth/plugin/practice-notes/callback",
		"http://127.0.0.1:53682/api/oauth/plugin/practice-notes/main/callback",
		"https://localhost/api/oauth/client/practice/callback",
	} {
		flow, address, err := oauth.Begin(p, client, oauth.BeginOptions{
			RedirectURI: uri, Scopes: []string{"notes.read", "notes.write"}, Now: time.Now(),
		})
		if err != nil {
			t.Fatal(err)
		}
		link, err := practice.Consent(t.Context(), nil, address, nil, true)
		if err != nil || !strings.HasPrefix(link, uri+"?") {
			t.Fatalf("callback %q, %v", link, err)
		}
		callback, err := oauth.ParseCallback(link)
		if err == nil {
			err = flow.Check(callback, time.Now())
		}
		if err != nil {
			t.Fatal(err)
		}
		token, err := h.Exchange(t.Context(), p, client, flow, callback.Code)
		if err != nil || !slices.Equal(token.Scopes, []string{"notes.read", "notes.write"}) {
			t.Fatalf("exchange gave %v, %v", token, err)
		}
		who := r.api("GET", "/userinfo", token.Access.Reveal(), "")
		if account := oauth.AccountOf(p, token, []byte(who.body)); account == nil || account.ID != "home" || account.Label != "robin@home.example" {
			t.Errorf("account %+v", account)
		}
		token, err = h.Refresh(t.Context(), p, client, token)
		if err != nil {
			t.Fatal(err)
		}
		if done := h.Revoke(t.Context(), p, client, token); done.Done == nil || !*done.Done {
			t.Errorf("revocation %+v", done)
		}
		if _, err := h.Refresh(t.Context(), p, client, token); oauth.ClassOf(err) != oauth.ClassInvalidGrant {
			t.Errorf("refresh after revocation: %v", err)
		}
	}
	if got := r.Stats(); got.Authorizations != 3 || got.Exchanges != 3 || got.Refreshes != 3 || got.Live != 0 {
		t.Errorf("stats %+v", got)
	}
}

func TestAuthorizationMistakes(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	// want is the error that goes back to the client; "" is a page that sends nothing.
	cases := map[string]struct {
		change url.Values
		want   string
	}{
		"another client":          {url.Values{"client_id": {"other"}}, ""},
		"no client":               {url.Values{"client_id": {""}}, ""},
		"a foreign redirect":      {url.Values{"redirect_uri": {"https://evil.example/api/oauth/plugin/x/callback"}}, ""},
		"no redirect":             {url.Values{"redirect_uri": {""}}, ""},
		"a name for loopback":     {url.Values{"redirect_uri": {"http://localhost:5/api/oauth/plugin/x/callback"}}, ""},
		"userinfo":                {url.Values{"redirect_uri": {"http://127.0.0.1:5@evil.example/api/oauth/plugin/x/callback"}}, ""},
		"another scheme":          {url.Values{"redirect_uri": {"javascript:/api/oauth/plugin/x/callback"}}, ""},
		"a scheme with a host":    {url.Values{"redirect_uri": {"app.pie.desktop://api/oauth/plugin/x/callback"}}, ""},
		"another path":            {url.Values{"redirect_uri": {"http://127.0.0.1:5/else"}}, ""},
		"a path that climbs":      {url.Values{"redirect_uri": {"http://127.0.0.1:5/api/oauth/../../x"}}, ""},
		"an escaped path":         {url.Values{"redirect_uri": {"http://127.0.0.1:5/api/oauth/plugin/%2e%2e/callback"}}, ""},
		"a fragment":              {url.Values{"redirect_uri": {redirect + "#x"}}, ""},
		"a query":                 {url.Values{"redirect_uri": {redirect + "?a=b"}}, ""},
		"a port on localhost":     {url.Values{"redirect_uri": {"https://localhost:8443/api/oauth/plugin/x/callback"}}, ""},
		"two redirects":           {url.Values{"redirect_uri": {redirect, redirect}}, ""},
		"two states":              {url.Values{"state": {"a", "b"}}, ""},
		"the implicit grant":      {url.Values{"response_type": {"token"}}, "unsupported_response_type"},
		"no PKCE":                 {url.Values{"code_challenge": {""}, "code_challenge_method": {""}}, "invalid_request"},
		"plain PKCE":              {url.Values{"code_challenge_method": {"plain"}}, "invalid_request"},
		"a challenge too short":   {url.Values{"code_challenge": {"short"}}, "invalid_request"},
		"a scope nobody knows":    {url.Values{"scope": {"notes.read mail.read"}}, "invalid_scope"},
		"a mistake without state": {url.Values{"scope": {"mail.read"}, "state": {""}}, "invalid_scope"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			query := question(c.change)
			a := r.must(http.MethodGet, "/authorize?"+query.Encode(), nil, nil)
			if c.want == "" {
				if a.status != http.StatusBadRequest || a.header.Get("Location") != "" || strings.Contains(a.body, "evil.example") {
					t.Errorf("got %d, Location %q", a.status, a.header.Get("Location"))
				}
				return
			}
			u, err := url.Parse(a.header.Get("Location"))
			if err != nil || a.status != http.StatusSeeOther {
				t.Fatalf("got %d, %v", a.status, err)
			}
			got := u.Query()
			if got.Get("error") != c.want || got.Get("state") != query.Get("state") || got.Get("iss") != r.URL() || got.Has("code") {
				t.Errorf("got %s", u)
			}
		})
	}
}

func TestConsent(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	cases := map[string]struct {
		asked  string
		scopes []string
		allow  bool
		err    string
		want   string // scope of the token answer
	}{
		"all that is asked":    {"notes.read notes.write", nil, true, "", "notes.read notes.write"},
		"fewer than asked":     {"notes.read notes.write", []string{"notes.read"}, true, "", "notes.read"},
		"none is a denial":     {"notes.read", []string{}, true, "access_denied", ""},
		"more than asked":      {"notes.read", []string{"notes.read", "notes.write"}, true, "", "notes.read"},
		"only what is unknown": {"notes.read", []string{"notes.write"}, true, "access_denied", ""},
		"denied":               {"notes.read", nil, false, "access_denied", ""},
		"nothing asked for":    {"", nil, true, "", "notes.read"},
		"the same twice":       {"notes.read notes.read", nil, true, "", "notes.read"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := r.consent(t.Context(), url.Values{"scope": {c.asked}}, c.scopes, c.allow)
			if got.Get("error") != c.err || got.Get("state") != "the state" || got.Get("iss") != r.URL() {
				t.Fatalf("callback %v", got)
			}
			if c.err != "" {
				return
			}
			a := r.post("/token", exchangeForm(got.Get("code")))
			if a.status != http.StatusOK || r.text("scope", a) != c.want || a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("got %d %s", a.status, r.text("scope", a))
			}
		})
	}
}

func TestConsentByAProgram(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	for name, address := range map[string]string{
		"somewhere else": "https://evil.example/authorize",
		"a name":         strings.Replace(r.URL(), "127.0.0.1", "localhost", 1) + "/authorize",
		"no request":     r.URL() + "/authorize",
		"no address":     "://",
	} {
		if _, err := practice.Consent(t.Context(), r.http, address, nil, true); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	address := r.URL() + "/authorize?" + question(nil).Encode()
	_ = r.Close()
	_, err := practice.Consent(t.Context(), nil, address, nil, true)
	if !fault.Is(err, fault.Offline) || strings.Contains(err.Error(), "state") {
		t.Errorf("nobody there: %v", err)
	}
}

func TestExchangeMistakes(t *testing.T) {
	t.Parallel()
	now := newClock()
	r := start(t, practice.Options{Now: now.Now})
	cases := map[string]struct {
		change url.Values
		status int
		code   string
	}{
		"another verifier":  {url.Values{"code_verifier": {strings.Repeat("w", 43)}}, 400, "invalid_grant"},
		"no verifier":       {url.Values{"code_verifier": {""}}, 400, "invalid_grant"},
		"another redirect":  {url.Values{"redirect_uri": {"http://127.0.0.1:6/api/oauth/plugin/notes/callback"}}, 400, "invalid_grant"},
		"no redirect":       {url.Values{"redirect_uri": {""}}, 400, "invalid_grant"},
		"no code":           {url.Values{"code": {""}}, 400, "invalid_grant"},
		"another client":    {url.Values{"client_id": {"other"}}, 401, "invalid_client"},
		"a wrong secret":    {url.Values{"client_secret": {"wrong"}}, 401, "invalid_client"},
		"another grant":     {url.Values{"grant_type": {"password"}}, 400, "unsupported_grant_type"},
		"a field too many":  {url.Values{"code_verifier": {verifier, verifier}}, 400, "invalid_request"},
		"the right secret":  {url.Values{"client_secret": {r.ClientSecret().Reveal()}}, 200, ""},
		"an unknown field":  {url.Values{"resource": {"a", "b"}}, 200, ""},
		"nothing different": {nil, 200, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form := exchangeForm(r.consent(t.Context(), nil, nil, true).Get("code"))
			maps.Copy(form, c.change)
			r.refused(name, r.post("/token", form), c.status, c.code)
		})
	}
}

func TestCodeIsShortLivedAndSingleUse(t *testing.T) {
	t.Parallel()
	now := newClock()
	r := start(t, practice.Options{Now: now.Now})
	old := r.consent(t.Context(), nil, nil, true).Get("code")
	now.Add(61e9)
	r.refused("after 61 s", r.post("/token", exchangeForm(old)), 400, "invalid_grant")

	code := r.consent(t.Context(), nil, nil, true).Get("code")
	now.Add(59e9)
	first := r.post("/token", exchangeForm(code))
	if first.status != 200 {
		t.Fatalf("after 59 s: %s", first.body)
	}
	r.refused("a second use", r.post("/token", exchangeForm(code)), 400, "invalid_grant")
	r.refused("the access token of a replayed code", r.api("GET", "/userinfo", r.text("access_token", first), ""), 401, "invalid_token")
	r.refused("its refresh token", r.post("/token", refreshForm(r.text("refresh_token", first))), 400, "invalid_grant")
	if got := r.Stats(); got.Replays != 1 || got.Live != 0 {
		t.Errorf("stats %+v", got)
	}
}

func TestBasicAuthentication(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	cases := map[string]struct {
		user, password string
		id             string
		status         int
		code           string
	}{
		"right":           {"pie-practice", r.ClientSecret().Reveal(), "", 200, ""},
		"right, id twice": {"pie-practice", r.ClientSecret().Reveal(), "pie-practice", 200, ""},
		"wrong":           {"pie-practice", "wrong", "", 401, "invalid_client"},
		"badly escaped":   {"pie%practice", "%", "", 401, "invalid_client"},
		"two clients":     {"pie-practice", "x", "other", 400, "invalid_request"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form := exchangeForm(r.consent(t.Context(), nil, nil, true).Get("code"))
			form.Set("client_id", c.id)
			a := r.must("POST", "/token", strings.NewReader(form.Encode()), func(request *http.Request) {
				asForm(request)
				request.SetBasicAuth(c.user, c.password)
			})
			r.refused(name, a, c.status, c.code)
			if c.status == 401 && !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Basic") {
				t.Error("no WWW-Authenticate")
			}
		})
	}
}
