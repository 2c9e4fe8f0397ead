package connection_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
)

// sent are the refresh tokens that the server has received.
func (w *world) sent() []string {
	return with(w.service, func() []string { return slices.Clone(w.service.sent) })
}

func TestRefreshAhead(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		life    any
		forward time.Duration
		want    int
	}{
		"an hour, young":        {3600, 53 * time.Minute, 0},
		"an hour, five to":      {3600, 55*time.Minute + time.Second, 1},
		"ten minutes, young":    {600, 8*time.Minute + 40*time.Second, 0},
		"ten minutes, a tenth":  {600, 9*time.Minute + time.Second, 1},
		"over":                  {3600, 2 * time.Hour, 1},
		"no life known":         {nil, 1000 * time.Hour, 0},
		"a text with a point":   {"3600.5", 53 * time.Minute, 0},
		"a text with a point 2": {"3600.5", 56 * time.Minute, 1},
		"negative":              {-5, time.Second, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.service.set(func() { w.service.life = c.life })
			w.connect(connection.Request{})
			if n := len(w.sent()); c.life != -5 && n != 0 {
				t.Fatalf("%d refreshes at the start", n)
			}
			before := len(w.sent())
			w.clock.advance(c.forward)
			w.get()
			if n := len(w.sent()) - before; n != c.want {
				t.Errorf("%d refreshes, want %d", n, c.want)
			}
			if got := w.state(); got.Refreshes != c.want || (got.RefreshedAt != nil) != (c.want > 0) || got.Status != connection.Connected {
				t.Errorf("got %s", describe(got))
			}
		})
	}
}

func TestThousandRequestsRefreshOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	session := w.session()
	var wg sync.WaitGroup
	errs := make(chan error, 1000)
	start := make(chan struct{})
	for range 1000 {
		wg.Go(func() {
			<-start
			a, err := session.OAuthFetch(context.Background(), "default", connection.Call{URL: w.url("/api/items")})
			if err == nil && !a.OK {
				err = fmt.Errorf("answered %d", a.Status)
			}
			errs <- err
		})
	}
	close(start)
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.sent()); n != 1 {
		t.Errorf("%d refreshes", n)
	}
	if n := len(session.Requests()); n != 1000 {
		t.Errorf("%d requests noted", n)
	}
}

// agree checks that list, session and requests tell one story.
func (w *world) agree(code fault.Code) {
	w.t.Helper()
	got := w.state()
	ok, err := w.session().Connected(context.Background(), "default")
	dead := code == fault.Reconnect
	if err != nil || ok == dead || (got.Status == connection.NeedsReconnect) != dead || dead && (got.Problem == nil || got.Problem.Code != fault.Reconnect) {
		w.t.Errorf("connected %v, %v, list %s", ok, err, describe(got))
	}
}

func TestNoRefreshToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.service.set(func() { w.service.norefr = true })
	w.connect(connection.Request{})
	w.clock.advance(59*time.Minute + 50*time.Second) // used to its end
	w.get()
	w.agree("")
	w.clock.advance(11 * time.Second)
	w.agree(fault.Reconnect) // before anybody has tried
	_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Reconnect)
	if got, err := w.m.Check(context.Background(), "mail", "", ""); err != nil || got.Status != connection.NeedsReconnect {
		t.Errorf("got %s, %v", describe(got), err)
	}
}

func TestRefreshScopes(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		first, then string
		status      string
	}{
		"all":      {"read write", "read write", connection.Connected},
		"missing":  {"read", "read", connection.NeedsMore},
		"narrowed": {"read write", "read", connection.NeedsMore},
		"widened":  {"read", "write read", connection.Connected},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.service.set(func() { w.service.scope = func(string) string { return c.first } })
			w.connect(connection.Request{})
			w.service.set(func() {
				for _, f := range w.service.refresh {
					f.scope = c.then
				}
			})
			w.clock.advance(2 * time.Hour)
			w.get()
			if got := w.state(); got.Status != c.status || (got.Problem != nil) != (c.status == connection.NeedsMore) || got.Refreshes != 1 {
				t.Errorf("got %s", describe(got))
			}
		})
	}
}
