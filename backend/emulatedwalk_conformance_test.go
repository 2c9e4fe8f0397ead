package backend_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/patience"
)

// right: connect, ask, code twice, refresh, disconnect.
func (e emulated) right(t *testing.T, s *stage) {
	t.Helper()
	w := s.server.watched
	c, err := s.signInAs(t, true)
	if err != nil || c.Status != connection.Connected || c.Problem != nil || c.Account == nil || c.Account.Label == "" {
		t.Fatalf("%+v %v; the person saw: %v", c, err, s.answer)
	}
	e.asks(t, s)
	forms, answers := w.of(s.client.ID)
	if len(forms) == 0 || answers[0]["error"] != nil || forms[0].Get("grant_type") != "authorization_code" {
		t.Fatalf("%d token requests: %v", len(forms), answers)
	}
	again := forms[0]
	var answer map[string]any
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.tokenAddress(t), strings.NewReader(again.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	if _ = send(t, r, &answer); answer["error"] == nil {
		t.Errorf("the code works twice: %v", answer)
	}
	if _, err := s.Connections.Callback(t.Context(), s.link); !fault.Is(err, fault.NotFound) {
		t.Errorf("the same link again: %v", err)
	}
	if e.refreshes {
		e.renews(t, s, answers[0])
	}
	gone, err := s.Connections.Disconnect(t.Context(), s.client.ID, "default", "", false)
	if err != nil || (gone.Revoked == nil) != (e.revoked == nil) || gone.Revoked != nil && *gone.Revoked != *e.revoked {
		t.Errorf("%+v %v", gone, err)
	}
	if run := s.once(t); run.Status != history.RequiresAuth {
		t.Errorf("%s %s", run.Status, run.Result)
	}
}

func (e emulated) asks(t *testing.T, s *stage) {
	t.Helper()
	run := s.once(t)
	var result struct {
		Status int
		Text   string
	}
	if err := json.Unmarshal(run.Result, &result); err != nil || run.Status != history.OK || result.Status != http.StatusOK || strings.Contains(result.Text, "error") {
		t.Fatalf("%s %s %+v", run.Status, run.Result, run.Error)
	}
}

// renews: the access runs out, and the program renews it before it asks.
func (e emulated) renews(t *testing.T, s *stage, first map[string]any) {
	t.Helper()
	patience.Until(t, "the access runs out", func() bool {
		c := s.connection(t)
		return c.Refreshes > 0 || time.Now().After(*c.ExpiresAt)
	})
	e.asks(t, s)
	if c := s.connection(t); c.Status != connection.Connected || c.Refreshes != 1 || !time.Now().Before(*c.ExpiresAt) {
		t.Fatalf("%+v", c)
	}
	forms, answers := s.server.watched.of(s.client.ID)
	at := slices.IndexFunc(forms, func(form url.Values) bool { return form.Get("grant_type") == "refresh_token" })
	if at < 0 {
		t.Fatal("nothing was renewed at the service")
	}
	refreshed := answers[at]
	if refreshed["access_token"] == first["access_token"] || e.rotates != (refreshed["refresh_token"] != nil) {
		t.Errorf("renewed to %v", refreshed)
	}
}

// denied: the person turns back at the service's page.
func (e emulated) denied(t *testing.T, s *stage) {
	t.Helper()
	s.turnBack = true
	_, err := s.signInAs(t, false)
	if !fault.Is(err, fault.Denied) || s.listed(t).Status != connection.NotConnected {
		t.Errorf("got %v, %+v", err, s.listed(t))
	}
	if forms, _ := s.server.watched.of(s.client.ID); len(forms) != 0 {
		t.Errorf("%d token requests", len(forms))
	}
}

func (s *stage) tokenAddress(t *testing.T) string {
	t.Helper()
	service, err := s.Service(t.Context(), s.client.ID, "default")
	if err != nil {
		t.Fatal(err)
	}
	return service.Provider.Endpoints.Token
}

// cancelLink is what a service that shows a way back sends the browser to.
func cancelLink(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	back := url.Values{"error": {"access_denied"}, "state": {u.Query().Get("state")}}
	return u.Query().Get("redirect_uri") + "?" + back.Encode(), nil
}
