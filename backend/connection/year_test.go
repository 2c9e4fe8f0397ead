package connection_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/oauth/oauthtest"
	"pie/backend/outbox"
	"pie/backend/provider"
	"pie/backend/store"
	"pie/backend/system"
	"pie/backend/vault"
)

// What the network does with one request.
const (
	arrives    = iota
	down       // it never leaves
	lostBefore // it left and never came to the server
	lostAfter  // the server acted, and its answer never came back
)

// tally counts what a year has brought.
type tally struct{ sleeps, slept, downs, losses, resent, doomed, refreshes int }

// air is the network of a laptop between it and the servers, in memory: flaky, and
// at times the lid is closed while a request is on its way. It never loses two
// sendings of one refresh token: then nobody could keep the connection.
type air struct {
	clock *clock
	dice  *rand.Rand

	mu      sync.Mutex
	servers map[string]http.Handler // by host
	strict  map[string]bool         // hosts at which a lost answer is the end
	life    map[string]time.Duration
	last    map[string]time.Time // at which a host gave its last token
	lost    map[string]bool      // host and refresh token of which a sending was lost
	awake   time.Time            // since when, by the wall
	closing bool                 // the lid closes at the next refresh
	quiet   bool                 // nothing goes wrong
	tally
}

var errBroken = errors.New("the connection was broken")

func (a *air) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	_ = r.ParseForm()
	token := r.PostForm.Get("refresh_token")
	r.Body = io.NopCloser(strings.NewReader(r.PostForm.Encode()))
	fate := a.fate(r.URL.Host+token, token != "")
	if fate == down {
		a.downs++
		return nil, errBroken
	}
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	if token != "" {
		a.refreshes++
		if a.lost[r.URL.Host+token] {
			a.resent++
		}
	}
	var res *http.Response
	if fate != lostBefore {
		res = a.serve(r, token)
	}
	if token != "" && a.closing {
		a.closing = false
		a.sleep(9 * time.Hour)
		a.slept++
	}
	if fate == arrives {
		return res, nil
	}
	if token != "" {
		a.lost[r.URL.Host+token] = true
		a.losses++
		if fate == lostAfter && a.strict[r.URL.Host] {
			a.doomed++
		}
	}
	return nil, errBroken
}

// fate throws the dice. The first seconds after waking are worse.
func (a *air) fate(token string, refresh bool) int {
	chance := func(percent int) bool { return a.dice.IntN(100) < percent }
	worse := 0
	if a.clock.now().Sub(a.awake) < 3*time.Second {
		worse = 60
	}
	switch {
	case a.quiet:
		return arrives
	case chance(5 + worse):
		return down
	case !refresh || a.lost[token] || !chance(10+worse) && !a.closing:
		return arrives
	case a.dice.IntN(3) == 0:
		return arrives // the answer is read after waking
	case a.dice.IntN(2) == 0:
		return lostBefore
	}
	return lostAfter
}

func (a *air) serve(r *http.Request, token string) *http.Response {
	now, host := a.clock.now(), r.URL.Host
	answer := httptest.NewRecorder()
	answer.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	if life := a.life[host]; token != "" && life > 0 && now.Sub(a.last[host]) > life {
		answer.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(answer, `{"error":"invalid_grant"}`)
	} else {
		a.servers[host].ServeHTTP(answer, r)
	}
	if r.URL.Path == "/token" {
		a.last[host] = now
	}
	return answer.Result()
}

// sleep is what the clock on the wall does while nothing else goes on.
func (a *air) sleep(d time.Duration) {
	a.clock.advance(d)
	a.awake = a.clock.now()
	a.sleeps++
}

func (a *air) set(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
}

// inMemory is a folder that is on no disk, where there is such a thing.
func inMemory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "pie-year-") //nolint:usetesting // a year of fsyncs on a disk takes minutes
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// laptop is a home whose only way out is air.
type laptop struct {
	t      *testing.T
	air    *air
	agents *agents
	grants map[string]*oauthtest.Grants
	m      *connection.Manager
}

