package connection_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
)

func TestRevokedAtTheService(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		id      string
		forward time.Duration
		want    string
	}{
		"somewhere":      {"pretend", 2 * time.Hour, "ended this sign-in"},
		"google testing": {"google", 7 * 24 * time.Hour, "7 days"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.agents.change("mail", "default", func(s *connection.Service) { s.Provider.ID = c.id })
			w.connect(connection.Request{})
			w.clock.advance(c.forward)
			w.service.set(func() {
				for _, f := range w.service.refresh {
					f.dead = true
				}
			})
			_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
			wantCode(t, err, fault.Reconnect)
			if p := fault.Public(err); !strings.Contains(p.Message, c.want) || !strings.Contains(p.Hint, "pie connect mail") {
				t.Errorf("got %+v", p)
			}
			w.agree(fault.Reconnect)
			c2 := w.connect(connection.Request{})
			if c2.Status != connection.Connected || c2.Problem != nil {
				t.Errorf("got %s", describe(c2))
			}
			w.get()
			w.agree("")
		})
	}
}

// TestForbiddenStaysAfterRefresh: a refresh widens nothing.
func TestForbiddenStaysAfterRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.service.set(func() {
		w.service.api = func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope"`)
			rw.WriteHeader(http.StatusForbidden)
		}
	})
	if a, err := w.fetch(connection.Call{URL: w.url("/api/items")}); err != nil || a.Status != http.StatusForbidden || len(a.Headers) > 2 {
		t.Errorf("got %+v, %v", a, err)
	}
	w.service.set(func() { w.service.api = nil })
	w.clock.advance(2 * time.Hour)
	w.get()
	if got := w.state(); got.Status != connection.NeedsMore || got.Refreshes != 1 || got.Problem == nil {
		t.Errorf("got %s", describe(got))
	}
	w.connect(connection.Request{})
	if got := w.state(); got.Status != connection.Connected {
		t.Errorf("got %s", describe(got))
	}
}

func TestUnauthorized(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		method    string
		apiCalls  int // with the good token too
		refreshes int
		status    int
	}{
		"GET":  {"GET", 1, 1, 200},
		"HEAD": {"HEAD", 1, 1, 200},
		"POST": {"POST", 0, 1, 401},
		"PUT":  {"PUT", 0, 1, 401},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			w.service.expireAccess()
			a, err := w.fetch(connection.Call{Method: c.method, URL: w.url("/api/items")})
			if err != nil || a.Status != c.status {
				t.Errorf("got %d, %v", a.Status, err)
			}
			if n := len(w.sent()); n != c.refreshes {
				t.Errorf("%d refreshes", n)
			}
			if n := with(w.service, func() int { return len(w.service.seen) }); n != c.apiCalls {
				t.Errorf("%d requests got through", n)
			}
			a, err = w.fetch(connection.Call{Method: c.method, URL: w.url("/api/items")})
			if err != nil || a.Status != 200 || len(w.sent()) != 1 {
				t.Errorf("the next one: %d, %v, %d refreshes", a.Status, err, len(w.sent()))
			}
		})
	}
}

// TestAlwaysUnauthorized: an address that always says 401 does not make a
// refresh each time.
func TestAlwaysUnauthorized(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "POST"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			w.service.set(func() {
				w.service.api = func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusUnauthorized) }
			})
			for range 5 {
				a, err := w.fetch(connection.Call{Method: method, URL: w.url("/api/items")})
				if err != nil || a.Status != http.StatusUnauthorized {
					t.Errorf("got %d, %v", a.Status, err)
				}
			}
			if n := len(w.sent()); n != 1 {
				t.Errorf("%d refreshes", n)
			}
			w.agree("")
			if got := w.state(); got.Problem == nil {
				t.Error("nothing is said")
			}
			w.service.set(func() { w.service.api = nil })
			w.get()
			if got := w.state(); got.Problem != nil {
				t.Errorf("still said: %s", describe(got))
			}
		})
	}
}

// TestUnauthorizedWithoutRefresh: one address may refuse; a token that the
// identity address refuses too is over.
func TestUnauthorizedWithoutRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.service.set(func() { w.service.norefr, w.service.life = true, nil })
	w.connect(connection.Request{})
	w.service.set(func() {
		w.service.api = func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusUnauthorized) }
	})
	if a, err := w.fetch(connection.Call{URL: w.url("/api/items")}); err != nil || a.Status != http.StatusUnauthorized {
		t.Errorf("got %d, %v", a.Status, err)
	}
	w.agree("")
	w.service.expireAccess()
	if a, err := w.fetch(connection.Call{URL: w.url("/api/items")}); err != nil || a.Status != http.StatusUnauthorized {
		t.Errorf("got %d, %v", a.Status, err)
	}
	w.agree(fault.Reconnect)
}

func TestForbidden(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		body   any
		status string
		code   fault.Code
		word   string
	}{
		"scope":   {map[string]any{"error": map[string]any{"details": []any{map[string]any{"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}}}}, connection.NeedsMore, fault.Denied, "not enough"},
		"api off": {map[string]any{"error": map[string]any{"errors": []any{map[string]any{"reason": "accessNotConfigured"}}}}, connection.Connected, fault.Denied, "switched off"},
		"quota":   {map[string]any{"reason": "rateLimitExceeded"}, connection.Connected, fault.Limited, "too many"},
		"policy":  {map[string]any{"reason": "domainPolicy"}, connection.Connected, fault.Denied, "for your account"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			w.service.set(func() {
				w.service.api = func(rw http.ResponseWriter, _ *http.Request) {
					rw.WriteHeader(http.StatusForbidden)
					_ = json.NewEncoder(rw).Encode(c.body)
				}
			})
			if a, err := w.fetch(connection.Call{URL: w.url("/api/items")}); err != nil || a.Status != http.StatusForbidden || a.OK {
				t.Errorf("got %+v, %v", a, err)
			}
			got := w.state()
			if got.Status != c.status || got.Problem == nil || got.Problem.Code != c.code || !strings.Contains(got.Problem.Message, c.word) {
				t.Errorf("got %s", describe(got))
			}
			w.service.set(func() { w.service.api = nil })
			w.get()
			if got := w.state(); (got.Problem == nil) != (c.status == connection.Connected) {
				t.Errorf("after a good request: %s", describe(got))
			}
		})
	}
}
