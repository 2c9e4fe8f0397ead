package connection_test

import (
	"context"
	"strings"
	"testing"

	"pie/backend/connection"
	"pie/backend/fault"
)

// TestRelay: where the person hosts a page, https addresses begin with it, and what
// it hands back by the scheme counts for the very path that was asked for.
func TestRelay(t *testing.T) {
	t.Parallel()
	const page = "https://you.example/pie"
	w := newWorld(t, func(d *connection.Deps) { d.Relay = func() string { return page + "/" } })
	const path = "/api/oauth/plugin/mail/callback"
	var wrong []error
	w.browse(func(m *connection.Manager, address string) {
		back, err := visit(address)
		if err != nil || !strings.HasPrefix(back, page+path+"?") {
			t.Errorf("came back to %s, %v", back, err)
			return
		}
		link := "app.pie.desktop:" + strings.TrimPrefix(back, page)
		for _, other := range []string{
			back, // the page itself is no callback of this computer
			strings.Replace(link, "/mail/", "/notes/", 1), strings.Replace(link, "app.pie.desktop:", "app.pie.desktop:/pie", 1),
		} {
			_, err := m.Callback(context.Background(), other)
			wrong = append(wrong, err)
		}
		hand(m, link)
	})
	c := w.connect(connection.Request{Redirect: "paste"})
	if c.Status != connection.Connected {
		t.Errorf("%s", describe(c))
	}
	for i, err := range wrong {
		if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.NotFound) {
			t.Errorf("link %d: %v", i, err)
		}
	}
	service, err := w.agents.Service(t.Context(), "mail", "default")
	if err != nil {
		t.Fatal(err)
	}
	if got := w.m.RedirectURI(service, "paste"); got != page+path {
		t.Errorf("to register: %s", got)
	}
}
