package connection_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/provider"
	"pie/backend/store"
)

func TestDisconnect(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	cases := map[string]struct {
		forget  bool
		change  func(*world)
		revoked *bool
		detail  string
		asked   int // revocation requests
	}{
		"revoked":        {false, func(*world) {}, &yes, "taken the access back", 2},
		"forgotten":      {true, func(*world) {}, nil, "still stands", 0},
		"server says no": {false, func(w *world) { w.service.set(func() { w.service.revoke = http.StatusServiceUnavailable }) }, &no, "pretend.example/apps", 1},
		"no way": {false, func(w *world) {
			w.agents.change("mail", "default", func(s *connection.Service) { s.Provider.Endpoints.Revocation = provider.Revocation{} })
		}, nil, "no way", 0},
		"the agent is gone": {false, func(w *world) {
			w.agents.mu.Lock()
			defer w.agents.mu.Unlock()
			delete(w.agents.services, "mail/default")
		}, nil, "agent is gone", 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			c.change(w)
			done, err := w.m.Disconnect(context.Background(), "mail", "default", "", c.forget)
			if err != nil || !strings.Contains(done.Detail, c.detail) || (done.Revoked == nil) != (c.revoked == nil) || done.Revoked != nil && *done.Revoked != *c.revoked {
				t.Errorf("got %+v, %v", done, err)
			}
			if done.Connection.Status != connection.NotConnected || !slices.Equal(done.Stopped, []string{"mail"}) {
				t.Errorf("got %+v", done)
			}
			if n := with(w.service, func() int { return len(w.service.revoked) }); n != c.asked {
				t.Errorf("%d revocation requests", n)
			}
			_, err = w.m.Disconnect(context.Background(), "mail", "default", "", c.forget)
			wantCode(t, err, fault.NotFound)
			if err := w.store.View(func(tx *store.Tx) error {
				return tx.Each("tokens", "", func(string, []byte) error { return fault.New(fault.Conflict, "a token is left", "") })
			}); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestDisconnectShreds: what was sealed before cannot be opened afterwards, even
// by somebody who has the old file and the keys of today.
func TestDisconnectShreds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	old, err := os.ReadFile(filepath.Join(w.dir, "pie.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.m.Disconnect(context.Background(), "mail", "default", "", true); err != nil {
		t.Fatal(err)
	}
	thief := w.copied(func(dir string) {
		if err := os.WriteFile(filepath.Join(dir, "pie.db"), old, 0o600); err != nil {
			t.Fatal(err)
		}
	})
	_, err = thief.fetch(connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Locked)
}

func TestDisconnectWhenLocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.sealer.locked.Store(true)
	_, err := w.m.Disconnect(context.Background(), "mail", "default", "", false)
	wantCode(t, err, fault.Locked)
	w.sealer.locked.Store(false)
	w.get() // nothing was done
	w.sealer.locked.Store(true)
	done, err := w.m.Disconnect(context.Background(), "mail", "default", "", true)
	if err != nil || !strings.Contains(done.Detail, "pie vault rotate") {
		t.Errorf("got %+v, %v", done, err)
	}
}

// TestSharedGrant: two agents use the person's own app for one account.
func TestSharedGrant(t *testing.T) {
	t.Parallel()
	shared := func(t *testing.T) *world {
		t.Helper()
		w := newWorld(t)
		for _, agent := range []string{"mail", "notes"} {
			w.agents.change(agent, "default", func(s *connection.Service) { s.Client, s.Shared = w.agents.services["mail/default"].Client, true })
			w.connect(connection.Request{Agent: agent})
		}
		w.service.set(func() { w.service.account = "bob" })
		w.connect(connection.Request{Agent: "mail", Account: "other account"})
		return w
	}
	t.Run("the default forgets", func(t *testing.T) {
		t.Parallel()
		w := shared(t)
		blast, err := w.m.Blast(context.Background(), "mail", "default", "")
		if err != nil || blast.Connection.Agent != "mail" || len(blast.Shared) != 1 || blast.Shared[0].Agent != "notes" {
			t.Errorf("got %+v, %v", blast, err)
		}
		done, err := w.m.Disconnect(context.Background(), "mail", "default", "", false)
		if err != nil || done.Revoked != nil || !strings.Contains(done.Detail, "notes") {
			t.Errorf("got %+v, %v", done, err)
		}
		if n := with(w.service, func() int { return len(w.service.revoked) }); n != 0 {
			t.Errorf("%d revocation requests", n)
		}
		done, err = w.m.Disconnect(context.Background(), "notes", "default", "", false)
		if err != nil || done.Revoked == nil || !*done.Revoked {
			t.Errorf("the last one: %+v, %v", done, err)
		}
	})
	t.Run("everywhere", func(t *testing.T) {
		t.Parallel()
		w := shared(t)
		done, err := w.m.DisconnectWith(context.Background(), "mail", "default", "", connection.DisconnectOptions{Everywhere: true})
		if err != nil || done.Revoked == nil || !*done.Revoked || !slices.Equal(done.Stopped, []string{"mail", "notes"}) {
			t.Errorf("got %+v, %v", done, err)
		}
		list, err := w.m.List(context.Background(), "")
		if err != nil || len(list) != 2 || list[0].Status != connection.Connected || list[1].Status != connection.NeedsReconnect || !strings.Contains(list[1].Problem.Message, "mail") {
			t.Errorf("got %+v, %v", list, err)
		}
	})
	t.Run("nothing shared", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.connect(connection.Request{})
		w.connect(connection.Request{Agent: "notes"})
		if blast, err := w.m.Blast(context.Background(), "mail", "", ""); err != nil || len(blast.Shared) != 0 || blast.Shared == nil {
			t.Errorf("got %+v, %v", blast, err)
		}
		_, err := w.m.Blast(context.Background(), "mail", "", "none")
		wantCode(t, err, fault.NotFound)
	})
}

func TestRemove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add("mail", "second", "client-mail")
	w.connect(connection.Request{})
	w.connect(connection.Request{Account: "work"})
	w.connect(connection.Request{Service: "second"})
	w.connect(connection.Request{Agent: "notes"})
	var link string
	removed := make(chan struct{})
	w.browse(func(_ *connection.Manager, address string) {
		defer close(removed)
		link, _ = visit(address)
		done, err := w.m.Remove(context.Background(), "mail")
		if err != nil || len(done) != 3 || done[0].Revoked != nil || done[2].Revoked == nil {
			t.Errorf("got %+v, %v", done, err)
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	gone := make(chan struct{})
	go func() { // a sign-in that was pending
		defer close(gone)
		_, _ = w.m.Connect(ctx, connection.Request{Agent: "mail", Account: "late"})
	}()
	<-removed
	cancel()
	<-gone
	_, err := w.m.Callback(context.Background(), link)
	wantCode(t, err, fault.NotFound)
	list, err := w.m.List(context.Background(), "")
	if err != nil || len(list) != 3 || list[2].Agent != "notes" || list[2].Status != connection.Connected || list[0].Status != connection.NotConnected {
		t.Errorf("got %+v, %v", list, err)
	}
	if done, err := w.m.Remove(context.Background(), "mail"); err != nil || len(done) != 0 || done == nil {
		t.Errorf("got %+v, %v", done, err)
	}
}
