package connection_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth/oauthtest"
)

// TestLostAnswers: the same token is sent once more, never a third time, across
// the death of the process as well.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	lose := func(w *world, times int, how func(http.ResponseWriter)) {
		left := times
		w.service.set(func() {
			w.service.atToken = func(rw http.ResponseWriter, _ *http.Request) bool {
				lost := with(w.service, func() bool { left--; return left >= 0 })
				if lost {
					how(rw)
				}
				return lost
			}
		})
	}
	drop := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	page := func(rw http.ResponseWriter) { _, _ = io.WriteString(rw, "<html>") }
	large := func(rw http.ResponseWriter) { oauthtest.Huge(rw, nil) }
	cases := map[string]struct {
		times int
		how   func(http.ResponseWriter)
		sent  int
		code  fault.Code
	}{
		"once":                {1, drop, 2, ""},
		"twice":               {2, drop, 2, fault.Reconnect},
		"always":              {9, drop, 2, fault.Reconnect},
		"HTML once":           {1, page, 2, ""},
		"HTML always":         {9, page, 2, fault.Reconnect},
		"5 MB once":           {1, large, 2, ""},
		"5 MB, then the drop": {2, large, 2, fault.Reconnect},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			w.clock.advance(2 * time.Hour)
			lose(w, c.times, c.how)
			_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
			wantCode(t, err, c.code)
			sent := w.sent()
			if len(sent) != c.sent || sent[0] != sent[1] {
				t.Errorf("sent %d", len(sent))
			}
			w.agree(c.code)
			_, err = w.fetch(connection.Call{URL: w.url("/api/items")})
			wantCode(t, err, c.code)
			if n := len(w.sent()); n != c.sent {
				t.Errorf("%d sendings after the end", n)
			}
		})
	}
}

// TestRotatedAndLost: the server rotated, the answer was lost. The second sending
// of the used token is refused, and that is the end.
func TestRotatedAndLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	w.service.set(func() { w.service.afterTok = func(http.ResponseWriter) bool { panic(http.ErrAbortHandler) } })
	w.service.set(func() {
		first := true
		w.service.afterTok = func(http.ResponseWriter) bool {
			if with(w.service, func() bool { was := first; first = false; return was }) {
				panic(http.ErrAbortHandler)
			}
			return false
		}
	})
	_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Reconnect)
	if n := len(w.sent()); n != 2 {
		t.Errorf("%d sendings", n)
	}
	w.agree(fault.Reconnect)
	if got := w.state(); !strings.Contains(got.Problem.Message, "lost") {
		t.Errorf("got %s", describe(got))
	}
}

// TestCrashWhileRefreshing takes the home as it is while the server answers.
func TestCrashWhileRefreshing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	var crashed []*world
	w.service.set(func() {
		w.service.atToken = func(http.ResponseWriter, *http.Request) bool {
			again := w.copied()
			w.mu.Lock()
			defer w.mu.Unlock()
			if crashed = append(crashed, again); len(crashed) <= 2 {
				panic(http.ErrAbortHandler)
			}
			return false
		}
	})
	_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Reconnect)
	w.service.set(func() { w.service.sent = nil })
	w.mu.Lock()
	defer w.mu.Unlock()
	w.service.set(func() { w.service.atToken = nil })
	if _, err := crashed[0].fetch(connection.Call{URL: w.url("/api/items")}); err != nil {
		t.Errorf("died after one sending: %v", err)
	}
	if n := len(w.sent()); n != 1 {
		t.Errorf("died after one sending: %d more", n)
	}
	_, err = crashed[1].fetch(connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Reconnect)
	if n := len(w.sent()); n != 1 {
		t.Errorf("died after two sendings: %d more", n-1)
	}
	crashed[0].agree("")
	crashed[1].agree(fault.Reconnect)
}

// TestRefreshOutlivesTheRun: the run is stopped while the server rotates.
func TestRefreshOutlivesTheRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	w.service.set(func() {
		w.service.atToken = func(http.ResponseWriter, *http.Request) bool {
			cancel()
			<-stopped
			return false
		}
	})
	_, err := w.session().OAuthFetch(ctx, "default", connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Canceled)
	close(stopped)
	if err := w.m.Close(); err != nil { // waits for it
		t.Fatal(err)
	}
	if got := w.state(); got.Refreshes != 1 {
		t.Errorf("got %s", describe(got))
	}
	w.get()
	if n := len(w.sent()); n != 1 {
		t.Errorf("%d sendings", n)
	}
}

// TestSaveBeforeUse: when the API sees the new token it is on disk already.
func TestSaveBeforeUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	var crashed *world
	w.service.set(func() { w.service.api = func(http.ResponseWriter, *http.Request) { crashed = w.copied() } })
	w.get()
	w.service.set(func() { w.service.api = nil })
	crashed.get()
	if n := len(w.sent()); n != 1 {
		t.Errorf("%d sendings", n)
	}
}

// TestRenewedButNotSaved: the renewed token is not used, and not lost either.
func TestRenewedButNotSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	w.sealer.sealOn.Store(true)
	for range 2 {
		_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
		wantCode(t, err, fault.Locked)
	}
	if n := with(w.service, func() int { return len(w.service.seen) }); n != 0 {
		t.Errorf("%d requests with a token that is not on disk", n)
	}
	w.sealer.sealOn.Store(false)
	w.get()
	if n := len(w.sent()); n != 1 {
		t.Errorf("%d sendings", n)
	}
}

// TestInvalidGrantOfALoser: another writer has renewed in the meantime; its token
// is taken, and nothing is given up.
func TestInvalidGrantOfALoser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	other := connection.New(w.deps) // as if a second process had got past the door
	first := true
	w.service.set(func() {
		w.service.atToken = func(rw http.ResponseWriter, _ *http.Request) bool {
			if !with(w.service, func() bool { was := first; first = false; return was }) {
				return false
			}
			a, err := other.Session(connection.RunRef{Agent: "mail"}).OAuthFetch(context.Background(), "default", connection.Call{URL: w.url("/api/items")})
			if err != nil || !a.OK {
				t.Errorf("the other: %v, %v", a.Status, err)
			}
			oauthtest.Answer(400, "application/json", `{"error":"invalid_grant"}`)(rw, nil)
			return true
		}
	})
	w.get()
	w.agree("")
}
