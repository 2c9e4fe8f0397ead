package connection_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/oauth/oauthtest"
	"pie/backend/provider"
)

// sent are the refresh tokens that the server has received.
func (w *world) sent() []string {
	return with(w.service, func() []string { return slices.Clone(w.service.sent) })
}

func TestRefreshAhead(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		life    any
		forward time.Duration
		want    int
	}{
		"an hour, young":        {3600, 53 * time.Minute, 0},
		"an hour, five to":      {3600, 55*time.Minute + time.Second, 1},
		"ten minutes, young":    {600, 8*time.Minute + 40*time.Second, 0},
		"ten minutes, a tenth":  {600, 9*time.Minute + time.Second, 1},
		"over":                  {3600, 2 * time.Hour, 1},
		"no life known":         {nil, 1000 * time.Hour, 0},
		"a text with a point":   {"3600.5", 53 * time.Minute, 0},
		"a text with a point 2": {"3600.5", 56 * time.Minute, 1},
		"negative":              {-5, time.Second, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.service.set(func() { w.service.life = c.life })
			w.connect(connection.Request{})
			if n := len(w.sent()); c.life != -5 && n != 0 {
				t.Fatalf("%d refreshes at the start", n)
			}
			before := len(w.sent())
			w.clock.advance(c.forward)
			w.get()
			if n := len(w.sent()) - before; n != c.want {
				t.Errorf("%d refreshes, want %d", n, c.want)
			}
			if got := w.state(); got.Refreshes != c.want || (got.RefreshedAt != nil) != (c.want > 0) || got.Status != connection.Connected {
				t.Errorf("got %s", describe(got))
			}
		})
	}
}

func TestThousandRequestsRefreshOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	session := w.session()
	var wg sync.WaitGroup
	errs := make(chan error, 1000)
	start := make(chan struct{})
	for range 1000 {
		wg.Go(func() {
			<-start
			a, err := session.OAuthFetch(context.Background(), "default", connection.Call{URL: w.url("/api/items")})
			if err == nil && !a.OK {
				err = fmt.Errorf("answered %d", a.Status)
			}
			errs <- err
		})
	}
	close(start)
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.sent()); n != 1 {
		t.Errorf("%d refreshes", n)
	}
	if n := len(session.Requests()); n != 1000 {
		t.Errorf("%d requests noted", n)
	}
}

// TestLostAnswers: the same token is sent once more, never a third time, across
// the death of the process as well.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	lose := func(w *world, times int, how func(http.ResponseWriter)) {
		left := times
		w.service.set(func() {
			w.service.atToken = func(rw http.ResponseWriter, _ *http.Request) bool {
				lost := with(w.service, func() bool { left--; return left >= 0 })
				if lost {
					how(rw)
				}
				return lost
			}
		})
	}
	drop := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	page := func(rw http.ResponseWriter) { _, _ = io.WriteString(rw, "<html>") }
	large := func(rw http.ResponseWriter) { oauthtest.Huge(rw, nil) }
	cases := map[string]struct {
		times int
		how   func(http.ResponseWriter)
		sent  int
		code  fault.Code
	}{
		"once":                {1, drop, 2, ""},
		"twice":               {2, drop, 2, fault.Reconnect},
		"always":              {9, drop, 2, fault.Reconnect},
		"HTML once":           {1, page, 2, ""},
		"HTML always":         {9, page, 2, fault.Reconnect},
		"5 MB once":           {1, large, 2, ""},
		"5 MB, then the drop": {2, large, 2, fault.Reconnect},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			w.clock.advance(2 * time.Hour)
			lose(w, c.times, c.how)
			_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
			wantCode(t, err, c.code)
			sent := w.sent()
			if len(sent) != c.sent || sent[0] != sent[1] {
				t.Errorf("sent %d", len(sent))
			}
			w.agree(c.code)
			_, err = w.fetch(connection.Call{URL: w.url("/api/items")})
			wantCode(t, err, c.code)
			if n := len(w.sent()); n != c.sent {
				t.Errorf("%d sendings after the end", n)
			}
		})
	}
}

// agree checks that list, session and requests tell one story.
func (w *world) agree(code fault.Code) {
	w.t.Helper()
	got := w.state()
	ok, err := w.session().Connected(context.Background(), "default")
	dead := code == fault.Reconnect
	if err != nil || ok == dead || (got.Status == connection.NeedsReconnect) != dead || dead && (got.Problem == nil || got.Problem.Code != fault.Reconnect) {
		w.t.Errorf("connected %v, %v, list %s", ok, err, describe(got))
	}
}

