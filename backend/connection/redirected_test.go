package connection_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/provider"
)

// TestBackgroundWriteIsRedirected: a write of a background run does not come by a
// redirect to a host that nobody has let it write to, though the access may go there.
func TestBackgroundWriteIsRedirected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	var arrived atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived.Add(1) }))
	defer other.Close()
	hosts, err := provider.ParseHosts([]string{w.service.URL, other.URL})
	if err != nil {
		t.Fatal(err)
	}
	w.agents.change("mail", "default", func(s *connection.Service) { s.Hosts = hosts })
	w.service.set(func() {
		w.service.api = func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("away") != "" {
				http.Redirect(rw, r, other.URL+"/items", http.StatusTemporaryRedirect)
			}
		}
	})
	post := func(background bool, address string) error {
		session := w.m.Session(connection.RunRef{Agent: "mail", RunID: "run", Background: background})
		_, err := session.OAuthFetch(context.Background(), "default", connection.Call{Method: http.MethodPost, URL: address, Body: []byte("{}")})
		return err
	}
	if err := post(false, w.url("/api/items")); err != nil { // lets it write to the service's own host
		t.Fatal(err)
	}
	if err := post(true, w.url("/api/items?away=1")); !fault.Is(err, fault.Denied) || !strings.Contains(fault.Public(err).Message, "never wrote to before") {
		t.Errorf("got %v", err)
	}
	if n := arrived.Load(); n != 0 {
		t.Errorf("%d requests arrived elsewhere", n)
	}
	if row := w.audit()[0]; row.Decision != "blocked" || row.Reason == "" {
		t.Errorf("%+v", row)
	}
	if err := post(false, other.URL+"/items"); err != nil { // the person is there
		t.Fatal(err)
	}
	if err := post(true, w.url("/api/items?away=1")); err != nil || arrived.Load() != 2 {
		t.Errorf("once it may: %v, %d requests", err, arrived.Load())
	}
}
