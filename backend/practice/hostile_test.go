package practice_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"pie/backend/practice"
)

func requestToken(t *testing.T, body string) string {
	t.Helper()
	m := regexp.MustCompile(`name="request" value="([^"]+)"`).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no form in %s", body)
	}
	return m[1]
}

func TestConsentFormIsProtected(t *testing.T) {
	t.Parallel()
	now := newClock()
	r := start(t, practice.Options{Now: now.Now})
	open := func() answer { return r.must("GET", "/authorize?"+question(nil).Encode(), nil, nil) }
	allow := func(token string, edit func(*http.Request)) answer {
		form := url.Values{"request": {token}, "decision": {"allow"}, "scope": {"notes.read"}}
		return r.must("POST", "/authorize", strings.NewReader(form.Encode()), func(request *http.Request) {
			asForm(request)
			if edit != nil {
				edit(request)
			}
		})
	}
	expect := func(what string, a answer, status int) {
		t.Helper()
		if a.status != status || a.header.Get("Location") != "" {
			t.Errorf("%s: got %d, Location %q", what, a.status, a.header.Get("Location"))
		}
	}
	expect("no token", allow("", nil), http.StatusGone)
	expect("a made up token", allow("abc", nil), http.StatusGone)
	token := requestToken(t, open().body)
	for _, edit := range []func(*http.Request){
		func(request *http.Request) { request.Header.Set("Origin", "https://evil.example") },
		func(request *http.Request) { request.Header.Set("Origin", "null") },
		func(request *http.Request) { request.Header.Set("Sec-Fetch-Site", "cross-site") },
	} {
		expect("another page", allow(token, edit), http.StatusForbidden)
	}
	own := func(request *http.Request) { request.Header.Set("Origin", r.URL()) }
	if a := allow(token, own); a.status != http.StatusSeeOther {
		t.Errorf("the page's own form: %d", a.status)
	}
	expect("the same form again", allow(token, own), http.StatusGone)
	late := requestToken(t, open().body)
	now.Add(10*time.Minute + time.Second)
	expect("after ten minutes", allow(late, nil), http.StatusGone)
	for range 201 {
		late = requestToken(t, open().body)
	}
	if a := allow(late, nil); a.status != http.StatusSeeOther {
		t.Errorf("the newest of many: %d", a.status)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	for path, form := range map[string]string{
		"/":                                    "form-action 'self';",
		"/style.css":                           "form-action 'self';",
		"/notes":                               "form-action 'self';",
		"/authorize?" + question(nil).Encode(): "form-action 'self' http://127.0.0.1:5;",
		"/authorize?" + question(url.Values{"redirect_uri": {"app.pie.desktop:/api/oauth/plugin/x/callback"}}).Encode():  "form-action 'self' app.pie.desktop:;",
		"/authorize?" + question(url.Values{"redirect_uri": {"https://localhost/api/oauth/plugin/x/callback"}}).Encode(): "form-action 'self' https://localhost;",
	} {
		a := r.must("GET", path, nil, nil)
		csp := a.header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", form} {
			if !strings.Contains(csp, part) {
				t.Errorf("%s: %q lacks %q", path, csp, part)
			}
		}
		if strings.Contains(csp, "unsafe") || a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, a.header)
		}
		if strings.Contains(a.body, "<script") || strings.Contains(a.body, "style=") {
			t.Errorf("%s holds what its policy forbids", path)
		}
	}
}

func TestHostile(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	cases := map[string]struct {
		method, path, body string
		edit               func(*http.Request)
		status             int
	}{
		"another Host":        {"GET", "/", "", func(q *http.Request) { q.Host = "evil.example" }, 421},
		"a name for loopback": {"GET", "/", "", func(q *http.Request) { q.Host = strings.Replace(q.Host, "127.0.0.1", "localhost", 1) }, 421},
		"another port":        {"GET", "/notes", "", func(q *http.Request) { q.Host = "127.0.0.1:1" }, 421},
		"PUT":                 {"PUT", "/authorize", "", nil, 405},
		"GET of the token":    {"GET", "/token?grant_type=refresh_token", "", nil, 405},
		"DELETE of notes":     {"DELETE", "/notes", "", nil, 405},
		"OPTIONS":             {"OPTIONS", "/token", "", nil, 405},
		"nothing there":       {"GET", "/admin", "", nil, 404},
		"a path that climbs":  {"GET", "/page/../../etc/passwd", "", nil, 307},
		"a huge form":         {"POST", "/token", "a=" + strings.Repeat("x", 1<<20), asForm, 400},
		"a huge consent":      {"POST", "/authorize", "a=" + strings.Repeat("x", 1<<20), asForm, 400},
		"many fields":         {"POST", "/token", strings.Repeat("scope=x&", 8000), asForm, 400},
		"a bad escape":        {"POST", "/token", "grant_type=%zz", asForm, 400},
		"a semicolon":         {"POST", "/token", "grant_type=a;b=c", asForm, 400},
		"no form":             {"POST", "/token", `{"grant_type":"refresh_token"}`, func(q *http.Request) { q.Header.Set("Content-Type", "application/json") }, 400},
		"no content type":     {"POST", "/token", "grant_type=refresh_token", nil, 400},
		"a bad query":         {"GET", "/authorize?client_id=%zz", "", nil, 400},
		"a huge header":       {"GET", "/", "", func(q *http.Request) { q.Header.Set("X", strings.Repeat("x", 64<<10)) }, 431},
		"NUL bytes":           {"GET", "/authorize?client_id=pie-practice&redirect_uri=%00", "", nil, 400},
		"a manage without it": {"POST", "/manage", "action=expire", asForm, 403},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := r.must(c.method, c.path, strings.NewReader(c.body), c.edit)
			if a.status != c.status {
				t.Errorf("got %d, want %d: %.200s", a.status, c.status, a.body)
			}
		})
	}
}

