package backend_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pie/backend"
	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/patience"
)

// mustConnect signs in and expects that all of it was given.
func (s *stage) mustConnect(t *testing.T) connection.Connection {
	t.Helper()
	c, err := s.signInAs(t, true)
	if err != nil || s.answer != nil {
		t.Fatalf("connecting: %v; the person saw: %v", err, s.answer)
	}
	if c.Status != connection.Connected || c.Problem != nil || c.Account == nil || c.ExpiresAt == nil || len(c.Scopes.Granted) != 3 {
		t.Fatalf("%+v", c)
	}
	return c
}

func (s *stage) connection(t *testing.T) connection.Connection {
	t.Helper()
	c, err := s.Connections.Get(t.Context(), s.client.ID, "", "")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (s *stage) once(t *testing.T) history.Run {
	t.Helper()
	run, err := s.Run(t.Context(), backend.RunRequest{Agent: s.client.ID, Timeout: patience.Limit})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// mustRun runs the agent and expects the names of the repositories.
func (s *stage) mustRun(t *testing.T, statuses ...int) {
	t.Helper()
	run := s.once(t)
	if run.Status != history.OK || string(run.Result) != `{"repos":["analytical-engine","notes-on-bernoulli"]}` {
		t.Fatalf("%s %s %+v", run.Status, run.Result, run.Error)
	}
	if len(run.Requests) != len(statuses) {
		t.Fatalf("%d requests, not %d: %+v", len(run.Requests), len(statuses), run.Requests)
	}
	for i, status := range statuses {
		if run.Requests[i].Status != status {
			t.Errorf("request %d: %d, not %d", i, run.Requests[i].Status, status)
		}
	}
}

// cannotRun expects that the agent asks to be connected.
func (s *stage) cannotRun(t *testing.T) {
	t.Helper()
	if run := s.once(t); run.Status != history.RequiresAuth {
		t.Fatalf("%s %s %+v", run.Status, run.Result, run.Error)
	}
}

// mustHaveRotated expects n refreshes, each with a new refresh token.
func (s *stage) mustHaveRotated(t *testing.T, n int) {
	t.Helper()
	list := s.server.issued(t, s.client.ID)
	if len(list) != n+1 {
		t.Fatalf("%d answers of the token endpoint, not %d", len(list), n+1)
	}
	for i, each := range list[1:] {
		if each.Grant != "refresh_token" || each.Refresh == "" || each.Refresh == list[i].Refresh || each.Access == list[i].Access {
			t.Errorf("refresh %d: by %s, without rotation", i+1, each.Grant)
		}
	}
	if list[0].Verifier == "" {
		t.Error("the code was exchanged without PKCE")
	}
	if c := s.connection(t); c.Refreshes != n || c.RefreshedAt == nil || c.Status != connection.Connected {
		t.Errorf("%+v", c)
	}
}

// mustBeRevoked expects that the server takes none of its tokens any more.
func (s *stage) mustBeRevoked(t *testing.T) {
	t.Helper()
	list := s.server.issued(t, s.client.ID)
	for i, each := range list {
		if s.server.accepts(t, each.Access) {
			t.Errorf("access token %d still works", i+1)
		}
	}
	newest := list[len(list)-1].Refresh
	if code := s.refused(t, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {newest}}); code != "invalid_grant" {
		t.Errorf("the newest refresh token: %q", code)
	}
}

// mustNeedReconnect expects that the next run finds out and says what to do.
func (s *stage) mustNeedReconnect(t *testing.T) {
	t.Helper()
	s.cannotRun(t)
	c := s.connection(t)
	if c.Status != connection.NeedsReconnect || c.Problem == nil || c.Problem.Code != fault.Reconnect || c.Problem.Hint == "" {
		t.Fatalf("%+v", c)
	}
	s.cannotRun(t)
}

// mustReconnect signs in again: the same connection goes on.
func (s *stage) mustReconnect(t *testing.T, before connection.Connection) {
	t.Helper()
	if after := s.mustConnect(t); after.ID != before.ID {
		t.Errorf("%s became %s", before.ID, after.ID)
	}
	s.mustRun(t, 200)
}

// listed is the agent's one connection, made or not.
func (s *stage) listed(t *testing.T) connection.Connection {
	t.Helper()
	all, err := s.Connections.List(t.Context(), s.client.ID)
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v %v", all, err)
	}
	return all[0]
}

// sendForm sends a form as the client would.
func (s *stage) sendForm(t *testing.T, address string, form url.Values, out any) int {
	t.Helper()
	form.Set("client_id", s.client.ID)
	if s.client.Secret != "" {
		form.Set("client_secret", s.client.Secret)
	}
	return call(t, http.MethodPost, address, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()), out)
}

// refused asks the token endpoint and returns the error code, "" when it was not
// refused.
func (s *stage) refused(t *testing.T, form url.Values) string {
	t.Helper()
	var answer struct {
		Error string `json:"error"`
	}
	if status := s.sendForm(t, s.server.metadata.Token, form, &answer); (status == http.StatusOK) != (answer.Error == "") {
		t.Fatalf("%d with error %q", status, answer.Error)
	}
	return answer.Error
}
