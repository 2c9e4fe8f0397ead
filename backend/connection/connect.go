package connection

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/paths"
)

const (
	kindOAuth = "oauth"
	kindToken = "token"
)

const signInTime = 5 * time.Minute

// Request asks for a sign-in.
type Request struct {
	Op        string // names the attempt; must be unique, made when empty
	Agent     string
	Service   string            // "" means default
	Account   string            // label: at most 64 bytes, no slash or control character
	Redirect  string            // scheme | loopback | paste | device; "" means the provider's preferred kind
	Params    map[string]string // what the provider must know of the account, by key
	NoBrowser bool
	Timeout   time.Duration // 5 min when zero, at most the 10 min of a flow
}

// RedirectPath is the path of an agent's redirect address.
func RedirectPath(agent, service string) string {
	if service == "" || service == defaultService {
		return "/api/oauth/plugin/" + agent + "/callback"
	}
	return "/api/oauth/plugin/" + agent + "/" + service + "/callback"
}

// redirectPath is one for all agents where the person's own app is used.
func redirectPath(s Service) string {
	if s.Shared {
		return "/api/oauth/client/" + s.Provider.Base() + "/callback"
	}
	return RedirectPath(s.Agent, s.Key)
}

// RedirectURI is the address to register for a kind of redirect.
func (m *Manager) RedirectURI(s Service, kind string) string {
	path := redirectPath(s)
	switch kind {
	case "loopback":
		return fmt.Sprintf("http://%s:%d%s", s.Provider.Redirect.Loopback.Host, m.LoopbackPort, path)
	case "paste":
		return m.relay(s) + path
	}
	return paths.AppID + ":" + path
}

// relay is what the https addresses begin with: the person's own page, which hands
// the answer back by the scheme, or this computer's name, where nothing listens. The
// page hands on no more than code, state, iss and error, which some services' answers
// are not whole with.
func (m *Manager) relay(s Service) string {
	if m.Relay != nil && !s.original().ReadsCallback() {
		if address := m.Relay(); address != "" {
			return strings.TrimSuffix(address, "/")
		}
	}
	return "https://localhost"
}