// TestRotatedAndLost: the server rotated, the answer was lost. The second sending
// of the used token is refused, and that is the end.
func TestRotatedAndLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	w.service.set(func() { w.service.afterTok = func(http.ResponseWriter) bool { panic(http.ErrAbortHandler) } })
	w.service.set(func() {
		first := true
		w.service.afterTok = func(http.ResponseWriter) bool {
			if with(w.service, func() bool { was := first; first = false; return was }) {
				panic(http.ErrAbortHandler)
			}
			return false
		}
	})
	_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Reconnect)
	if n := len(w.sent()); n != 2 {
		t.Errorf("%d sendings", n)
	}
	w.agree(fault.Reconnect)
	if got := w.state(); !strings.Contains(got.Problem.Message, "lost") {
		t.Errorf("got %s", describe(got))
	}
}

// TestCrashWhileRefreshing takes the home as it is while the server answers.
func TestCrashWhileRefreshing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	var crashed []*world
	w.service.set(func() {
		w.service.atToken = func(http.ResponseWriter, *http.Request) bool {
			again := w.copied()
			w.mu.Lock()
			defer w.mu.Unlock()
			if crashed = append(crashed, again); len(crashed) <= 2 {
				panic(http.ErrAbortHandler)
			}
			return false
		}
	})
	_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Reconnect)
	w.service.set(func() { w.service.sent = nil })
	w.mu.Lock()
	defer w.mu.Unlock()
	w.service.set(func() { w.service.atToken = nil })
	if _, err := crashed[0].fetch(connection.Call{URL: w.url("/api/items")}); err != nil {
		t.Errorf("died after one sending: %v", err)
	}
	if n := len(w.sent()); n != 1 {
		t.Errorf("died after one sending: %d more", n)
	}
	_, err = crashed[1].fetch(connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Reconnect)
	if n := len(w.sent()); n != 1 {
		t.Errorf("died after two sendings: %d more", n-1)
	}
	crashed[0].agree("")
	crashed[1].agree(fault.Reconnect)
}

// TestUnreachable: a dial that failed is no sending, and an outage ends nothing.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		behavior http.HandlerFunc // nil: nobody listens
		code     fault.Code
	}{
		"nobody listens": {nil, fault.Offline},
		"503":            {oauthtest.Answer(503, "text/plain", "down"), fault.Offline},
		"429":            {oauthtest.Answer(429, "text/plain", "slow"), fault.Limited},
		"client unknown": {oauthtest.Answer(401, "application/json", `{"error":"invalid_client"}`), fault.Denied},
		"another":        {oauthtest.Answer(400, "application/json", `{"error":"invalid_scope"}`), fault.Denied},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			var down func()
			if c.behavior == nil {
				down = w.unplugTokens()
			} else {
				w.service.set(func() {
					w.service.atToken = func(rw http.ResponseWriter, r *http.Request) bool { c.behavior(rw, r); return true }
				})
				down = func() { w.service.set(func() { w.service.atToken = nil }) }
			}
			w.clock.advance(57 * time.Minute) // due, and still good
			for range 5 {
				w.get()
			}
			if n := len(w.sent()); n > 1 {
				t.Errorf("%d sendings while the token was good", n)
			}
			got := w.state()
			if got.Status != connection.Connected || got.Problem == nil || got.Problem.Code != c.code {
				t.Errorf("got %s", describe(got))
			}
			w.clock.advance(time.Hour)
			for range 5 {
				_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
				wantCode(t, err, c.code)
			}
			w.agree("")
			down()
			w.clock.advance(time.Minute)
			w.get()
			if got := w.state(); got.Problem != nil || got.Refreshes != 1 {
				t.Errorf("after the outage: %s", describe(got))
			}
		})
	}
}

// unplugTokens makes the token address one where nobody listens; the function
// plugs it in again.
func (w *world) unplugTokens() func() {
	tokens := &unplugged{}
	w.deps.HTTP = oauth.NewHTTP(oauth.HTTPOptions{Now: w.clock.now, Transport: tokens})
	_ = w.m.Close()
	w.m = connection.New(w.deps)
	return func() { tokens.set(true) }
}

type unplugged struct {
	mu sync.Mutex
	in bool
}

func (u *unplugged) set(in bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.in = in
}

func (u *unplugged) RoundTrip(r *http.Request) (*http.Response, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.in {
		return nil, fmt.Errorf("dial tcp: no route to host")
	}
	return new(http.Transport).RoundTrip(r)
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	w.service.set(func() {
		w.service.atToken = func(rw http.ResponseWriter, _ *http.Request) bool {
			rw.Header().Set("Retry-After", "600")
			rw.WriteHeader(http.StatusTooManyRequests)
			return true
		}
	})
	for range 3 {
		_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
		wantCode(t, err, fault.Limited)
	}
	if n := len(w.sent()); n != 1 {
		t.Errorf("%d sendings although asked to wait", n)
	}
	w.service.set(func() { w.service.atToken = nil })
	w.clock.advance(601 * time.Second)
	w.get()
}

