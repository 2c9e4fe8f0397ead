package connection_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth/oauthtest"
	"pie/backend/outbox"
	"pie/backend/provider"
)

func TestAccessModes(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		access, method, path string
		code                 fault.Code
	}{
		"full write":               {connection.AccessFull, "POST", "/api/items", ""},
		"read GET":                 {connection.AccessRead, "GET", "/api/items", ""},
		"read no method":           {connection.AccessRead, "", "/api/items", ""},
		"read head":                {connection.AccessRead, "head", "/api/items", ""},
		"read POST":                {connection.AccessRead, "POST", "/api/items", fault.Denied},
		"read delete":              {connection.AccessRead, "delete", "/api/items", fault.Denied},
		"read OPTIONS":             {connection.AccessRead, "OPTIONS", "/api/items", fault.Denied},
		"read made up":             {connection.AccessRead, "GETX", "/api/items", fault.Denied},
		"read by POST":             {connection.AccessRead, "POST", "/api/search", ""},
		"read by PUT":              {connection.AccessRead, "PUT", "/api/search", fault.Denied},
		"read by POST, longer":     {connection.AccessRead, "POST", "/api/search/x", fault.Denied},
		"read by POST, dots":       {connection.AccessRead, "POST", "/api/search/../items", fault.Denied},
		"read by POST, encoded":    {connection.AccessRead, "POST", "/api/sear%63h", fault.Denied},
		"read by POST, two slash":  {connection.AccessRead, "POST", "//api/search", fault.Denied},
		"ask GET":                  {connection.AccessAsk, "GET", "/api/items", ""},
		"ask POST":                 {connection.AccessAsk, "POST", "/api/items", "held"},
		"ask read by POST":         {connection.AccessAsk, "POST", "/api/search", ""},
		"full CONNECT":             {connection.AccessFull, "CONNECT", "/api/items", fault.Invalid},
		"full trace":               {connection.AccessFull, "trace", "/api/items", fault.Invalid},
		"full method with a space": {connection.AccessFull, "GET /x", "/api/items", fault.Invalid},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			if _, err := w.m.SetAccess("mail", "", "", c.access); err != nil {
				t.Fatal(err)
			}
			session := w.session()
			a, err := session.OAuthFetch(context.Background(), "", connection.Call{Method: c.method, URL: w.service.URL + c.path})
			if c.code == "held" {
				if a.Status != http.StatusAccepted || a.Headers["pie-outbox"] == "" {
					t.Errorf("answered %+v", a)
				}
				wantCode(t, err, "")
			} else {
				wantCode(t, err, c.code)
			}
			seen := with(w.service, func() int { return len(w.service.seen) })
			if (seen == 1) != (c.code == "") {
				t.Errorf("%d requests arrived", seen)
			}
			if c.code == fault.Denied {
				row := w.audit()[0]
				if row.Decision != "blocked" || row.Reason == "" || row.Run != "run-1" || len(session.Requests()) != 1 {
					t.Errorf("audit %+v", row)
				}
			}
		})
	}
	t.Run("an unknown mode", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.connect(connection.Request{})
		_, err := w.m.SetAccess("mail", "default", "", "admin")
		wantCode(t, err, fault.Invalid)
		_, err = w.m.SetAccess("notes", "default", "", "full")
		wantCode(t, err, fault.NotFound)
	})
}