func TestMarkupOfStrangersIsEscaped(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	a := r.must("GET", "/authorize?"+question(url.Values{"state": {`"><script>alert(1)</script>`}}).Encode(), nil, nil)
	if a.status != 200 || strings.Contains(a.body, "<script>") {
		t.Errorf("got %d %s", a.status, a.body)
	}
}

func TestOnlyLoopbackListens(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	u, err := url.Parse(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range addresses {
		ip, _, err := net.ParseCIDR(address.String())
		if err != nil || ip.Equal(net.IPv4(127, 0, 0, 1)) || ip.IsLinkLocalUnicast() {
			continue
		}
		dialer := net.Dialer{Timeout: 10 * time.Second}
		conn, err := dialer.DialContext(t.Context(), "tcp", net.JoinHostPort(ip.String(), u.Port()))
		if err == nil {
			_ = conn.Close()
			t.Errorf("it answers on %s", ip)
		}
	}
}

// FuzzAuthorize sends any query: no answer may lead anywhere but to one of the
// program's own redirect addresses.
func FuzzAuthorize(f *testing.F) {
	s, err := practice.Start(f.Context(), practice.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	f.Add(question(nil).Encode())
	f.Add(question(url.Values{"scope": {"x"}}).Encode())
	f.Add(question(url.Values{"redirect_uri": {"app.pie.desktop:/api/oauth/plugin/x/callback"}, "response_type": {"token"}}).Encode())
	f.Add("client_id=pie-practice&redirect_uri=http://127.0.0.1%40evil.example/api/oauth/x")
	f.Fuzz(func(t *testing.T, query string) {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/authorize", nil)
		request.URL.RawQuery = query
		res := httptest.NewRecorder()
		s.ServeHTTP(res, request)
		if location := res.Header().Get("Location"); location != "" {
			u, err := url.Parse(location)
			if err != nil || !strings.HasPrefix(u.Path, "/api/oauth/") ||
				(u.Scheme != "app.pie.desktop" || u.Host != "") && u.Hostname() != "127.0.0.1" && u.Host != "localhost" {
				t.Errorf("sent to %q", location)
			}
		}
		if res.Code >= 500 {
			t.Errorf("got %d", res.Code)
		}
	})
}

// FuzzForms posts any body to every address that takes one: nobody gets a token,
// is sent anywhere or makes the server fail.
func FuzzForms(f *testing.F) {
	s, err := practice.Start(f.Context(), practice.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	f.Add("application/x-www-form-urlencoded", exchangeForm("code").Encode(), "Basic cGllLXByYWN0aWNlOg==")
	f.Add("application/x-www-form-urlencoded; charset=x", "client_id=pie-practice&token=a&token=b", "Basic x")
	f.Add("application/json", `{"text":"a"}`, "Bearer practice_access_")
	f.Fuzz(func(t *testing.T, kind, body, authorization string) {
		for _, path := range []string{"/token", "/revoke", "/authorize", "/manage", "/notes"} {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+path, strings.NewReader(body))
			request.Header.Set("Content-Type", kind)
			request.Header.Set("Authorization", authorization)
			res := httptest.NewRecorder()
			s.ServeHTTP(res, request)
			if res.Code >= 500 || res.Header().Get("Location") != "" || strings.Contains(res.Body.String(), "access_token") {
				t.Errorf("%s: %d, %v, %.200s", path, res.Code, res.Header(), res.Body)
			}
		}
	})
}