// TestRefreshOutlivesTheRun: the run is stopped while the server rotates.
func TestRefreshOutlivesTheRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	w.service.set(func() {
		w.service.atToken = func(http.ResponseWriter, *http.Request) bool {
			cancel()
			<-stopped
			return false
		}
	})
	_, err := w.session().OAuthFetch(ctx, "default", connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Canceled)
	close(stopped)
	if err := w.m.Close(); err != nil { // waits for it
		t.Fatal(err)
	}
	if got := w.state(); got.Refreshes != 1 {
		t.Errorf("got %s", describe(got))
	}
	w.get()
	if n := len(w.sent()); n != 1 {
		t.Errorf("%d sendings", n)
	}
}

// TestSaveBeforeUse: when the API sees the new token it is on disk already.
func TestSaveBeforeUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	var crashed *world
	w.service.set(func() { w.service.api = func(http.ResponseWriter, *http.Request) { crashed = w.copied() } })
	w.get()
	w.service.set(func() { w.service.api = nil })
	crashed.get()
	if n := len(w.sent()); n != 1 {
		t.Errorf("%d sendings", n)
	}
}

// TestRenewedButNotSaved: the renewed token is not used, and not lost either.
func TestRenewedButNotSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	w.sealer.sealOn.Store(true)
	for range 2 {
		_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
		wantCode(t, err, fault.Locked)
	}
	if n := with(w.service, func() int { return len(w.service.seen) }); n != 0 {
		t.Errorf("%d requests with a token that is not on disk", n)
	}
	w.sealer.sealOn.Store(false)
	w.get()
	if n := len(w.sent()); n != 1 {
		t.Errorf("%d sendings", n)
	}
}

// TestInvalidGrantOfALoser: another writer has renewed in the meantime; its token
// is taken, and nothing is given up.
func TestInvalidGrantOfALoser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	other := connection.New(w.deps) // as if a second process had got past the door
	first := true
	w.service.set(func() {
		w.service.atToken = func(rw http.ResponseWriter, _ *http.Request) bool {
			if !with(w.service, func() bool { was := first; first = false; return was }) {
				return false
			}
			a, err := other.Session(connection.RunRef{Agent: "mail"}).OAuthFetch(context.Background(), "default", connection.Call{URL: w.url("/api/items")})
			if err != nil || !a.OK {
				t.Errorf("the other: %v, %v", a.Status, err)
			}
			oauthtest.Answer(400, "application/json", `{"error":"invalid_grant"}`)(rw, nil)
			return true
		}
	})
	w.get()
	w.agree("")
}

func TestRevokedAtTheService(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		id      string
		forward time.Duration
		want    string
	}{
		"somewhere":      {"pretend", 2 * time.Hour, "ended this sign-in"},
		"google testing": {"google", 7 * 24 * time.Hour, "7 days"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.agents.change("mail", "default", func(s *connection.Service) { s.Provider.ID = c.id })
			w.connect(connection.Request{})
			w.clock.advance(c.forward)
			w.service.set(func() {
				for _, f := range w.service.refresh {
					f.dead = true
				}
			})
			_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
			wantCode(t, err, fault.Reconnect)
			if p := fault.Public(err); !strings.Contains(p.Message, c.want) || !strings.Contains(p.Hint, "pie connect mail") {
				t.Errorf("got %+v", p)
			}
			w.agree(fault.Reconnect)
			c2 := w.connect(connection.Request{})
			if c2.Status != connection.Connected || c2.Problem != nil {
				t.Errorf("got %s", describe(c2))
			}
			w.get()
			w.agree("")
		})
	}
}

func TestNoRefreshToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.service.set(func() { w.service.norefr = true })
	w.connect(connection.Request{})
	w.clock.advance(59*time.Minute + 50*time.Second) // used to its end
	w.get()
	w.agree("")
	w.clock.advance(11 * time.Second)
	w.agree(fault.Reconnect) // before anybody has tried
	_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Reconnect)
	if got, err := w.m.Check(context.Background(), "mail", "", ""); err != nil || got.Status != connection.NeedsReconnect {
		t.Errorf("got %s, %v", describe(got), err)
	}
}

