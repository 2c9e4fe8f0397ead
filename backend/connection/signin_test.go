package connection_test

import (
	"context"
	"net/http"
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
		"slow":         {func(*oauthtest.Server) http.HandlerFunc { return oauthtest.Slow(time.Minute) }, fault.Offline},
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
			w := newWorld(t, func(d *connection.Deps) {
				d.HTTP = oauth.NewHTTP(oauth.HTTPOptions{Timeout: time.Second})
			})
			s.Behave(c.behavior(s))
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

// TestColdStart: the process that began the flow is gone, another one finishes it.
func TestColdStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var crashed *world
	var link string
	w.browse(func(_ *connection.Manager, address string) {
		link, _ = visit(address)
		crashed = w.copied()
	})
	_, err := w.m.Connect(context.Background(), connection.Request{Agent: "mail", Account: "work", Timeout: time.Millisecond})
	wantCode(t, err, fault.Limited)
	c, err := crashed.m.Callback(context.Background(), link)
	if err != nil || c.Status != connection.Connected || c.Label != "work" {
		t.Fatalf("got %s, %v", describe(c), err)
	}
	crashed.get()
}

// TestColdStartIsOverWithTheNextSignIn: one flow for an account waits at a time,
// whoever began it.
func TestColdStartIsOverWithTheNextSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var crashed *world
	var link string
	w.browse(func(_ *connection.Manager, address string) {
		link, _ = visit(address)
		crashed = w.copied()
	})
	_, err := w.m.Connect(context.Background(), connection.Request{Agent: "mail", Timeout: time.Millisecond})
	wantCode(t, err, fault.Limited)
	_, err = crashed.m.Connect(context.Background(), connection.Request{Agent: "mail", NoBrowser: true, Timeout: time.Millisecond})
	wantCode(t, err, fault.Limited)
	_, err = crashed.m.Callback(context.Background(), link)
	wantCode(t, err, fault.NotFound)
}

// TestLockedVaultKeepsTheFlow: the link works again once the vault is open.
func TestLockedVaultKeepsTheFlow(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"scheme", "loopback"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.browse(func(m *connection.Manager, address string) {
				link, _ := visit(address)
				w.sealer.locked.Store(true)
				hand(m, link)
				if n := with(w.service, func() int { return w.service.posts }); n != 0 {
					t.Errorf("%d token requests with a locked vault", n)
				}
				w.sealer.locked.Store(false)
				hand(m, link)
			})
			w.connect(connection.Request{Redirect: kind})
		})
	}
}

// TestCrashBeforeSave: the flow is spent, nothing else is lost.
func TestCrashBeforeSave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.connect(connection.Request{})
	var crashed *world
	var link string
	w.browse(func(m *connection.Manager, address string) {
		link, _ = visit(address)
		w.service.set(func() {
			w.service.atToken = func(http.ResponseWriter, *http.Request) bool { crashed = w.copied(); return false }
		})
		hand(m, link)
		w.service.set(func() { w.service.atToken = nil })
	})
	w.connect(connection.Request{})
	if got := crashed.state(); got.ID != before.ID || got.Status != connection.Connected {
		t.Errorf("got %s", describe(got))
	}
	crashed.get()
	_, err := crashed.m.Callback(context.Background(), link)
	wantCode(t, err, fault.NotFound)
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