// Connect signs in and returns when the connection is saved. A later Connect for
// the same account takes over, and then this one ends with canceled. A connection
// that is there keeps its id and access, and is asked for what it had as well.
// Faults: not_found, invalid, conflict (a secret is missing), in_use (port),
// locked, denied, canceled, limited (timeout), offline.
func (m *Manager) Connect(ctx context.Context, q Request) (Connection, error) {
	service, err := m.requested(ctx, &q)
	if err != nil {
		return Connection{}, err
	}
	if service.NeedsName != "" {
		return Connection{}, needsSecret(service)
	}
	kind, err := chooseKind(service, q.Redirect)
	if err != nil {
		return Connection{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, q.Timeout)
	defer cancel()
	a := &attempt{
		Attempt: Attempt{Op: q.Op, Step: "preparing", Agent: q.Agent, Service: q.Service, Kind: kind},
		account: q.Account, cancel: cancel, done: make(chan outcome, 1), ended: make(chan struct{}),
	}
	defer m.dropAttempt(a)
	if err := m.addAttempt(ctx, a); err != nil {
		return Connection{}, err
	}
	if kind == kindDevice {
		return m.connectDevice(ctx, service, q, a)
	}
	closeListener, err := m.prepare(ctx, service, q, a)
	if err != nil {
		return Connection{}, err
	}
	defer closeListener()
	return m.wait(ctx, a, q)
}

// requested completes q and finds its service.
func (m *Manager) requested(ctx context.Context, q *Request) (Service, error) {
	q.Service, q.Op = cmp.Or(q.Service, defaultService), cmp.Or(q.Op, newID())
	if q.Timeout <= 0 {
		q.Timeout = signInTime
	}
	q.Timeout = min(q.Timeout, oauth.FlowLife)
	if err := checkLabel(q.Account); err != nil {
		return Service{}, err
	}
	s, err := m.Agents.Service(ctx, q.Agent, q.Service)
	if err != nil {
		return s, err
	}
	return m.asked(s, *q)
}

// needsSecret names both ways to a client: the agent's own, and the person's app.
func needsSecret(s Service) error {
	message := fmt.Sprintf("%s needs the value of %s before it can be connected.", s.Agent, s.NeedsName)
	own := fmt.Sprintf("pie secret set %s %s", s.Agent, s.NeedsName)
	switch base := s.Provider.Base(); {
	case s.HasApp:
		return fault.New(fault.Conflict, s.Agent+" has no app of its own at "+s.Provider.Name+", and was not granted yours.",
			fmt.Sprintf("Run: pie client grant %s %s, or give it one of its own: %s", base, s.Agent, own))
	case s.Provider.TakesApps():
		return fault.New(fault.Conflict, message,
			fmt.Sprintf("Run: %s, or keep one app for all agents: pie client add %s", own, base))
	}
	return fault.New(fault.Conflict, message, "Run: "+own)
}

func chooseKind(s Service, wanted string) (string, error) {
	kinds := s.Provider.RedirectKinds()
	if wanted == "" && len(kinds) > 0 {
		return kinds[0], nil
	}
	if !slices.Contains(kinds, wanted) {
		return "", fault.New(fault.Invalid, fmt.Sprintf("%s does not take a redirect of the kind %s.", s.Provider.Name, wanted),
			fmt.Sprintf("Use one of: %v.", kinds))
	}
	return wanted, nil
}

// prepare binds the listener, begins the flow and seals it into the store, all
// before the browser is opened.
func (m *Manager) prepare(ctx context.Context, s Service, q Request, a *attempt) (closeListener func(), err error) {
	closeListener = func() {}
	redirect := m.RedirectURI(s, a.Kind)
	if a.Kind == "loopback" {
		l, err := m.listen(ctx, s)
		if err != nil {
			return nil, err
		}
		closeListener, redirect = l.Close, l.URL()
	}
	flow, address, err := m.begin(ctx, s, q, a.Kind, redirect)
	if err != nil {
		closeListener()
		return nil, err
	}
	m.mu.Lock()
	a.Relay = a.Kind == "paste" && m.relay(s) != "https://localhost"
	a.flowKey, a.Step, a.URL, a.RedirectURI = flowKey(flow.State.Reveal()), "authorize", address, redirect
	m.mu.Unlock()
	m.Notify("attempt", q.Op)
	if !q.NoBrowser && m.Open != nil {
		if err := m.Open(ctx, address); err != nil {
			m.Log.Warn("opening browser", "error", err)
		}
	}
	return closeListener, nil
}

func (m *Manager) begin(ctx context.Context, s Service, q Request, kind, redirect string) (oauth.Flow, string, error) {
	scopes, err := m.scopesFor(s, q)
	if err != nil {
		return oauth.Flow{}, "", err
	}
	flow, address, err := oauth.Begin(s.Provider, s.Client, oauth.BeginOptions{
		RedirectURI: redirect, Kind: kind, Scopes: scopes, Now: m.Now(),
		Context: map[string]string{
			"agent": q.Agent, "service": q.Service, "account": q.Account,
			"provider": s.Provider.ID, "token_url": s.Provider.GivesAt(), "client": s.Client.ID,
			"values": encodeValues(s.values),
		},
	})
	if err != nil {
		return flow, "", err
	}
	return flow, address, m.keepFlow(ctx, q, flow)
}

// scopesFor are what the agent asks for, and what the connection had before.
func (m *Manager) scopesFor(s Service, q Request) ([]string, error) {
	old, found, err := m.find(q.Agent, q.Service, q.Account)
	if err == nil && found && old.Kind == kindOAuth && old.madeBy(s.Provider) {
		return union(old.Requested, s.Scopes), nil
	}
	return s.Scopes, err
}

// listen binds the fixed port; where the provider lets the port vary, another
// one when that is taken. The browser is answered as soon as the code is taken;
// the exchange goes on behind it.
func (m *Manager) listen(ctx context.Context, s Service) (*oauth.Listener, error) {
	ctx = context.WithoutCancel(ctx)
	accept := func(raw string) error {
		t, err := m.receive(ctx, raw)
		if err != nil {
			return err
		}
		m.working.Go(func() { _, _ = m.complete(ctx, t) })
		return nil
	}
	loopback := s.Provider.Redirect.Loopback
	l, err := oauth.ListenLoopback(ctx, loopback.Host, m.LoopbackPort, redirectPath(s), accept)
	if fault.Is(err, fault.InUse) && loopback.Port == "any" {
		return oauth.ListenLoopback(ctx, loopback.Host, 0, redirectPath(s), accept)
	}
	return l, err
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, each := range b {
		if !slices.Contains(out, each) {
			out = append(out, each)
		}
	}
	return out
}
