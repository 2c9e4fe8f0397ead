package connection_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/oauth"
	"pie/backend/outbox"
	"pie/backend/provider"
	"pie/backend/secret"
	"pie/backend/store"
	"pie/backend/vault"
)

// world is a home with a real store and vault, and a service to connect to.
type world struct {
	t       testing.TB
	dir     string
	store   *store.Store
	history *history.History
	sealer  *sealer
	outbox  *outbox.Outbox
	agents  *agents
	service *pretend
	m       *connection.Manager
	log     *safeBuffer
	clock   *clock
	deps    connection.Deps

	mu      sync.Mutex
	browser func(m *connection.Manager, address string)
	shown   []string // addresses that were opened
}

// clock goes on by itself until it is held.
type clock struct {
	offset atomic.Int64
	held   atomic.Pointer[time.Time]
}

func (c *clock) now() time.Time {
	at := time.Now()
	if held := c.held.Load(); held != nil {
		at = *held
	}
	return at.Add(time.Duration(c.offset.Load()))
}

func (c *clock) advance(d time.Duration) { c.offset.Add(int64(d)) }

// hold stops the clock at a whole second; only advance moves it from then on.
func (c *clock) hold() {
	at := time.Now().Truncate(time.Second)
	c.held.Store(&at)
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// agents are what is installed.
type agents struct {
	mu       sync.Mutex
	services map[string]connection.Service // agent/key
	hosts    provider.HostSet
	asked    int // for a service
}

func (a *agents) Service(_ context.Context, agent, key string) (connection.Service, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked++
	s, ok := a.services[agent+"/"+key]
	if !ok {
		return s, fault.New(fault.NotFound, "There is no such service.", "")
	}
	return s, nil
}

func (a *agents) Services(_ context.Context, agent string) ([]connection.Service, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := make([]connection.Service, 0, len(a.services))
	for _, s := range a.services {
		if agent == "" || s.Agent == agent {
			s.Client = oauth.Client{}
			out = append(out, s)
		}
	}
	return out, nil
}

func (a *agents) NetworkHosts(context.Context, string) (provider.HostSet, error) { return a.hosts, nil }

func (a *agents) change(agent, key string, fn func(*connection.Service)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.services[agent+"/"+key]
	fn(&s)
	a.services[agent+"/"+key] = s
}

func (w *world) add(agent, key, clientID string) {
	p := w.service.provider()
	hosts, err := provider.ParseHosts(p.API.Hosts)
	if err != nil {
		w.t.Fatal(err)
	}
	w.agents.change(agent, key, func(s *connection.Service) {
		*s = connection.Service{
			Agent: agent, Key: key, Provider: p, Scopes: []string{"read", "write"}, Hosts: hosts,
			Client: oauth.Client{ID: clientID, Secret: secret.New("s3cret/of+" + clientID)},
		}
	})
}

// newWorld makes a home with the agents mail (service default) and notes.
func newWorld(tb testing.TB, change ...func(*connection.Deps)) *world {
	tb.Helper()
	w := &world{
		t: tb, dir: tb.TempDir(), log: &safeBuffer{}, clock: &clock{}, service: newPretend(tb),
		agents: &agents{services: map[string]connection.Service{}},
	}
	w.service.set(func() { w.service.now = w.clock.now })
	w.add("mail", "default", "client-mail")
	w.add("notes", "default", "client-notes")
	w.openStores()
	w.deps = connection.Deps{
		Store: w.store, Vault: w.sealer, Agents: w.agents, Outbox: w.outbox,
		HTTP: oauth.NewHTTP(oauth.HTTPOptions{Now: w.clock.now}),
		Open: func(_ context.Context, address string) error {
			w.mu.Lock()
			w.shown = append(w.shown, address)
			browser := w.browser
			w.mu.Unlock()
			browser(w.m, address)
			return nil
		},
		Audit: w.history.AppendAudit, Log: slog.New(slog.NewTextHandler(w.log, nil)), Now: w.clock.now,
	}
	for _, each := range change {
		each(&w.deps)
	}
	w.m = connection.New(w.deps)
	w.browse(willing)
	tb.Cleanup(func() { _ = w.m.Close() })
	return w
}

func (w *world) openStores() {
	w.t.Helper()
	main, err := store.Open(filepath.Join(w.dir, "pie.db"), store.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	audit, err := store.Open(filepath.Join(w.dir, "audit.db"), store.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = main.Close(); _ = audit.Close() })
	v := vault.New(main, vault.Options{Source: vault.SourceKeyFile, Dir: w.dir, KeyFile: filepath.Join(w.dir, "key")})
	w.store, w.sealer, w.history = main, &sealer{v: v}, history.New(audit, runSealer{v})
	w.outbox = outbox.New(main, outboxSealer{v}, nil)
}

// copied is the home as a crash would leave it now, with a manager of its own;
// other may put other files into its folder.
func (w *world) copied(other ...func(dir string)) *world {
	w.t.Helper()
	again := &world{t: w.t, dir: w.t.TempDir(), log: w.log, clock: w.clock, service: w.service, agents: w.agents, deps: w.deps}
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, entry := range entries {
		raw, err := os.ReadFile(filepath.Join(w.dir, entry.Name()))
		if err != nil {
			w.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(again.dir, entry.Name()), raw, 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	for _, each := range other {
		each(again.dir)
	}
	again.openStores()
	again.deps.Store, again.deps.Vault, again.deps.Audit = again.store, again.sealer, again.history.AppendAudit
	again.deps.Outbox = again.outbox
	again.m = connection.New(again.deps)
	w.t.Cleanup(func() { _ = again.m.Close() })
	return again
}

func (w *world) browse(browser func(m *connection.Manager, address string)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.browser = browser
}

// willing is a person who says yes; the address comes back as the kind wants.
func willing(m *connection.Manager, address string) {
	back, err := visit(address)
	if err != nil {
		return
	}
	hand(m, back)
}

// hand brings a callback back: to the listener on loopback, else by the link.
func hand(m *connection.Manager, back string) {
	if strings.HasPrefix(back, "http://") {
		if res, err := new(http.Client).Get(back); err == nil {
			_ = res.Body.Close()
		}
		return
	}
	_, _ = m.Callback(context.Background(), back)
}

func (w *world) connect(q connection.Request) connection.Connection {
	w.t.Helper()
	if q.Agent == "" {
		q.Agent = "mail"
	}
	c, err := w.m.Connect(context.Background(), q)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) session() *connection.Session {
	return w.m.Session(connection.RunRef{Agent: "mail", RunID: "run-1"})
}

func (w *world) url(path string) string { return w.service.URL + path }

func (w *world) fetch(call connection.Call) (connection.Answer, error) {
	return w.session().OAuthFetch(context.Background(), "default", call)
}

// get asks the API, and must succeed.
func (w *world) get() {
	w.t.Helper()
	a, err := w.fetch(connection.Call{URL: w.url("/api/items")})
	if err != nil || !a.OK {
		w.t.Fatalf("got %d %s, %v", a.Status, a.Body, err)
	}
}

// state is the connection of mail as the list shows it.
func (w *world) state() connection.Connection {
	w.t.Helper()
	list, err := w.m.List(context.Background(), "mail")
	if err != nil || len(list) != 1 {
		w.t.Fatalf("got %v, %v", list, err)
	}
	return list[0]
}

func (w *world) audit() []history.AuditRow {
	w.t.Helper()
	rows, err := w.history.Audit("", 100_000)
	if err != nil {
		w.t.Fatal(err)
	}
	return rows
}

func wantCode(tb testing.TB, err error, code fault.Code) {
	tb.Helper()
	if fault.CodeOf(err) != code {
		tb.Fatalf("want %q, got %v", code, err)
	}
}

func describe(c connection.Connection) string {
	return fmt.Sprintf("%s %s %s %v %+v", c.ID, c.Status, c.Access, c.Scopes, c.Problem)
}
