package connection_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
)

// TestColdStart: the process that began the flow is gone, another one finishes it.
func TestColdStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var crashed *world
	var link string
	w.browse(func(_ *connection.Manager, address string) {
		link, _ = visit(address)
		crashed = w.copied()
	})
	_, err := w.m.Connect(context.Background(), connection.Request{Agent: "mail", Account: "work", Timeout: time.Millisecond})
	wantCode(t, err, fault.Limited)
	c, err := crashed.m.Callback(context.Background(), link)
	if err != nil || c.Status != connection.Connected || c.Label != "work" {
		t.Fatalf("got %s, %v", describe(c), err)
	}
	crashed.get()
}

// TestColdStartIsOverWithTheNextSignIn: one flow for an account waits at a time,
// whoever began it.
func TestColdStartIsOverWithTheNextSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var crashed *world
	var link string
	w.browse(func(_ *connection.Manager, address string) {
		link, _ = visit(address)
		crashed = w.copied()
	})
	_, err := w.m.Connect(context.Background(), connection.Request{Agent: "mail", Timeout: time.Millisecond})
	wantCode(t, err, fault.Limited)
	_, err = crashed.m.Connect(context.Background(), connection.Request{Agent: "mail", NoBrowser: true, Timeout: time.Millisecond})
	wantCode(t, err, fault.Limited)
	_, err = crashed.m.Callback(context.Background(), link)
	wantCode(t, err, fault.NotFound)
}

// TestLockedVaultKeepsTheFlow: the link works again once the vault is open.
func TestLockedVaultKeepsTheFlow(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"scheme", "loopback"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.browse(func(m *connection.Manager, address string) {
				link, _ := visit(address)
				w.sealer.locked.Store(true)
				hand(m, link)
				if n := with(w.service, func() int { return w.service.posts }); n != 0 {
					t.Errorf("%d token requests with a locked vault", n)
				}
				w.sealer.locked.Store(false)
				hand(m, link)
			})
			w.connect(connection.Request{Redirect: kind})
		})
	}
}

// TestCrashBeforeSave: the flow is spent, nothing else is lost.
func TestCrashBeforeSave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.connect(connection.Request{})
	var crashed *world
	var link string
	w.browse(func(m *connection.Manager, address string) {
		link, _ = visit(address)
		w.service.set(func() {
			w.service.atToken = func(http.ResponseWriter, *http.Request) bool { crashed = w.copied(); return false }
		})
		hand(m, link)
		w.service.set(func() { w.service.atToken = nil })
	})
	w.connect(connection.Request{})
	if got := crashed.state(); got.ID != before.ID || got.Status != connection.Connected {
		t.Errorf("got %s", describe(got))
	}
	crashed.get()
	_, err := crashed.m.Callback(context.Background(), link)
	wantCode(t, err, fault.NotFound)
}
