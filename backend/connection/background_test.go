package connection_test

import (
	"context"
	"net/http"
	"testing"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/outbox"
	"pie/backend/provider"
)

// TestBackgroundWrites: a run that nobody began writes only where the agent has
// written before with somebody about, or at somebody's word (S25).
func TestBackgroundWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	ctx := context.Background()
	hosts, err := provider.ParseHosts([]string{w.service.URL})
	if err != nil {
		t.Fatal(err)
	}
	w.agents.hosts = hosts
	write := func(m *connection.Manager, service string) int {
		session := m.Session(connection.RunRef{Agent: "mail", RunID: "auto", Background: true})
		call := connection.Call{Method: "POST", URL: w.url("/api/items")}
		send := func() (connection.Answer, error) { return session.OAuthFetch(ctx, service, call) }
		if service == "" {
			send = func() (connection.Answer, error) { return session.Fetch(ctx, call) }
		}
		a, err := send()
		if err != nil {
			t.Fatal(err)
		}
		return a.Status
	}
	for _, service := range []string{"default", ""} {
		before := w.arrived()
		if status := write(w.m, service); status != http.StatusAccepted || w.arrived() != before {
			t.Errorf("%q: the first write was answered %d", service, status)
		}
		held := w.waiting()
		if len(held) != 1 || held[0].Reason != outbox.NewHost || w.audit()[0].Decision != "blocked" || w.audit()[0].Reason == "" {
			t.Fatalf("%q: held %+v", service, held)
		}
		if service == "" { // the API wants a token, so it answers 401, which is an answer
			if _, err := w.m.Session(connection.RunRef{Agent: "mail"}).Fetch(ctx, connection.Call{Method: "PUT", URL: w.url("/api/items")}); err != nil {
				t.Fatal(err)
			}
		} else if _, err := w.m.Send(ctx, held[0].ID, false); err != nil {
			t.Fatal(err)
		}
		again := connection.New(w.deps) // not in memory alone
		if status := write(again, service); status == http.StatusAccepted {
			t.Errorf("%q: the second write waits too", service)
		}
		if service == "default" && write(w.m, service) != http.StatusOK {
			t.Error("the third write waits")
		}
	}
	if _, err := w.m.Disconnect(ctx, "mail", "", "", true); err != nil {
		t.Fatal(err)
	}
	w.connect(connection.Request{})
	if status := write(w.m, "default"); status != http.StatusAccepted {
		t.Errorf("after a new connection: %d", status)
	}
}

// TestBackgroundReadsStayReads: a read in the background is not turned into a
// write by what the agent or the service says.
func TestBackgroundReadsStayReads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	session := w.m.Session(connection.RunRef{Agent: "mail", Background: true})
	_, err := session.OAuthFetch(context.Background(), "", connection.Call{URL: w.url("/api/items"), Headers: map[string]string{"X-HTTP-Method-Override": "DELETE"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := with(w.service, func() string { return w.service.seen[0].Header.Get("X-Http-Method-Override") }); got != "" {
		t.Errorf("the override %q went out", got)
	}
	w.service.set(func() {
		w.service.api = func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/api/search" {
				http.Redirect(rw, r, "/api/items", http.StatusTemporaryRedirect)
			}
		}
	})
	_, err = session.OAuthFetch(context.Background(), "", connection.Call{Method: "POST", URL: w.url("/api/search")})
	wantCode(t, err, fault.Denied)
}
