package connection_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/provider"
)

// spellings writes a forbidden address in many ways around the allowed name.
func spellings() []string {
	const good, bad = "api.pretend.example", "evil.example"
	schemes := []string{"https://", "HTTPS://", "http://", "https:", "https:/", "https:///", "https:\\\\", "//", "wss://", "https://@", " https://"}
	names := []string{
		bad, good + "." + bad, good + "@" + bad, good + ":x@" + bad, bad + "/" + good, bad + "?" + good, bad + "#" + good, bad + "\\" + good, good + "\\@" + bad,
		good + ":80@" + bad, good + "%2e" + bad, good + "%00." + bad, good + "%23@" + bad, good + "。" + bad, good + ".", good + ":444", good + ":0", good + ":",
		"api-pretend.example", "xapi.pretend.example", "аpi.pretend.example", "api.pretend.exampl", "[::1]", "2130706433", "0x7f.1", "[::ffff:1.2.3.4%25x]",
	}
	var out []string
	for _, scheme := range schemes {
		for _, name := range names {
			if scheme+name != "https://"+good+":" && scheme+name != "HTTPS://"+good+":" { // the empty port is the default one
				out = append(out, scheme+name)
			}
		}
	}
	return out
}

// spy answers everything and remembers where a token went.
type spy struct{ reached func(*http.Request) }

func (s spy) RoundTrip(r *http.Request) (*http.Response, error) {
	s.reached(r)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// spied is a world whose API requests end at fn.
func spied(tb testing.TB, fn func(*http.Request)) *world {
	tb.Helper()
	w := newWorld(tb, func(d *connection.Deps) { d.Transport = spy{fn} })
	hosts, err := provider.ParseHosts([]string{"api.pretend.example"})
	if err != nil {
		tb.Fatal(err)
	}
	w.agents.change("mail", "default", func(s *connection.Service) { s.Hosts = hosts })
	w.connect(connection.Request{})
	return w
}

func TestForbiddenSpellings(t *testing.T) {
	t.Parallel()
	w := spied(t, func(r *http.Request) { t.Errorf("%q was reached", r.URL) })
	list := spellings()
	if len(list) < 200 {
		t.Fatalf("only %d spellings", len(list))
	}
	session := w.session()
	for _, address := range list {
		for _, fetch := range []func() (connection.Answer, error){
			func() (connection.Answer, error) {
				return session.OAuthFetch(context.Background(), "default", connection.Call{URL: address})
			},
			func() (connection.Answer, error) {
				return session.Fetch(context.Background(), connection.Call{URL: address})
			},
		} {
			if _, err := fetch(); !fault.Is(err, fault.Denied) && !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", address, err)
			}
		}
	}
	for _, row := range w.audit() {
		if row.Decision != "blocked" || strings.Contains(row.Host, "@") {
			t.Errorf("audit %+v", row)
		}
	}
}

// FuzzOAuthFetch: whatever an agent writes as an address, the token goes to the
// allowed host alone, and nothing panics.
func FuzzOAuthFetch(f *testing.F) {
	for _, address := range spellings() {
		f.Add(address, "GET")
	}
	f.Add("https://api.pretend.example/x?y#z", "POST")
	w := spied(f, func(r *http.Request) {
		if r.URL.Scheme != "https" || !strings.EqualFold(r.URL.Hostname(), "api.pretend.example") || r.URL.Port() != "" && r.URL.Port() != "443" || r.URL.User != nil {
			f.Errorf("%q was reached", r.URL)
		}
		if r.Host != r.URL.Host || r.Header.Get("Authorization") == "" {
			f.Errorf("%q: host %q", r.URL, r.Host)
		}
	})
	session := w.m.Session(connection.RunRef{Agent: "mail"})
	w.m.Audit = nil
	f.Fuzz(func(t *testing.T, address, method string) {
		_, err := session.OAuthFetch(context.Background(), "default", connection.Call{URL: address, Method: method, Headers: map[string]string{"host": address}})
		if code := fault.CodeOf(err); code != "" && code != fault.Denied && code != fault.Invalid {
			t.Errorf("%q: %v", address, err)
		}
		_, _ = session.Fetch(context.Background(), connection.Call{URL: address, Method: method})
	})
}

// TestNothingSecretIsWrittenDown: no user, query or fragment reaches history or
// audit, nor do very long addresses.
func TestNothingSecretIsWrittenDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	session := w.session()
	for _, address := range []string{
		w.url("/api/items") + "?key=canary#canary", strings.Replace(w.url("/api/items"), "://", "://canary:canary@", 1),
		"https://evil.example/x?canary#canary", "https://canary@evil.example/", "https://" + strings.Repeat("a", 9000) + ".example/" + strings.Repeat("canary", 900),
	} {
		_, _ = session.OAuthFetch(context.Background(), "default", connection.Call{URL: address})
	}
	_, err := session.OAuthFetch(context.Background(), "default", connection.Call{URL: w.url("/api/" + strings.Repeat("x", longURL))})
	wantCode(t, err, fault.Invalid)
	rows, requests := w.audit(), session.Requests()
	if len(rows) != 6 || len(requests) != 5 { // the account probe is in the audit too
		t.Errorf("%d rows, %d requests", len(rows), len(requests))
	}
	for _, row := range rows {
		if strings.Contains(row.Host+row.Path[:min(len(row.Path), 100)]+row.Reason, "canary") && !strings.HasPrefix(row.Path, "/canarycanary") || len(row.Path) > 2100 || len(row.Host) > 300 {
			t.Errorf("audit %+v", row)
		}
	}
	for _, r := range requests {
		u, err := url.Parse(r.URL)
		if err != nil || u.RawQuery != "" || u.Fragment != "" || u.User != nil || len(r.URL) > 2500 {
			t.Errorf("request %+v, %v", r, err)
		}
	}
}

const longURL = 17 << 10

func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	w := spied(t, func(*http.Request) {})
	w.m.Audit = nil
	session := w.session()
	for range 10_050 {
		_, _ = session.OAuthFetch(context.Background(), "default", connection.Call{URL: "https://evil.example/"})
	}
	if n := len(session.Requests()); n != 10_000 {
		t.Errorf("%d kept", n)
	}
}
