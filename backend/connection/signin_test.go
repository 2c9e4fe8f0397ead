package connection_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/oauth/oauthtest"
)

func TestConnectKinds(t *testing.T) {
	t.Parallel()
	for kind, prefix := range map[string]string{
		"": "app.pie.desktop:/api/oauth/plugin/mail/callback", "scheme": "app.pie.desktop:/api/oauth/plugin/mail/callback",
		"loopback": "http://127.0.0.1:", "paste": "https://localhost/api/oauth/plugin/mail/callback",
	} {
		t.Run("kind "+kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.connect(connection.Request{Redirect: kind})
			if c.Status != connection.Connected || c.Account == nil || c.Account.Label != "ann@example.com" || c.ExpiresAt == nil || c.CheckedAt == nil {
				t.Errorf("got %s", describe(c))
			}
			address, err := url.Parse(w.shown[0])
			if err != nil || !strings.HasPrefix(address.Query().Get("redirect_uri"), prefix) {
				t.Errorf("shown %s", w.shown[0])
			}
			w.get()
		})
	}
}

func TestConnectRefusesBeforeAnythingOpens(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		q      connection.Request
		change func(*connection.Service)
		code   fault.Code
	}{
		"no agent":         {connection.Request{Agent: "nobody"}, nil, fault.NotFound},
		"no service":       {connection.Request{Agent: "mail", Service: "x"}, nil, fault.NotFound},
		"a kind not taken": {connection.Request{Agent: "mail", Redirect: "loopback"}, func(s *connection.Service) { s.Provider.Redirect.Loopback.Port = "no" }, fault.Invalid},
		"device":           {connection.Request{Agent: "mail", Redirect: "device"}, nil, fault.Invalid},
		"no kind at all": {connection.Request{Agent: "mail"}, func(s *connection.Service) {
			s.Provider.Redirect.CustomScheme, s.Provider.Redirect.HTTPS, s.Provider.Redirect.Loopback.Port = false, false, "no"
		}, fault.Invalid},
		"a missing secret":  {connection.Request{Agent: "mail"}, func(s *connection.Service) { s.NeedsName = "CLIENT_ID" }, fault.Conflict},
		"slash in label":    {connection.Request{Agent: "mail", Account: "a/b"}, nil, fault.Invalid},
		"control in label":  {connection.Request{Agent: "mail", Account: "a\x00b"}, nil, fault.Invalid},
		"long label":        {connection.Request{Agent: "mail", Account: strings.Repeat("a", 65)}, nil, fault.Invalid},
		"spaces round it":   {connection.Request{Agent: "mail", Account: " a"}, nil, fault.Invalid},
		"no text in label":  {connection.Request{Agent: "mail", Account: "a\xff"}, nil, fault.Invalid},
		"a shell's address": {connection.Request{Agent: "mail"}, func(s *connection.Service) { s.Provider.Endpoints.Authorization = "file:///etc/passwd" }, fault.Invalid},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if c.change != nil {
				w.agents.change("mail", "default", c.change)
			}
			_, err := w.m.Connect(context.Background(), c.q)
			wantCode(t, err, c.code)
			if len(w.shown) != 0 {
				t.Errorf("opened %v", w.shown)
			}
			if c.code == fault.Conflict && !strings.Contains(fault.Public(err).Hint, "pie secret set mail CLIENT_ID") {
				t.Errorf("hint %q", fault.Public(err).Hint)
			}
		})
	}
}

