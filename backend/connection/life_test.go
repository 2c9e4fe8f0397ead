package connection_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth/oauthtest"
)

// heard collects events.
type heard struct {
	mu   sync.Mutex
	list []string
}

func (h *heard) notify(kind, id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = append(h.list, kind+" "+id)
}

func (h *heard) count(event string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(h.list), func(s string) bool { return s != event }))
}

const day = 24 * time.Hour

// TestKeptAlive: a refresh token that dies unused is renewed in good time, and one
// of which nothing is known is left alone.
func TestKeptAlive(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		life time.Duration
		idle []time.Duration // between scans
		want int             // refreshes in the end
	}{
		"young":        {30 * day, []time.Duration{10 * day, 10 * day}, 0},
		"near the end": {30 * day, []time.Duration{24*day + time.Hour}, 1},
		"for months":   {30 * day, slices.Repeat([]time.Duration{6 * day}, 20), 5},
		"not known":    {0, []time.Duration{300 * day}, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.agents.change("mail", "default", func(s *connection.Service) { s.Provider.Lifetime.RefreshTTL = int(c.life / time.Second) })
			w.connect(connection.Request{})
			w.m = connection.New(w.deps) // the schedule is read from the file
			for _, idle := range c.idle {
				w.clock.advance(idle)
				if err := w.m.TendOnce(context.Background()); err != nil {
					t.Fatal(err)
				}
				if err := w.m.TendOnce(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			if got := w.state(); got.Refreshes != c.want || len(w.sent()) != c.want || got.Status != connection.Connected {
				t.Errorf("%d sendings, %s", len(w.sent()), describe(got))
			}
		})
	}
}

// TestKeptAliveThroughTrouble: an outage ends nothing and the end of it is told;
// an end at the service is.
func TestKeptAliveThroughTrouble(t *testing.T) {
	t.Parallel()
	events := &heard{}
	w := newWorld(t, func(d *connection.Deps) { d.Notify = events.notify })
	w.agents.change("mail", "default", func(s *connection.Service) { s.Provider.Lifetime.RefreshTTL = int(30 * day / time.Second) })
	c := w.connect(connection.Request{})
	tend := func() connection.Connection {
		w.clock.advance(time.Hour)
		if err := w.m.TendOnce(context.Background()); err != nil {
			t.Fatal(err)
		}
		return w.state()
	}
	w.clock.advance(25 * day)
	w.service.set(func() {
		w.service.atToken = func(rw http.ResponseWriter, r *http.Request) bool {
			oauthtest.Answer(http.StatusServiceUnavailable, "text/html", "down")(rw, r)
			return true
		}
	})
	if got := tend(); got.Status != connection.Connected || got.Problem == nil || got.Problem.Code != fault.Offline || events.count("recovered "+c.ID) != 0 {
		t.Errorf("in the outage: %s", describe(got))
	}
	w.service.set(func() { w.service.atToken = nil })
	if got := tend(); got.Problem != nil || got.Refreshes != 1 || events.count("recovered "+c.ID) != 1 {
		t.Errorf("after it: %s, %d told", describe(got), events.count("recovered "+c.ID))
	}
	w.clock.advance(25 * day)
	w.service.set(func() {
		for _, f := range w.service.refresh {
			f.dead = true
		}
	})
	if got := tend(); got.Status != connection.NeedsReconnect {
		t.Errorf("ended: %s", describe(got))
	}
	sent := len(w.sent())
	if tend(); len(w.sent()) != sent {
		t.Error("what has ended is tried again")
	}
	w.connect(connection.Request{})
	if events.count("recovered "+c.ID) != 2 {
		t.Errorf("a new sign-in: %d told", events.count("recovered "+c.ID))
	}
}

