package connection_test

import (
	"context"
	"strings"
	"testing"

	"pie/backend/connection"
	"pie/backend/fault"
)

func TestAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fetch := func(label string) error {
		_, err := w.m.Session(connection.RunRef{Agent: "mail", Account: label}).OAuthFetch(context.Background(), "default", connection.Call{URL: w.url("/api/items")})
		return err
	}
	connected := func(label string) bool {
		ok, err := w.m.Session(connection.RunRef{Agent: "mail", Account: label}).Connected(context.Background(), "default")
		if err != nil {
			t.Error(err)
		}
		return ok
	}
	wantCode(t, fetch(""), fault.Reconnect)
	if connected("") {
		t.Error("connected before")
	}
	w.connect(connection.Request{Account: "work"})
	for label, code := range map[string]fault.Code{"": "", "work": "", "home": fault.Reconnect} {
		if err := fetch(label); fault.CodeOf(err) != code || connected(label) != (code == "") {
			t.Errorf("one account, label %q: %v", label, err)
		}
	}
	if err := fetch("home"); !strings.Contains(fault.Public(err).Message, "work") || !strings.Contains(fault.Public(err).Hint, `--account "home"`) {
		t.Errorf("the fault does not say what there is: %v", fault.Public(err))
	}
	w.service.set(func() { w.service.account = "bob" })
	w.connect(connection.Request{Account: "home"})
	err := fetch("")
	if wantCode(t, err, fault.Reconnect); !strings.Contains(fault.Public(err).Message, "home, work") || connected("") {
		t.Errorf("got %v", fault.Public(err))
	}
	c, base, err := w.m.Session(connection.RunRef{Agent: "mail", Account: "home"}).Connection(context.Background(), "default")
	if err != nil || c.Label != "home" || c.Account.ID != "bob" || base != w.service.URL {
		t.Errorf("got %+v, %s, %v", c, base, err)
	}
	w.connect(connection.Request{})
	for _, label := range []string{"", "work", "home"} {
		if err := fetch(label); err != nil {
			t.Errorf("three accounts, label %q: %v", label, err)
		}
	}
	if list, err := w.m.List(context.Background(), ""); err != nil || len(list) != 4 || list[3].Status != connection.NotConnected || list[3].Agent != "notes" {
		t.Errorf("got %v, %v", list, err)
	}
}

// TestConsentIsPerAgent: what the person allowed one agent no other has, although
// both name the same service and the same client.
func TestConsentIsPerAgent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agents.change("notes", "default", func(s *connection.Service) {
		s.Client = w.agents.services["mail/default"].Client
	})
	w.connect(connection.Request{Agent: "mail"})
	other := w.m.Session(connection.RunRef{Agent: "notes"})
	if ok, err := other.Connected(context.Background(), "default"); err != nil || ok {
		t.Errorf("connected %v, %v", ok, err)
	}
	_, err := other.OAuthFetch(context.Background(), "default", connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Reconnect)
	if n := len(w.service.seen); n != 0 {
		t.Errorf("%d requests arrived", n)
	}
}