func TestExchangeMisbehaviour(t *testing.T) {
	t.Parallel()
	answer := func(status int, kind, body string) http.HandlerFunc { return oauthtest.Answer(status, kind, body) }
	cases := map[string]struct {
		behavior func(s *oauthtest.Server) http.HandlerFunc
		code     fault.Code // "" connects
	}{
		"301":          {func(s *oauthtest.Server) http.HandlerFunc { return s.Redirect(301) }, fault.Denied},
		"302":          {func(s *oauthtest.Server) http.HandlerFunc { return s.Redirect(302) }, fault.Denied},
		"303":          {func(s *oauthtest.Server) http.HandlerFunc { return s.Redirect(303) }, fault.Denied},
		"307":          {func(s *oauthtest.Server) http.HandlerFunc { return s.Redirect(307) }, fault.Denied},
		"308":          {func(s *oauthtest.Server) http.HandlerFunc { return s.Redirect(308) }, fault.Denied},
		"HTML":         {func(*oauthtest.Server) http.HandlerFunc { return answer(200, "text/html", "<html>access_token=x") }, fault.Offline},
		"HTML refusal": {func(*oauthtest.Server) http.HandlerFunc { return answer(400, "text/html", "<html>") }, fault.Denied},
		"5 MB":         {func(*oauthtest.Server) http.HandlerFunc { return oauthtest.Huge }, fault.Offline},
		"cut":          {func(*oauthtest.Server) http.HandlerFunc { return oauthtest.Cut }, fault.Offline},
		"lost":         {func(*oauthtest.Server) http.HandlerFunc { return oauthtest.Lost }, fault.Offline},
		"slow":         {nil, fault.Offline},
		"500":          {func(*oauthtest.Server) http.HandlerFunc { return answer(500, "text/plain", "oops") }, fault.Offline},
		"429":          {func(*oauthtest.Server) http.HandlerFunc { return answer(429, "text/plain", "slow") }, fault.Limited},
		"a life of 3600.5": {func(*oauthtest.Server) http.HandlerFunc {
			return answer(200, "application/json", `{"access_token":"tok-12345678","expires_in":"3600.5"}`)
		}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := oauthtest.New(t)
			var o oauth.HTTPOptions
			if c.behavior == nil {
				never := &oauthtest.Impatience{}
				o.Transport = never
				s.Behave(never.ServeHTTP)
			} else {
				s.Behave(c.behavior(s))
			}
			w := newWorld(t, func(d *connection.Deps) { d.HTTP = oauth.NewHTTP(o) })
			w.agents.change("mail", "default", func(sv *connection.Service) { sv.Provider.Endpoints.Token = s.URL + "/token" })
			_, err := w.m.Connect(context.Background(), connection.Request{Agent: "mail"})
			wantCode(t, err, c.code)
			if len(s.Requests()) != 1 || s.Strayed() != 0 {
				t.Errorf("%d requests, %d strayed", len(s.Requests()), s.Strayed())
			}
			want := connection.NotConnected
			if c.code == "" {
				want = connection.Connected
			}
			if got := w.state(); got.Status != want {
				t.Errorf("got %s", describe(got))
			}
		})
	}
}

// TestTakeOver: the later sign-in for an account counts, the earlier one ends.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var first string
	started, result := make(chan struct{}), make(chan error, 1)
	w.browse(func(_ *connection.Manager, address string) {
		first = address
		close(started)
	})
	go func() {
		_, err := w.m.Connect(context.Background(), connection.Request{Op: "one", Agent: "mail", Redirect: "loopback"})
		result <- err
	}()
	<-started
	if a, ok := w.m.Attempt("one"); !ok || a.Step != "authorize" || a.URL != first {
		t.Errorf("attempt %+v, %v", a, ok)
	}
	_, err := w.m.Connect(context.Background(), connection.Request{Op: "one", Agent: "mail"})
	wantCode(t, err, fault.Conflict)
	w.browse(willing)
	w.connect(connection.Request{Op: "two", Redirect: "loopback"})
	wantCode(t, <-result, fault.Canceled)
	if _, ok := w.m.Attempt("one"); ok {
		t.Error("the old attempt is still there")
	}
	back, err := visit(first)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.m.Callback(context.Background(), back)
	wantCode(t, err, fault.NotFound)
}

func TestCanceledAndTimedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(context.Background())
	w.browse(func(*connection.Manager, string) { cancel() })
	_, err := w.m.Connect(ctx, connection.Request{Agent: "mail"})
	wantCode(t, err, fault.Canceled)
	w.browse(func(*connection.Manager, string) {})
	_, err = w.m.Connect(context.Background(), connection.Request{Agent: "mail", Timeout: time.Millisecond})
	wantCode(t, err, fault.Limited)
	for _, address := range w.shown {
		back, err := visit(address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.m.Callback(context.Background(), back); !fault.Is(err, fault.NotFound) {
			t.Errorf("a flow was left: %v", err)
		}
	}
}

func TestReconnectInPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.service.set(func() { w.service.scope = func(string) string { return "read" } })
	first := w.connect(connection.Request{})
	if first.Status != connection.NeedsMore || first.Problem == nil || !strings.Contains(first.Problem.Message, "Write notes") {
		t.Fatalf("got %s", describe(first))
	}
	if ok, err := w.session().Connected(context.Background(), "default"); !ok || err != nil {
		t.Errorf("needs_more is not connected: %v", err)
	}
	w.get()
	if _, err := w.m.SetAccess("mail", "default", "", connection.AccessRead); err != nil {
		t.Fatal(err)
	}
	w.agents.change("mail", "default", func(s *connection.Service) { s.Scopes = []string{"read", "more"} })
	w.service.set(func() {
		w.service.scope = func(asked string) string { return asked }
		w.service.account = "bob"
	})
	second := w.connect(connection.Request{})
	asked, err := url.Parse(w.shown[1])
	if err != nil || asked.Query().Get("scope") != "read write more" {
		t.Errorf("asked for %q", asked.Query().Get("scope"))
	}
	if second.ID != first.ID || second.Access != connection.AccessRead || second.Status != connection.Connected {
		t.Errorf("got %s", describe(second))
	}
	if second.Problem == nil || second.Problem.Code != fault.Conflict || !strings.Contains(second.Problem.Message, "bob@example.com, before as ann@example.com") {
		t.Errorf("the other account is not told: %+v", second.Problem)
	}
	w.get()
	if got := w.state(); got.Problem == nil || got.Problem.Code != fault.Conflict {
		t.Errorf("a request has cleared the warning: %s", describe(got))
	}
	if got, err := w.m.Check(context.Background(), "mail", "default", ""); err != nil || got.Problem != nil || got.Account.Label != "bob@example.com" {
		t.Errorf("after a check: %s, %v", describe(got), err)
	}
}

func TestAgentAsksForMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.agents.change("mail", "default", func(s *connection.Service) { s.Scopes = append(s.Scopes, "more") })
	if got := w.state(); got.Status != connection.NeedsMore || got.Problem == nil {
		t.Errorf("got %s", describe(got))
	}
	w.get()
}

func TestPortTaken(t *testing.T) {
	t.Parallel()
	taken := oauthtest.New(t)
	u, err := url.Parse(taken.URL)
	if err != nil {
		t.Fatal(err)
	}
	port := 0
	for _, digit := range u.Port() {
		port = port*10 + int(digit-'0')
	}
	w := newWorld(t, func(d *connection.Deps) { d.LoopbackPort = port })
	w.connect(connection.Request{Redirect: "loopback"}) // any port will do
	w.agents.change("mail", "default", func(s *connection.Service) { s.Provider.Redirect.Loopback.Port = "fixed" })
	_, err = w.m.Connect(context.Background(), connection.Request{Agent: "mail", Redirect: "loopback"})
	wantCode(t, err, fault.InUse)
	if len(w.shown) != 1 {
		t.Error("the browser was opened before the port was bound")
	}
}

func TestRedirectURI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, err := w.agents.Service(context.Background(), "mail", "default")
	if err != nil {
		t.Fatal(err)
	}
	own := s
	own.Shared = true
	named := s
	named.Key = "work"
	for want, got := range map[string]string{
		"app.pie.desktop:/api/oauth/plugin/mail/callback":       w.m.RedirectURI(s, "scheme"),
		"http://127.0.0.1:53682/api/oauth/plugin/mail/callback": w.m.RedirectURI(s, "loopback"),
		"https://localhost/api/oauth/plugin/mail/work/callback": w.m.RedirectURI(named, "paste"),
		"app.pie.desktop:/api/oauth/client/pretend/callback":    w.m.RedirectURI(own, "scheme"),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