func newLaptop(t *testing.T, seed uint64) *laptop {
	t.Helper()
	dir := inMemory(t)
	st, err := store.Open(filepath.Join(dir, "pie.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	v := vault.New(st, vault.Options{Source: vault.SourceKeyFile, Dir: dir, KeyFile: filepath.Join(dir, "key")})
	clock := &clock{}
	l := &laptop{t: t, grants: map[string]*oauthtest.Grants{}, agents: &agents{services: map[string]connection.Service{}}}
	l.air = &air{
		clock: clock, dice: rand.New(rand.NewPCG(seed, 1)), servers: map[string]http.Handler{}, strict: map[string]bool{},
		life: map[string]time.Duration{}, last: map[string]time.Time{}, lost: map[string]bool{}, quiet: true,
	}
	online := func(context.Context) bool {
		l.air.mu.Lock()
		defer l.air.mu.Unlock()
		return clock.now().Sub(l.air.awake) > 2*time.Second
	}
	l.m = connection.New(connection.Deps{
		Store: st, Vault: &sealer{v: v}, Agents: l.agents, Outbox: outbox.New(st, outboxSealer{v}, nil),
		HTTP: oauth.NewHTTP(oauth.HTTPOptions{Transport: l.air, Now: clock.now}), Transport: l.air, Now: clock.now,
		Network: system.NewWake(system.WakeOptions{Now: clock.now, Online: online, Addresses: func() []string { return nil }}),
		Open: func(ctx context.Context, address string) error {
			u, err := url.Parse(address)
			if err != nil {
				return err
			}
			res := httptest.NewRecorder()
			l.grants[u.Host].ServeHTTP(res, httptest.NewRequest(http.MethodGet, address, nil))
			go func() { _, _ = l.m.Callback(ctx, res.Header().Get("Location")) }()
			return nil
		},
	})
	return l
}

// add installs an agent of its own for a server.
func (l *laptop) add(name string, strict bool, life time.Duration) {
	host := name + ".example"
	g := &oauthtest.Grants{Uses: 1 << 30, Strict: strict}
	l.grants[host], l.air.servers[host], l.air.strict[host], l.air.life[host] = g, g, strict, life
	origin := "https://" + host
	hosts, err := provider.ParseHosts([]string{host})
	if err != nil {
		l.t.Fatal(err)
	}
	l.agents.change(name, "default", func(s *connection.Service) {
		*s = connection.Service{
			Agent: name, Key: "default", Hosts: hosts, Client: oauth.Client{ID: "id-" + name},
			Provider: provider.Provider{
				ID: name, Name: name, Endpoints: provider.Endpoints{Authorization: origin + "/authorize", Token: origin + "/token"},
				Client: provider.Client{Auth: []string{"none"}, Body: "form"}, PKCE: provider.PKCE{Mode: "required"},
				Redirect: provider.Redirect{CustomScheme: true}, Scopes: provider.Scopes{Param: "scope", Separator: " "},
				API: provider.API{Hosts: []string{host}, HeaderPrefix: "Bearer"}, Lifetime: provider.Lifetime{RefreshTTL: int(life / time.Second)},
			},
		}
	})
	l.connect(name)
}

func (l *laptop) connect(name string) {
	l.t.Helper()
	l.air.set(func() { l.air.quiet = true })
	if _, err := l.m.Connect(context.Background(), connection.Request{Agent: name}); err != nil {
		l.t.Fatal(err)
	}
	l.air.set(func() { l.air.quiet = false })
}

// run is one run of an agent, which tries again after a while as people do. It
// tells whether the connection needs its person now.
func (l *laptop) run(name string) (ended bool) {
	for range 6 {
		a, err := l.m.Session(connection.RunRef{Agent: name}).OAuthFetch(context.Background(), "", connection.Call{URL: "https://" + name + ".example/api"})
		switch {
		case fault.Is(err, fault.Reconnect):
			return true
		case err == nil && a.OK:
			return false
		case err == nil:
			l.t.Errorf("%s answered %d", name, a.Status)
			return false
		}
		time.Sleep(time.Minute) // of the bubble
	}
	return false // offline all the while
}

// TestYearOfALaptop: sleeping for nine hours in the middle of a refresh, on most
// days, over a network that loses answers, keeps every connection that could be
// kept: all but those whose server gave a new token into the void and takes the
// old one no more. What the connections say was sent twice is what was.
func TestYearOfALaptop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, year)
}

func year(t *testing.T) {
	t.Helper()
	l := newLaptop(t, 1)
	l.add("forgiving", false, 0)
	l.add("strict", true, 0)
	l.add("unused", false, 30*day)
	began, ended := l.air.clock.now(), 0
	for n := 0; l.air.clock.now().Sub(began) < 365*day; n++ {
		for range 2 {
			for _, name := range []string{"forgiving", "strict"} {
				if !l.run(name) {
					continue
				}
				if name != "strict" {
					t.Fatalf("day %d: %s is lost", n, name)
				}
				ended++
				l.connect(name)
			}
			time.Sleep(2 * time.Hour) // of the bubble
		}
		// The lid closes over the last refresh of the day, if one comes.
		l.air.set(func() { l.air.closing = n%7 < 6 })
		if l.run([]string{"forgiving", "strict"}[n%2]) {
			ended++
			l.connect("strict")
		}
		if err := l.m.TendOnce(context.Background()); err != nil {
			t.Fatal(err)
		}
		l.air.set(func() {
			if l.air.closing || n%7 == 6 {
				l.air.closing = false
				l.air.sleep(9 * time.Hour)
			}
		})
	}
	l.check(ended)
}

// check compares what the connections say with what the network saw.
func (l *laptop) check(ended int) {
	l.t.Helper()
	l.air.set(func() { l.air.quiet = true })
	time.Sleep(2 * time.Hour) // of the bubble
	for name := range l.agents.services {
		name, _, _ = strings.Cut(name, "/")
		if l.run(name) {
			if name != "strict" {
				l.t.Errorf("%s is lost at the end of the year", name)
			}
			ended++
		}
	}
	list, err := l.m.List(context.Background(), "")
	if err != nil {
		l.t.Fatal(err)
	}
	resent, refreshes := 0, 0
	for _, c := range list {
		resent += c.Resent
		refreshes += c.Refreshes
	}
	seen := l.air.tally
	l.t.Logf("%+v; %d renewed, %d ended", seen, refreshes, ended)
	if resent != seen.resent {
		l.t.Errorf("the connections say %d were sent twice, the network saw %d", resent, seen.resent)
	}
	if ended != seen.doomed {
		l.t.Errorf("%d ended, %d could not be kept", ended, seen.doomed)
	}
	if seen.slept < 200 || seen.losses < 100 || seen.downs < 50 || seen.doomed < 10 || refreshes < 1000 {
		l.t.Errorf("the year was too easy: %+v", seen)
	}
}
