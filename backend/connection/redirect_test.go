package connection_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/provider"
)

// stage is the internet behind one TLS server: every name leads there, and what
// arrives is written down.
type stage struct {
	mu       sync.Mutex
	arrivals []arrival
}

type arrival struct{ host, method, body, auth, key, accept, contentType string }

func newStage(t *testing.T) (*stage, http.RoundTripper) {
	t.Helper()
	s := &stage{}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		h := r.Header
		s.arrivals = append(s.arrivals, arrival{r.Host, r.Method, string(body), h.Get("Authorization"), h.Get("X-Api-Key"), h.Get("Accept"), h.Get("Content-Type")})
		s.mu.Unlock()
		if to := r.URL.Query().Get("to"); to != "" {
			status, _ := strconv.Atoi(r.URL.Query().Get("status"))
			w.Header().Set("Location", to)
			w.WriteHeader(status)
			return
		}
		_, _ = io.WriteString(w, "the end")
	}))
	t.Cleanup(server.Close)
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", server.Listener.Addr().String())
	}
	transport := &http.Transport{DialContext: dial, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	return s, transport
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	const api, up, files = "https://api.pretend.example/", "https://up.pretend.example:8443/", "https://files.other.example/"
	type want struct {
		code   fault.Code
		status int
		host   string // where it ended
		method string
		body   bool
		auth   bool
	}
	end := func(host, method string, body, auth bool) want { return want{"", 200, host, method, body, auth} }
	blocked := want{code: fault.Denied}
	asIs := func(status int) want {
		return want{status: status, host: "api.pretend.example", auth: true, body: true}
	}
	cases := map[string]struct {
		method, to string
		status     int
		want       want
	}{
		"GET 302 same host":        {"GET", api + "x", 302, end("api.pretend.example", "GET", true, true)},
		"GET 301 relative":         {"GET", "/x", 301, end("api.pretend.example", "GET", true, true)},
		"GET 307 other allowed":    {"GET", up + "x", 307, end("up.pretend.example:8443", "GET", true, true)},
		"HEAD 303 same host":       {"HEAD", api + "x", 303, end("api.pretend.example", "HEAD", true, true)},
		"GET 302 files":            {"GET", files + "x", 302, end("files.other.example", "GET", true, false)},
		"GET 308 files":            {"GET", files + "x", 308, end("files.other.example", "GET", true, false)},
		"GET 302 other port":       {"GET", "https://api.pretend.example:9999/x", 302, end("api.pretend.example:9999", "GET", true, false)},
		"GET 302 to http":          {"GET", "http://api.pretend.example/x", 302, blocked},
		"GET 302 user":             {"GET", "https://api.pretend.example@evil.example/x", 302, blocked},
		"GET 302 user of allowed":  {"GET", "https://u@api.pretend.example/x", 302, blocked},
		"GET 302 trailing dot":     {"GET", "https://api.pretend.example./x", 302, blocked},
		"GET 302 loopback":         {"GET", "https://127.0.0.1/x", 302, blocked},
		"GET 302 loopback name":    {"GET", "https://localhost/x", 302, blocked},
		"GET 302 metadata":         {"GET", "https://169.254.169.254/latest", 302, blocked},
		"GET 302 mapped":           {"GET", "https://[::ffff:10.0.0.1]/x", 302, blocked},
		"GET 302 one word":         {"GET", "https://intranet/x", 302, blocked},
		"GET 302 ftp":              {"GET", "ftp://files.other.example/x", 302, blocked},
		"GET 302 script":           {"GET", "javascript:alert(1)", 302, want{status: 302, host: "api.pretend.example", auth: true, body: true}},
		"GET 302 no location":      {"GET", " ", 302, asIs(302)},
		"GET 304":                  {"GET", api + "x", 304, want{status: 304, host: "api.pretend.example", auth: true, body: true}},
		"POST 301 same host":       {"POST", api + "x", 301, end("api.pretend.example", "GET", false, true)},
		"POST 302 same host":       {"POST", api + "x", 302, end("api.pretend.example", "GET", false, true)},
		"POST 303 same host":       {"POST", api + "x", 303, end("api.pretend.example", "GET", false, true)},
		"POST 307 same host":       {"POST", api + "x", 307, end("api.pretend.example", "POST", true, true)},
		"POST 308 other allowed":   {"POST", up + "x", 308, end("up.pretend.example:8443", "POST", true, true)},
		"POST 303 files":           {"POST", files + "x", 303, end("files.other.example", "GET", false, false)},
		"POST 307 files":           {"POST", files + "x", 307, blocked},
		"POST 308 files":           {"POST", files + "x", 308, blocked},
		"PUT 301":                  {"PUT", api + "x", 301, asIs(301)},
		"DELETE 302":               {"DELETE", api + "x", 302, asIs(302)},
		"PUT 303 same host":        {"PUT", api + "x", 303, end("api.pretend.example", "GET", false, true)},
		"PUT 307 same host":        {"PUT", api + "x", 307, end("api.pretend.example", "PUT", true, true)},
		"PATCH 308 files":          {"PATCH", files + "x", 308, blocked},
		"files and back":           {"GET", files + "?status=302&to=https%3A%2F%2Fapi.pretend.example%2Fx", 302, end("api.pretend.example", "GET", true, true)},
		"allowed, files, loopback": {"GET", files + "?status=302&to=https%3A%2F%2F127.0.0.1%2F", 302, blocked},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stage, transport := newStage(t)
			w := newWorld(t, func(d *connection.Deps) { d.Transport = transport })
			hosts, err := provider.ParseHosts([]string{"api.pretend.example", "up.pretend.example:8443"})
			if err != nil {
				t.Fatal(err)
			}
			w.agents.change("mail", "default", func(s *connection.Service) { s.Hosts = hosts })
			w.connect(connection.Request{})
			a, err := w.fetch(connection.Call{
				Method: c.method, URL: api + "?status=" + strconv.Itoa(c.status) + "&to=" + urlEscape(c.to), Body: []byte("payload"),
				Headers: map[string]string{"X-Api-Key": "own", "Accept": "text/plain", "Content-Type": "text/x-own"},
			})
			wantCode(t, err, c.want.code)
			stage.mu.Lock()
			defer stage.mu.Unlock()
			last := stage.arrivals[len(stage.arrivals)-1]
			for _, each := range stage.arrivals {
				outside := each.host != "api.pretend.example" && each.host != "up.pretend.example:8443"
				if outside && (each.auth != "" || each.key != "" || each.contentType != "") {
					t.Errorf("%s got %+v", each.host, each)
				}
				if each.accept != "text/plain" {
					t.Errorf("accept %q", each.accept)
				}
			}
			if c.want.code != "" {
				if rows := w.audit(); rows[0].Decision != "blocked" || rows[1].Decision != "sent" {
					t.Errorf("audit %+v", rows[:2])
				}
				return
			}
			got := want{"", a.Status, last.host, last.method, last.body == "payload", last.auth != ""}
			if c.want.method == "" {
				got.method = ""
			}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if !got.body && last.contentType != "" {
				t.Errorf("a content type without a content: %q", last.contentType)
			}
		})
	}
}

func TestRedirectsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.service.set(func() {
		w.service.api = func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/api/again", http.StatusFound) }
	})
	_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Limited)
	if n := with(w.service, func() int { return len(w.service.seen) }); n != 10 {
		t.Errorf("%d hops", n)
	}
}