func TestRefreshScopes(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		first, then string
		status      string
	}{
		"all":      {"read write", "read write", connection.Connected},
		"missing":  {"read", "read", connection.NeedsMore},
		"narrowed": {"read write", "read", connection.NeedsMore},
		"widened":  {"read", "write read", connection.Connected},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.service.set(func() { w.service.scope = func(string) string { return c.first } })
			w.connect(connection.Request{})
			w.service.set(func() {
				for _, f := range w.service.refresh {
					f.scope = c.then
				}
			})
			w.clock.advance(2 * time.Hour)
			w.get()
			if got := w.state(); got.Status != c.status || (got.Problem != nil) != (c.status == connection.NeedsMore) || got.Refreshes != 1 {
				t.Errorf("got %s", describe(got))
			}
		})
	}
}

// TestForbiddenStaysAfterRefresh: a refresh widens nothing.
func TestForbiddenStaysAfterRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.service.set(func() {
		w.service.api = func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope"`)
			rw.WriteHeader(http.StatusForbidden)
		}
	})
	if a, err := w.fetch(connection.Call{URL: w.url("/api/items")}); err != nil || a.Status != http.StatusForbidden || len(a.Headers) > 2 {
		t.Errorf("got %+v, %v", a, err)
	}
	w.service.set(func() { w.service.api = nil })
	w.clock.advance(2 * time.Hour)
	w.get()
	if got := w.state(); got.Status != connection.NeedsMore || got.Refreshes != 1 || got.Problem == nil {
		t.Errorf("got %s", describe(got))
	}
	w.connect(connection.Request{})
	if got := w.state(); got.Status != connection.Connected {
		t.Errorf("got %s", describe(got))
	}
}

// TestTokensStayWithTheirServer: an update of the agent points the service to
// another server, which gets neither the access nor the refresh token.
func TestTokensStayWithTheirServer(t *testing.T) {
	t.Parallel()
	evil := oauthtest.New(t)
	hosts, err := provider.ParseHosts([]string{evil.URL})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*connection.Service)
		revoke string
	}{
		"token address": {func(s *connection.Service) { s.Provider.Endpoints.Token = evil.URL + "/token" }, "another service"},
		"provider":      {func(s *connection.Service) { s.Provider.ID = "another" }, "another service"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			w.agents.change("mail", "default", func(s *connection.Service) {
				c.change(s)
				s.Hosts = hosts
				s.Provider.Endpoints.Revocation.URL = evil.URL + "/revoke"
				s.Provider.Identity.URL = evil.URL + "/userinfo"
			})
			if _, err := w.m.Check(context.Background(), "mail", "default", ""); err != nil {
				t.Error(err)
			}
			_, err := w.fetch(connection.Call{URL: evil.URL + "/api"})
			wantCode(t, err, fault.Reconnect)
			w.agree(fault.Reconnect)
			before, err := w.agents.Service(context.Background(), "mail", "default")
			if err != nil {
				t.Fatal(err)
			}
			w.add("mail", "default", "client-mail") // the update is taken back
			w.agree("")
			w.get()
			w.agents.change("mail", "default", func(s *connection.Service) { *s = before })
			if ok, err := w.session().Connected(context.Background(), "default"); ok || err != nil {
				t.Errorf("connected to another service: %v", err)
			}
			done, err := w.m.Disconnect(context.Background(), "mail", "default", "", false)
			if err != nil || done.Revoked != nil || !strings.Contains(done.Detail, c.revoke) {
				t.Errorf("got %+v, %v", done, err)
			}
			if n := len(evil.Requests()); n != 0 {
				t.Errorf("%d requests reached the other server", n)
			}
		})
	}
}

func TestClientChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.agents.change("mail", "default", func(s *connection.Service) { s.NeedsName, s.Client = "CLIENT_ID", oauth.Client{} })
	w.get() // the access token is still good
	w.clock.advance(2 * time.Hour)
	_, err := w.fetch(connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Conflict)
	w.agree("")
	w.agents.change("mail", "default", func(s *connection.Service) { s.NeedsName, s.Client.ID = "", "another" })
	_, err = w.fetch(connection.Call{URL: w.url("/api/items")})
	wantCode(t, err, fault.Reconnect)
	if n := len(w.sent()); n != 0 {
		t.Errorf("%d sendings", n)
	}
	w.agree(fault.Reconnect)
}

// TestAccessChangedWhileRefreshing: a refresh does not undo what a person does.
func TestAccessChangedWhileRefreshing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.clock.advance(2 * time.Hour)
	w.service.set(func() {
		w.service.atToken = func(http.ResponseWriter, *http.Request) bool {
			if _, err := w.m.SetAccess("mail", "default", "", connection.AccessRead); err != nil {
				t.Error(err)
			}
			return false
		}
	})
	w.get()
	if got := w.state(); got.Access != connection.AccessRead || got.Refreshes != 1 {
		t.Errorf("got %s", describe(got))
	}
}

