package connection_test

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/oauth/oauthtest"
)

// TestCallbackLinks hands in a spoilt link first: the flow waits on, or ends.
func TestCallbackLinks(t *testing.T) {
	t.Parallel()
	replace := func(old, with string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, with, 1) }
	}
	query := func(change func(url.Values)) func(string) string {
		return func(s string) string {
			address, q, _ := strings.Cut(s, "?")
			values, _ := url.ParseQuery(q)
			change(values)
			return address + "?" + values.Encode()
		}
	}
	cases := map[string]struct {
		spoil func(string) string
		code  fault.Code // of the spoilt link
		ends  bool       // the sign-in
	}{
		"wrong state":   {query(func(q url.Values) { q.Set("state", "other") }), fault.NotFound, false},
		"no state":      {query(func(q url.Values) { q.Del("state") }), fault.NotFound, false},
		"wrong path":    {replace("/plugin/mail/", "/plugin/notes/"), fault.NotFound, false},
		"longer path":   {replace("/plugin/mail/", "/plugin/mail/x/"), fault.NotFound, false},
		"no code":       {query(func(q url.Values) { q.Del("code") }), fault.Invalid, false},
		"two states":    {func(s string) string { return s + "&state=x" }, fault.Invalid, false},
		"nonsense":      {func(string) string { return "hello" }, fault.Invalid, false},
		"wrong issuer":  {query(func(q url.Values) { q.Set("iss", "https://evil.example") }), fault.Denied, true},
		"no issuer":     {query(func(q url.Values) { q.Del("iss") }), fault.Denied, true},
		"denied":        {query(func(q url.Values) { q.Set("error", "access_denied"); q.Del("code") }), fault.Denied, true},
		"denied by AS":  {query(func(q url.Values) { q.Set("error", "<script>"); q.Del("code") }), fault.Denied, true},
		"a forged code": {query(func(q url.Values) { q.Set("code", "forged") }), fault.Denied, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.browse(func(m *connection.Manager, address string) {
				back, err := visit(address)
				if err != nil {
					t.Error(err)
				}
				if _, err := m.Callback(context.Background(), c.spoil(back)); fault.CodeOf(err) != c.code {
					t.Errorf("spoilt link: %v", err)
				}
				_, err = m.Callback(context.Background(), back)
				if c.ends != fault.Is(err, fault.NotFound) || !c.ends && err != nil {
					t.Errorf("good link: %v", err)
				}
			})
			_, err := w.m.Connect(context.Background(), connection.Request{Agent: "mail"})
			if c.ends {
				wantCode(t, err, c.code)
			} else if err != nil {
				t.Error(err)
			}
			if err != nil && (strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "script")) {
				t.Errorf("the server's text is in %v", err)
			}
		})
	}
}

func TestLinkWorksOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var link string
	w.browse(func(m *connection.Manager, address string) {
		link, _ = visit(address)
		hand(m, link)
	})
	w.connect(connection.Request{})
	_, err := w.m.Callback(context.Background(), link)
	wantCode(t, err, fault.NotFound)
	if n := with(w.service, func() int { return w.service.posts }); n != 1 {
		t.Errorf("%d token requests", n)
	}
}

func TestLinkAfterTenMinutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.browse(func(m *connection.Manager, address string) {
		link, _ := visit(address)
		w.clock.advance(oauth.FlowLife + time.Second)
		hand(m, link)
	})
	_, err := w.m.Connect(context.Background(), connection.Request{Agent: "mail"})
	wantCode(t, err, fault.Limited)
	if n := with(w.service, func() int { return w.service.posts }); n != 0 {
		t.Errorf("%d token requests", n)
	}
}

func TestDeniedByLoopback(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.service.set(func() { w.service.deny = "access_denied" })
	_, err := w.m.Connect(context.Background(), connection.Request{Agent: "mail", Redirect: "loopback"})
	wantCode(t, err, fault.Denied)
}

// TestCodeOfAnotherAgent: a code that was given for one context is not spent in
// another, whichever part of the link is swapped (COAT).
func TestCodeOfAnotherAgent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var links []string
	w.browse(func(m *connection.Manager, address string) {
		link, _ := visit(address)
		links = append(links, link)
		if len(links) == 1 {
			// mail waits; now notes signs in and gets the code of mail.
			_, err := m.Connect(context.Background(), connection.Request{Agent: "notes"})
			if !fault.Is(err, fault.Denied) {
				t.Errorf("the code of mail was spent for notes: %v", err)
			}
			hand(m, link)
			return
		}
		of := func(link, name string) string {
			u, _ := url.Parse(link)
			return u.Query().Get(name)
		}
		swapped := strings.Replace(links[0], "/mail/", "/notes/", 1)
		if _, err := m.Callback(context.Background(), swapped); !fault.Is(err, fault.NotFound) {
			t.Errorf("state of mail at the path of notes: %v", err)
		}
		codeOfMail := "app.pie.desktop:/api/oauth/plugin/notes/callback?" + url.Values{
			"state": {of(link, "state")}, "iss": {of(link, "iss")}, "code": {of(links[0], "code")},
		}.Encode()
		hand(m, codeOfMail)
	})
	// The server has burnt the code, so mail is told so, and nobody is connected.
	_, err := w.m.Connect(context.Background(), connection.Request{Agent: "mail"})
	wantCode(t, err, fault.Denied)
	list, err := w.m.List(context.Background(), "")
	if err != nil || slices.ContainsFunc(list, func(c connection.Connection) bool { return c.Status != connection.NotConnected }) {
		t.Errorf("got %v, %v", list, err)
	}
}

// TestAgentChangedMeanwhile: an update that points the token address elsewhere
// gets neither code nor verifier nor secret.
func TestAgentChangedMeanwhile(t *testing.T) {
	t.Parallel()
	evil := oauthtest.New(t)
	for name, change := range map[string]func(*connection.Service){
		"token address": func(s *connection.Service) { s.Provider.Endpoints.Token = evil.URL + "/token" },
		"client":        func(s *connection.Service) { s.Client.ID = "another" },
		"provider":      func(s *connection.Service) { s.Provider.ID = "another" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.browse(func(m *connection.Manager, address string) {
				link, _ := visit(address)
				w.agents.change("mail", "default", change)
				hand(m, link)
			})
			_, err := w.m.Connect(context.Background(), connection.Request{Agent: "mail"})
			wantCode(t, err, fault.Conflict)
			if n := with(w.service, func() int { return w.service.posts }); n != 0 || len(evil.Requests()) != 0 {
				t.Errorf("%d and %d token requests", n, len(evil.Requests()))
			}
		})
	}
}
