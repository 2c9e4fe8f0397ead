package connection_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/store"
)

// TestPanic: everything goes, and a service that cannot be reached is told.
func TestPanic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add("mail", "second", "client-mail")
	w.connect(connection.Request{})
	w.connect(connection.Request{Agent: "notes"})
	w.connect(connection.Request{Service: "second"})
	w.agents.change("notes", "default", func(s *connection.Service) { s.Provider.Endpoints.Revocation.URL = "http://127.0.0.1:1/revoke" })
	attempt := make(chan error, 1)
	var link string
	waiting := make(chan struct{})
	w.browse(func(_ *connection.Manager, address string) { link, _ = visit(address); close(waiting) })
	go func() {
		_, err := w.m.Connect(context.Background(), connection.Request{Agent: "mail", Account: "late", Timeout: time.Minute})
		attempt <- err
	}()
	<-waiting
	rows, err := w.m.Panic(context.Background())
	if err != nil || len(rows) != 3 {
		t.Fatalf("got %+v, %v", rows, err)
	}
	for _, row := range rows {
		reached := row.Connection.Agent != "notes"
		if row.Revoked == nil || *row.Revoked != reached || row.Connection.Status != connection.NotConnected {
			t.Errorf("got %+v", row)
		}
		if !reached && (!strings.Contains(row.Detail, "cannot be reached") || !strings.Contains(row.Detail, "pretend.example/apps")) {
			t.Errorf("the unreachable one says %q", row.Detail)
		}
	}
	wantCode(t, <-attempt, fault.Canceled)
	_, err = w.m.Callback(context.Background(), link)
	wantCode(t, err, fault.NotFound)
	if err := w.store.View(func(tx *store.Tx) error {
		return tx.Each("tokens", "", func(string, []byte) error { return fault.New(fault.Conflict, "a token is left", "") })
	}); err != nil {
		t.Error(err)
	}
	live := with(w.service, func() (n int) {
		for _, f := range w.service.refresh {
			if !f.dead && f.client == "client-mail" {
				n++
			}
		}
		return n
	})
	if live != 0 {
		t.Errorf("%d grants of mail live on", live)
	}
	if rows, err := w.m.Panic(context.Background()); err != nil || rows == nil || len(rows) != 0 {
		t.Errorf("with nothing left: %+v, %v", rows, err)
	}
}

// TestPanicDuringExchange: a code that is being exchanged while all is taken back
// does not become a connection that is left over.
func TestPanicDuringExchange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{Agent: "notes"})
	release, asked := make(chan struct{}), make(chan struct{})
	revoking := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(release) }))
	defer revoking.Close()
	w.agents.change("notes", "default", func(s *connection.Service) {
		s.Provider.Endpoints.Revocation.URL, s.Provider.Endpoints.Revocation.Method = revoking.URL, "bearer-delete"
	})
	w.service.set(func() {
		w.service.atToken = func(http.ResponseWriter, *http.Request) bool {
			close(asked)
			<-release
			return false
		}
	})
	w.browse(func(m *connection.Manager, address string) { go willing(m, address) })
	go func() { _, _ = w.m.Connect(context.Background(), connection.Request{Agent: "mail"}) }()
	<-asked
	rows, err := w.m.Panic(context.Background())
	if err != nil || len(rows) != 2 || rows[1].Connection.Agent != "mail" || rows[1].Revoked == nil || !*rows[1].Revoked {
		t.Errorf("got %+v, %v", rows, err)
	}
	if list, err := w.m.List(context.Background(), "mail"); err != nil || list[0].Status != connection.NotConnected {
		t.Errorf("left over: %+v, %v", list, err)
	}
}

// TestPanicSharedGrant: a service that revokes once, and knows nothing of the
// second time, is not told as one that failed.
func TestPanicSharedGrant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, agent := range []string{"mail", "notes"} {
		w.agents.change(agent, "default", func(s *connection.Service) { s.Client, s.Shared = w.agents.services["mail/default"].Client, true })
		w.connect(connection.Request{Agent: agent})
	}
	asked := 0
	once := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		if asked++; asked > 1 {
			rw.WriteHeader(http.StatusNotFound)
		}
	}))
	defer once.Close()
	for _, agent := range []string{"mail", "notes"} {
		w.agents.change(agent, "default", func(s *connection.Service) {
			s.Provider.Endpoints.Revocation.URL, s.Provider.Endpoints.Revocation.Method = once.URL, "bearer-delete"
		})
	}
	rows, err := w.m.Panic(context.Background())
	if err != nil || len(rows) != 2 || !wasRevoked(rows[0]) || !wasRevoked(rows[1]) || !strings.Contains(rows[1].Detail, "together with that of mail") {
		t.Errorf("got %+v, %v", rows, err)
	}
}

func wasRevoked(d connection.Disconnected) bool { return d.Revoked != nil && *d.Revoked }

func TestPanicWhenLocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.sealer.locked.Store(true)
	_, err := w.m.Panic(context.Background())
	wantCode(t, err, fault.Locked)
	w.sealer.locked.Store(false)
	w.get() // nothing was done
}
