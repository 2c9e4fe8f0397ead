package connection_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"pie/backend/connection"
	"pie/backend/provider"
)

// TestProbeByPost: a service that tells the account only by a POST is asked by
// one, whatever the agent itself may do, and gets the client id where it wants it.
func TestProbeByPost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agents.change("mail", "default", func(s *connection.Service) {
		s.Provider.Identity = provider.Identity{URL: w.url("/api/graph"), Post: `{"query":"me"}`, ID: "/me/id", Label: []string{"/me/name"}}
		s.Provider.API.ExtraHeaders = map[string]string{"Client-Id": "{client_id}"}
	})
	type asked struct{ method, body, kind, client string }
	var last asked
	w.service.set(func() {
		w.service.api = func(rw http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.service.set(func() {
				last = asked{r.Method, string(body), r.Header.Get("Content-Type"), r.Header.Get("Client-Id")}
			})
			_, _ = io.WriteString(rw, `{"me":{"id":"7","name":"Ada"}}`)
		}
	})
	c := w.connect(connection.Request{})
	if c.Account == nil || c.Account.ID != "7" || c.Account.Label != "Ada" {
		t.Errorf("connected as %+v", c.Account)
	}
	if _, err := w.m.SetAccess("mail", "default", "", connection.AccessRead); err != nil {
		t.Fatal(err)
	}
	if _, err := w.m.Check(context.Background(), "mail", "default", ""); err != nil {
		t.Fatal(err)
	}
	want := asked{http.MethodPost, `{"query":"me"}`, "application/json", "client-mail"}
	if got := with(w.service, func() asked { return last }); got != want {
		t.Errorf("asked %+v, want %+v", got, want)
	}
	if _, err := w.fetch(connection.Call{Method: http.MethodPost, URL: w.url("/api/graph")}); err == nil {
		t.Error("the agent's own POST passes for a read")
	}
}