// TestReadStaysARead: neither headers nor redirects turn a read into a write.
func TestReadStaysARead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	if _, err := w.m.SetAccess("mail", "default", "", connection.AccessRead); err != nil {
		t.Fatal(err)
	}
	if _, err := w.fetch(connection.Call{URL: w.url("/api/items"), Headers: map[string]string{"x-http-method-override": "DELETE", "X-HTTP-Method": "PUT"}}); err != nil {
		t.Fatal(err)
	}
	header := with(w.service, func() http.Header { return w.service.seen[0].Header })
	if header.Get("X-Http-Method-Override") != "" || header.Get("X-Http-Method") != "" {
		t.Errorf("sent %v", header)
	}
	w.service.set(func() {
		w.service.api = func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/api/search" {
				http.Redirect(rw, r, "/api/delete", http.StatusTemporaryRedirect)
			}
		}
	})
	_, err := w.fetch(connection.Call{Method: "POST", URL: w.url("/api/search"), Body: []byte(`{}`)})
	wantCode(t, err, fault.Denied)
	if last := with(w.service, func() string { return w.service.seen[len(w.service.seen)-1].URL.Path }); last != "/api/search" {
		t.Errorf("reached %s", last)
	}
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	session := w.m.Session(connection.RunRef{Agent: "mail", RunID: "dry", DryRun: true})
	ctx := context.Background()
	if a, err := session.OAuthFetch(ctx, "default", connection.Call{URL: w.url("/api/items")}); err != nil || a.Status != 200 {
		t.Errorf("a read: %+v, %v", a, err)
	}
	call := connection.Call{Method: "post", URL: w.url("/api/items") + "?q=canary#canary", Headers: map[string]string{"X-B": "canary", "X-A": "canary"}, Body: []byte("the body")}
	if a, err := session.OAuthFetch(ctx, "default", call); err != nil || a.Status != 202 || !a.OK || string(a.Body) != "{}" {
		t.Errorf("a write: %+v, %v", a, err)
	}
	hosts, err := provider.ParseHosts([]string{w.service.URL})
	if err != nil {
		t.Fatal(err)
	}
	w.agents.hosts = hosts
	if a, err := session.Fetch(ctx, connection.Call{Method: "DELETE", URL: w.url("/api/items")}); err != nil || a.Status != 202 {
		t.Errorf("a write of context.fetch: %+v, %v", a, err)
	}
	if n := with(w.service, func() int { return len(w.service.seen) }); n != 1 {
		t.Errorf("%d requests arrived", n)
	}
	out, err := w.outbox.List("mail", "dry")
	if err != nil || len(out) != 2 || out[0].Method != http.MethodPost || out[0].URL != w.url("/api/items") || out[0].Bytes != 8 ||
		*out[0].Service != "default" || out[1].Service != nil || out[0].CreatedAt.IsZero() || out[0].Reason != outbox.DryRun {
		t.Fatalf("outbox %+v, %v", out, err)
	}
	_, request, err := w.outbox.Get(ctx, out[0].ID)
	if err != nil || request.URL != w.url("/api/items")+"?q=canary#canary" || string(request.Body) != "the body" || len(request.Headers) != 2 || request.Headers["X-B"] != "canary" {
		t.Errorf("request %+v, %v", request, err)
	}
}

func TestHeadersOfTheAgent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	call := connection.Call{URL: w.url("/api/items"), Headers: map[string]string{
		"X-Api-Key": "own", "authorization": "Bearer forged", "Cookie": "a=b", "Host": "evil.example", "Accept-Encoding": "br", "Proxy-Authorization": "x", "accept": "text/plain",
	}}
	if _, err := w.fetch(call); err != nil {
		t.Fatal(err)
	}
	seen := with(w.service, func() *http.Request { return w.service.seen[0] })
	if seen.Header.Get("X-Api-Key") != "own" || seen.Header.Get("Accept") != "text/plain" || seen.Header.Get("Cookie") != "" || seen.Host == "evil.example" ||
		seen.Header.Get("Accept-Encoding") == "br" || strings.Contains(seen.Header.Get("Authorization"), "forged") || seen.Header.Get("Proxy-Authorization") != "" {
		t.Errorf("sent %s %v", seen.Host, seen.Header)
	}
	for _, bad := range []map[string]string{{"a b": "c"}, {"a": "b\r\nc: d"}, {"": "x"}, {"a\x00": "b"}} {
		_, err := w.fetch(connection.Call{URL: w.url("/api/items"), Headers: bad})
		wantCode(t, err, fault.Invalid)
	}
}

// TestContextFetch never carries a token, and goes to approved hosts alone.
func TestContextFetch(t *testing.T) {
	t.Parallel()
	other := oauthtest.New(t)
	w := newWorld(t)
	w.connect(connection.Request{})
	hosts, err := provider.ParseHosts([]string{other.URL})
	if err != nil {
		t.Fatal(err)
	}
	w.agents.hosts = hosts
	session := w.session()
	a, err := session.Fetch(context.Background(), connection.Call{URL: other.URL + "/x?k=v", Headers: map[string]string{"Authorization": "own key"}})
	if err != nil || !a.OK || other.Requests()[0].Header.Get("Authorization") != "own key" {
		t.Errorf("got %+v, %v", a, err)
	}
	other.Behave(other.Redirect(http.StatusFound)) // to a host that is not approved
	_, err = session.Fetch(context.Background(), connection.Call{URL: other.URL + "/x"})
	wantCode(t, err, fault.Denied)
	if other.Strayed() != 0 {
		t.Error("followed to a host that is not approved")
	}
	_, err = session.Fetch(context.Background(), connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Denied)
	if !strings.Contains(fault.Public(err).Hint, "--allow-host") {
		t.Errorf("hint %q", fault.Public(err).Hint)
	}
}
