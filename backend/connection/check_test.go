package connection_test

import (
	"context"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
)

func TestCheckNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	check := func() connection.Connection {
		t.Helper()
		c, err := w.m.Check(context.Background(), "mail", "default", "")
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	_, err := w.m.Check(context.Background(), "mail", "default", "")
	wantCode(t, err, fault.NotFound)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	if c := check(); c.Refreshes != 1 || c.Status != connection.Connected || c.CheckedAt.Before(*c.ConnectedAt) || c.CheckedAt.Equal(*c.ConnectedAt) {
		t.Errorf("when due: %s", describe(c))
	}
	w.service.expireAccess()
	if c := check(); c.Refreshes != 2 || c.Status != connection.Connected || c.Problem != nil {
		t.Errorf("after a 401: %s", describe(c))
	}
	w.service.set(func() {
		clear(w.service.access)
		for _, f := range w.service.refresh {
			f.dead = true
		}
	})
	if c := check(); c.Status != connection.NeedsReconnect || c.Problem == nil || c.Problem.Code != fault.Reconnect {
		t.Errorf("after the end: %s", describe(c))
	}
	w.agree(fault.Reconnect)
	w.connect(connection.Request{})
	w.sealer.locked.Store(true)
	_, err = w.m.Check(context.Background(), "mail", "default", "")
	wantCode(t, err, fault.Locked)
	w.sealer.locked.Store(false)
	w.service.CloseClientConnections()
	w.service.Close()
	if c := check(); c.Status != connection.Connected || c.Problem == nil || c.Problem.Code != fault.Offline {
		t.Errorf("offline: %s", describe(c))
	}
}

// TestLastUse is noted at once for those who look, and on disk at the end.
func TestLastUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if c := w.connect(connection.Request{}); c.LastUsedAt != nil {
		t.Errorf("used before: %v", c.LastUsedAt)
	}
	w.get()
	w.clock.advance(30 * time.Second)
	w.get()
	last := w.state().LastUsedAt
	if last == nil || w.clock.now().Sub(*last) > 20*time.Second {
		t.Errorf("last used %v", last)
	}
	if err := w.m.Close(); err != nil {
		t.Fatal(err)
	}
	if again := connection.New(w.deps); again != nil {
		list, err := again.List(context.Background(), "mail")
		if err != nil || list[0].LastUsedAt == nil || !list[0].LastUsedAt.Equal(*last) {
			t.Errorf("on disk: %+v, %v", list, err)
		}
	}
}
