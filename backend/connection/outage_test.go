package connection_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/oauth/oauthtest"
)

// TestUnreachable: a dial that failed is no sending, and an outage ends nothing.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		behavior http.HandlerFunc // nil: nobody listens
		code     fault.Code
	}{
		"nobody listens": {nil, fault.Offline},
		"503":            {oauthtest.Answer(503, "text/plain", "down"), fault.Offline},
		"429":            {oauthtest.Answer(429, "text/plain", "slow"), fault.Limited},
		"client unknown": {oauthtest.Answer(401, "application/json", `{"error":"invalid_client"}`), fault.Denied},
		"another":        {oauthtest.Answer(400, "application/json", `{"error":"invalid_scope"}`), fault.Denied},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			var down func()
			if c.behavior == nil {
				down = w.unplugTokens()
			} else {
				w.service.set(func() {
					w.service.atToken = func(rw http.ResponseWriter, r *http.Request) bool { c.behavior(rw, r); return true }
				})
				down = func() { w.service.set(func() { w.service.atToken = nil }) }
			}
			w.clock.advance(57 * time.Minute) // due, and still good
			for range 5 {
				w.get()
			}
			if n := len(w.sent()); n > 1 {
				t.Errorf("%d sendings while the token was good", n)
			}
			got := w.state()
			if got.Status != connection.Connected || got.Problem == nil || got.Problem.Code != c.code {
				t.Errorf("got %s", describe(got))
			}
			w.clock.advance(time.Hour)
			for range 5 {
				_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
				wantCode(t, err, c.code)
			}
			w.agree("")
			down()
			w.clock.advance(time.Minute)
			w.get()
			if got := w.state(); got.Problem != nil || got.Refreshes != 1 {
				t.Errorf("after the outage: %s", describe(got))
			}
		})
	}
}

// unplugTokens makes the token address one where nobody listens; the function
// plugs it in again.
func (w *world) unplugTokens() func() {
	tokens := &unplugged{}
	w.deps.HTTP = oauth.NewHTTP(oauth.HTTPOptions{Now: w.clock.now, Transport: tokens})
	_ = w.m.Close()
	w.m = connection.New(w.deps)
	return func() { tokens.set(true) }
}

type unplugged struct {
	mu sync.Mutex
	in bool
}

func (u *unplugged) set(in bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.in = in
}

func (u *unplugged) RoundTrip(r *http.Request) (*http.Response, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.in {
		return nil, fmt.Errorf("dial tcp: no route to host")
	}
	return new(http.Transport).RoundTrip(r)
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	w.service.set(func() {
		w.service.atToken = func(rw http.ResponseWriter, _ *http.Request) bool {
			rw.Header().Set("Retry-After", "600")
			rw.WriteHeader(http.StatusTooManyRequests)
			return true
		}
	})
	for range 3 {
		_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
		wantCode(t, err, fault.Limited)
	}
	if n := len(w.sent()); n != 1 {
		t.Errorf("%d sendings although asked to wait", n)
	}
	w.service.set(func() { w.service.atToken = nil })
	w.clock.advance(601 * time.Second)
	w.get()
}
