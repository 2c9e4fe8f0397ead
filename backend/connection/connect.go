package connection

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/paths"
	"pie/backend/store"
)

// Request asks for a sign-in.
type Request struct {
	Op        string // names the attempt; must be unique
	Agent     string
	Service   string // "" means default
	Account   string // label
	Redirect  string // "" means the provider's preferred kind
	NoBrowser bool
	Timeout   time.Duration // 5 min when zero or over the 10 min of a flow
}

// Attempt is a sign-in under way, as people see it.
type Attempt struct {
	Op          string `json:"op"`
	Step        string `json:"step"` // preparing | authorize | exchanging
	Agent       string `json:"agent"`
	Service     string `json:"service"`
	Kind        string `json:"kind"`
	URL         string `json:"url"`
	RedirectURI string `json:"redirect_uri"`
}

type attempt struct {
	Attempt
	flowKey string
	done    chan outcome // one outcome, never blocks
}

type outcome struct {
	connection Connection
	err        error
}

// storedFlow is a pending flow in the file. Only its hash tells the state.
type storedFlow struct {
	Agent     string    `json:"agent"`
	Sealed    []byte    `json:"sealed"`
	ExpiresAt time.Time `json:"expires_at"`
}

func flows() store.Table[storedFlow] { return store.Table[storedFlow]{Bucket: flowBucket, Version: 1} }

func flowKey(state string) string {
	sum := sha256.Sum256([]byte("flow" + state))
	return hex.EncodeToString(sum[:])
}

// RedirectPath is the path of an agent's redirect address.
func RedirectPath(agent, service string) string {
	if service == "" || service == "default" {
		return "/api/oauth/plugin/" + agent + "/callback"
	}
	return "/api/oauth/plugin/" + agent + "/" + service + "/callback"
}

// RedirectURI is the address to register for a kind of redirect.
func (m *Manager) RedirectURI(s Service, kind string) string {
	path := RedirectPath(s.Agent, s.Key)
	switch kind {
	case "loopback":
		return fmt.Sprintf("http://%s:%d%s", s.Provider.Redirect.Loopback.Host, m.LoopbackPort, path)
	case "paste":
		return "https://localhost" + path
	}
	return paths.AppID + ":" + path
}

// Connect signs in and returns when the connection is saved. Faults: not_found,
// invalid, conflict (a secret is missing), in_use (port), locked, denied,
// canceled, limited (timeout), offline.
func (m *Manager) Connect(ctx context.Context, q Request) (Connection, error) {
	if q.Service == "" {
		q.Service = "default"
	}
	if q.Timeout <= 0 || q.Timeout > oauth.FlowLife {
		q.Timeout = 5 * time.Minute
	}
	service, err := m.Agents.Service(ctx, q.Agent, q.Service)
	if err != nil {
		return Connection{}, err
	}
	if service.NeedsName != "" {
		return Connection{}, fault.New(fault.Conflict, fmt.Sprintf("%s needs the value of %s before it can be connected.", q.Agent, service.NeedsName),
			fmt.Sprintf("Run: pie secret set %s %s", q.Agent, service.NeedsName))
	}
	kind, err := chooseKind(service, q.Redirect)
	if err != nil {
		return Connection{}, err
	}
	a := &attempt{Attempt: Attempt{Op: q.Op, Step: "preparing", Agent: q.Agent, Service: q.Service, Kind: kind}, done: make(chan outcome, 1)}
	if err := m.addAttempt(a); err != nil {
		return Connection{}, err
	}
	defer m.dropAttempt(a)
	ctx, cancel := context.WithTimeout(ctx, q.Timeout)
	defer cancel()
	closeListener, err := m.prepare(ctx, service, q, a)
	if err != nil {
		return Connection{}, err
	}
	defer closeListener()
	return m.wait(ctx, a, q)
}