func TestUnauthorized(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		method    string
		apiCalls  int // with the good token too
		refreshes int
		status    int
	}{
		"GET":  {"GET", 1, 1, 200},
		"HEAD": {"HEAD", 1, 1, 200},
		"POST": {"POST", 0, 1, 401},
		"PUT":  {"PUT", 0, 1, 401},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			w.service.expireAccess()
			a, err := w.fetch(connection.Call{Method: c.method, URL: w.url("/api/items")})
			if err != nil || a.Status != c.status {
				t.Errorf("got %d, %v", a.Status, err)
			}
			if n := len(w.sent()); n != c.refreshes {
				t.Errorf("%d refreshes", n)
			}
			if n := with(w.service, func() int { return len(w.service.seen) }); n != c.apiCalls {
				t.Errorf("%d requests got through", n)
			}
			a, err = w.fetch(connection.Call{Method: c.method, URL: w.url("/api/items")})
			if err != nil || a.Status != 200 || len(w.sent()) != 1 {
				t.Errorf("the next one: %d, %v, %d refreshes", a.Status, err, len(w.sent()))
			}
		})
	}
}

// TestAlwaysUnauthorized: an address that always says 401 does not make a
// refresh each time.
func TestAlwaysUnauthorized(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "POST"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			w.service.set(func() {
				w.service.api = func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusUnauthorized) }
			})
			for range 5 {
				a, err := w.fetch(connection.Call{Method: method, URL: w.url("/api/items")})
				if err != nil || a.Status != http.StatusUnauthorized {
					t.Errorf("got %d, %v", a.Status, err)
				}
			}
			if n := len(w.sent()); n != 1 {
				t.Errorf("%d refreshes", n)
			}
			w.agree("")
			if got := w.state(); got.Problem == nil {
				t.Error("nothing is said")
			}
			w.service.set(func() { w.service.api = nil })
			w.get()
			if got := w.state(); got.Problem != nil {
				t.Errorf("still said: %s", describe(got))
			}
		})
	}
}

// TestUnauthorizedWithoutRefresh: one address may refuse; a token that the
// identity address refuses too is over.
func TestUnauthorizedWithoutRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.service.set(func() { w.service.norefr, w.service.life = true, nil })
	w.connect(connection.Request{})
	w.service.set(func() {
		w.service.api = func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusUnauthorized) }
	})
	if a, err := w.fetch(connection.Call{URL: w.url("/api/items")}); err != nil || a.Status != http.StatusUnauthorized {
		t.Errorf("got %d, %v", a.Status, err)
	}
	w.agree("")
	w.service.expireAccess()
	if a, err := w.fetch(connection.Call{URL: w.url("/api/items")}); err != nil || a.Status != http.StatusUnauthorized {
		t.Errorf("got %d, %v", a.Status, err)
	}
	w.agree(fault.Reconnect)
}

func TestForbidden(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		body   any
		status string
		code   fault.Code
		word   string
	}{
		"scope":   {map[string]any{"error": map[string]any{"details": []any{map[string]any{"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}}}}, connection.NeedsMore, fault.Denied, "not enough"},
		"api off": {map[string]any{"error": map[string]any{"errors": []any{map[string]any{"reason": "accessNotConfigured"}}}}, connection.Connected, fault.Denied, "switched off"},
		"quota":   {map[string]any{"reason": "rateLimitExceeded"}, connection.Connected, fault.Limited, "too many"},
		"policy":  {map[string]any{"reason": "domainPolicy"}, connection.Connected, fault.Denied, "for your account"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			w.service.set(func() {
				w.service.api = func(rw http.ResponseWriter, _ *http.Request) {
					rw.WriteHeader(http.StatusForbidden)
					_ = json.NewEncoder(rw).Encode(c.body)
				}
			})
			if a, err := w.fetch(connection.Call{URL: w.url("/api/items")}); err != nil || a.Status != http.StatusForbidden || a.OK {
				t.Errorf("got %+v, %v", a, err)
			}
			got := w.state()
			if got.Status != c.status || got.Problem == nil || got.Problem.Code != c.code || !strings.Contains(got.Problem.Message, c.word) {
				t.Errorf("got %s", describe(got))
			}
			w.service.set(func() { w.service.api = nil })
			w.get()
			if got := w.state(); (got.Problem == nil) != (c.status == connection.Connected) {
				t.Errorf("after a good request: %s", describe(got))
			}
		})
	}
}
