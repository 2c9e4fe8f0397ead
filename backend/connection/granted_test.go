package connection_test

import (
	"context"
	"testing"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/provider"
	"pie/backend/store"
)

// What an agent may use is found out once a run, and again after each write to
// the store.
func TestGrantedUntilSomethingIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.agents.hosts = w.hosts(w.service.URL)
	session, outside := w.session(), connection.Call{URL: w.service.URL + "/userinfo"}
	ask := func() error {
		_, err := session.OAuthFetch(context.Background(), "default", connection.Call{URL: w.url("/api/items")})
		return err
	}
	fetch := func() error {
		_, err := session.Fetch(context.Background(), outside)
		return err
	}
	for range 2 { // the first one may note that the connection works
		wantCode(t, ask(), "")
		wantCode(t, fetch(), "")
	}
	before := w.agents.asked
	for range 3 {
		wantCode(t, ask(), "")
	}
	if w.agents.asked != before {
		t.Errorf("asked %d times more", w.agents.asked-before)
	}

	w.agents.change("mail", "default", func(s *connection.Service) { s.Hosts = w.hosts("elsewhere.example") })
	w.agents.hosts = nil
	if err := w.store.Update(func(*store.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	wantCode(t, ask(), fault.Denied)
	wantCode(t, fetch(), fault.Denied)
}

func (w *world) hosts(list ...string) provider.HostSet {
	w.t.Helper()
	hosts, err := provider.ParseHosts(list)
	if err != nil {
		w.t.Fatal(err)
	}
	return hosts
}