func chooseKind(s Service, wanted string) (string, error) {
	kinds := s.Provider.RedirectKinds()
	if wanted == "" {
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
			return closeListener, err
		}
		closeListener, redirect = l.Close, l.URL()
	}
	old, found, err := m.find(q.Agent, q.Service, q.Account)
	scopes := s.Scopes
	if found {
		scopes = union(old.Requested, scopes)
	}
	var flow oauth.Flow
	var address string
	if err == nil {
		flow, address, err = oauth.Begin(s.Provider, s.Client, oauth.BeginOptions{
			RedirectURI: redirect, Kind: a.Kind, Scopes: scopes, Now: m.Now(),
			Context: map[string]string{
				"agent": q.Agent, "service": q.Service, "account": q.Account,
				"provider": s.Provider.ID, "token_url": s.Provider.Endpoints.Token, "client": s.Client.ID,
			},
		})
	}
	if err == nil {
		err = m.keepFlow(ctx, q.Agent, flow)
	}
	if err != nil {
		closeListener()
		return func() {}, err
	}
	m.mu.Lock()
	a.flowKey, a.Step, a.URL, a.RedirectURI = flowKey(flow.State.Reveal()), "authorize", address, redirect
	m.mu.Unlock()
	m.Notify("attempt", q.Op)
	if !q.NoBrowser && m.Open != nil {
		if err := m.Open(ctx, address); err != nil && m.Log != nil {
			m.Log.Warn("opening browser", "error", err)
		}
	}
	return closeListener, nil
}

// listen binds the fixed port; where the provider lets the port vary, another
// one when that is taken.
func (m *Manager) listen(ctx context.Context, s Service) (*oauth.Listener, error) {
	accept := func(raw string) error {
		_, err := m.Callback(context.WithoutCancel(ctx), raw)
		return err
	}
	path, loopback := RedirectPath(s.Agent, s.Key), s.Provider.Redirect.Loopback
	l, err := oauth.ListenLoopback(ctx, loopback.Host, m.LoopbackPort, path, accept)
	if fault.Is(err, fault.InUse) && loopback.Port == "any" {
		return oauth.ListenLoopback(ctx, loopback.Host, 0, path, accept)
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

func (m *Manager) keepFlow(ctx context.Context, agent string, flow oauth.Flow) error {
	plain, err := flow.Encode()
	if err != nil {
		return err
	}
	defer clear(plain)
	sealed, err := m.Vault.Seal(ctx, flowBucket, agent, "flows", plain)
	if err != nil {
		return err
	}
	now := m.Now()
	return m.Store.Update(func(tx *store.Tx) error {
		var old []string
		if err := flows().Each(tx, "", func(key string, f storedFlow) error {
			if now.After(f.ExpiresAt) {
				old = append(old, key)
			}
			return nil
		}); err != nil {
			return err
		}
		for _, key := range old {
			if err := flows().Delete(tx, key); err != nil {
				return err
			}
		}
		return flows().Put(tx, flowKey(flow.State.Reveal()), storedFlow{agent, sealed, flow.ExpiresAt})
	})
}

func (m *Manager) wait(ctx context.Context, a *attempt, q Request) (Connection, error) {
	select {
	case o := <-a.done:
		return o.connection, o.err
	case <-ctx.Done():
	}
	// An answer that is being worked on still counts.
	claimed, err := m.claimFlow(a.flowKey)
	if err == nil && claimed == nil {
		o := <-a.done
		return o.connection, o.err
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return Connection{}, fault.New(fault.Limited, fmt.Sprintf("Nobody signed in within %s.", q.Timeout), "Connect again when you are ready.")
	}
	return Connection{}, fault.New(fault.Canceled, "The sign-in was canceled.", "Connect again when you are ready.")
}

func (m *Manager) addAttempt(a *attempt) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.attempts[a.Op]; taken {
		return fault.New(fault.Conflict, "This sign-in is already under way.", "Finish or cancel it first.")
	}
	m.attempts[a.Op] = a
	return nil
}

func (m *Manager) dropAttempt(a *attempt) {
	m.mu.Lock()
	delete(m.attempts, a.Op)
	m.mu.Unlock()
	m.Notify("attempt", a.Op)
}

// Attempt returns a sign-in under way.
func (m *Manager) Attempt(op string) (Attempt, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.attempts[op]
	if !ok {
		return Attempt{}, false
	}
	return a.Attempt, true
}