// TestClock: a clock that is wrong is told, costs nothing, and its setting right
// is noticed.
func TestClock(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ahead time.Duration
		want  string
	}{
		"ahead":        {11 * time.Minute, "11m0s ahead"},
		"behind":       {-3 * time.Hour, "3h0m0s behind"},
		"within reach": {time.Minute, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.clock.hold() // a difference is measured, and the machine may be slow
			w.service.set(func() { w.service.now = func() time.Time { return w.clock.now().Add(-c.ahead) } })
			w.connect(connection.Request{})
			got := w.state()
			if (got.Problem != nil) != (c.want != "") || got.Problem != nil && !strings.Contains(got.Problem.Message, c.want) || got.Status != connection.Connected {
				t.Errorf("got %s", describe(got))
			}
			if ahead, err := w.m.Ahead(); err != nil || ahead != c.ahead {
				t.Errorf("ahead %s, %v", ahead, err)
			}
			w.clock.advance(50 * time.Minute)
			w.get()
			if n := len(w.sent()); n != 0 {
				t.Errorf("%d refreshes of a token that is good", n)
			}
			w.service.set(func() { w.service.now = w.clock.now })
			w.clock.advance(time.Hour)
			w.get()
			if got := w.state(); got.Problem != nil || got.Refreshes != 1 {
				t.Errorf("set right: %s", describe(got))
			}
		})
	}
}

// unsettled is a network that is not back yet so many times.
type unsettled struct {
	mu    sync.Mutex
	left  int
	asked int
}

func (u *unsettled) Settle(context.Context) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.asked++
	if u.left--; u.left >= 0 {
		return fault.New(fault.Offline, "The network is not back.", "")
	}
	return nil
}

// TestNetworkMustSettle: while the network is not back nothing is sent that works
// once only, and each sending asks anew.
func TestNetworkMustSettle(t *testing.T) {
	t.Parallel()
	network := &unsettled{left: 2}
	w := newWorld(t, func(d *connection.Deps) { d.Network = network })
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	for range 2 {
		_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
		wantCode(t, err, fault.Offline)
	}
	if got := w.state(); len(w.sent()) != 0 || got.Status != connection.Connected || got.Problem == nil || got.Problem.Code != fault.Offline {
		t.Errorf("%d sendings, %s", len(w.sent()), describe(got))
	}
	lost := false
	w.service.set(func() {
		w.service.atToken = func(http.ResponseWriter, *http.Request) bool {
			if with(w.service, func() bool { was := lost; lost = true; return !was }) {
				panic(http.ErrAbortHandler)
			}
			return false
		}
	})
	w.get()
	if got := w.state(); network.asked != 4 || len(w.sent()) != 2 || got.Problem != nil {
		t.Errorf("asked %d times for %d sendings, %s", network.asked, len(w.sent()), describe(got))
	}
}

// TestLeftAlone: what runs by itself heeds the API's Retry-After; a person's own
// run goes ahead, and one that goes well ends it in the list.
func TestLeftAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		header func(now time.Time) string
	}{
		"429 in seconds": {http.StatusTooManyRequests, func(time.Time) string { return "600" }},
		"503 as a date":  {http.StatusServiceUnavailable, func(now time.Time) string { return now.Add(10 * time.Minute).UTC().Format(http.TimeFormat) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			w.service.set(func() {
				w.service.api = func(rw http.ResponseWriter, _ *http.Request) {
					rw.Header().Set("Retry-After", c.header(w.clock.now()))
					rw.WriteHeader(c.status)
				}
			})
			byItself := func() (connection.Answer, error) {
				return w.m.Session(connection.RunRef{Agent: "mail", Background: true}).OAuthFetch(context.Background(), "", connection.Call{URL: w.url("/api/items")})
			}
			if a, err := byItself(); err != nil || a.Status != c.status || a.Headers["retry-after"] == "" {
				t.Fatalf("got %+v, %v", a, err)
			}
			if got := w.state(); got.Status != connection.Connected || got.Problem == nil || got.Problem.Code != fault.Limited {
				t.Errorf("got %s", describe(got))
			}
			w.service.set(func() { w.service.api, w.service.seen = nil, nil })
			for range 3 {
				_, err := byItself()
				wantCode(t, err, fault.Limited)
			}
			if n := with(w.service, func() int { return len(w.service.seen) }); n != 0 {
				t.Errorf("%d requests although asked to wait", n)
			}
			w.get()
			if got := w.state(); got.Problem != nil {
				t.Errorf("got %s", describe(got))
			}
			w.clock.advance(11 * time.Minute)
			if a, err := byItself(); err != nil || !a.OK {
				t.Errorf("after it: %+v, %v", a, err)
			}
		})
	}
}
