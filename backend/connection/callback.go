package connection

import (
	"context"
	"maps"
	"strings"
	"time"

	"pie/backend/fault"
	"pie/backend/oauth"
)

// Callback takes a callback address, however it came: by the custom scheme
// through a second process, by loopback, or pasted. It finishes the flow that
// waits for it, also one of a process that has ended. A link that no flow waits
// for is not_found and changes nothing; one with a wrong path or without a code
// leaves its flow waiting, and so does a locked vault; every other fault ends it.
func (m *Manager) Callback(ctx context.Context, raw string) (Connection, error) {
	t, err := m.receive(ctx, raw)
	if err != nil {
		return Connection{}, err
	}
	return m.complete(context.WithoutCancel(ctx), t)
}

// taken is a flow that is out of the store, with its callback.
type taken struct {
	key   string
	agent string
	flow  oauth.Flow
	cb    oauth.Callback
}

// receive checks a callback and takes its flow. When the provider said no, the
// attempt that waits is told and the fault comes back. From here on the flow is spent:
// a crash before the tokens are saved costs a sign-in that nobody was told of.
func (m *Manager) receive(ctx context.Context, raw string) (taken, error) {
	cb, err := oauth.ParseCallback(raw)
	if err != nil {
		return taken{}, err
	}
	key := flowKey(cb.State.Reveal())
	stored, flow, err := m.readFlow(ctx, key)
	if err != nil {
		return taken{}, err
	}
	checked := flow.Check(cb, m.Now())
	if fault.Is(checked, fault.NotFound) || fault.Is(checked, fault.Invalid) {
		return taken{}, checked
	}
	claimed, err := m.claimFlow(key)
	if err == nil && claimed == nil {
		err = noFlow()
	}
	if err != nil {
		return taken{}, err
	}
	if checked != nil {
		m.deliver(key, outcome{err: checked})
		return taken{}, checked
	}
	m.attemptOf(key, func(a *attempt) { a.Step = "exchanging" })
	return taken{key: key, agent: stored.Agent, flow: flow, cb: cb}, nil
}

// complete spends the code and tells whoever waits.
func (m *Manager) complete(ctx context.Context, t taken) (Connection, error) {
	c, err := m.finish(ctx, t)
	m.deliver(t.key, outcome{c, err})
	if err == nil {
		m.Connected(c)
	}
	return c, err
}

// finish exchanges the code, saves, and only then asks whose account it is.
func (m *Manager) finish(ctx context.Context, t taken) (Connection, error) {
	key, label := t.flow.Context["service"], t.flow.Context["account"]
	service, err := m.Agents.Service(ctx, t.agent, key)
	if err != nil {
		return Connection{}, err
	}
	// The code belongs to the context that asked for it and to no other.
	bound := t.flow.Context
	if bound["agent"] != t.agent || bound["provider"] != service.Provider.ID ||
		bound["token_url"] != service.Provider.GivesAt() || bound["client"] != service.Client.ID {
		return Connection{}, changedMeanwhile()
	}
	if err := t.cb.CheckSignature(service.Provider, service.Client); err != nil {
		return Connection{}, err
	}
	if service, err = service.with(decodeValues(bound["values"])); err == nil {
		service, err = service.fromCallback(t.cb)
	}
	if err != nil {
		return Connection{}, err
	}
	token, err := m.HTTP.Exchange(ctx, service.Provider, service.Client, t.flow, t.cb.Code)
	if err != nil {
		if oauth.ClassOf(err) == oauth.ClassInvalidGrant {
			err = fault.Wrap(err, fault.Denied, "The service did not take the code of this sign-in.", "Connect again; if it stays, compare the registered redirect address with the shown one.")
		}
		return Connection{}, err
	}
	return m.admit(ctx, service, label, t.flow.Scopes, token)
}

// fresher is the record of a sign-in that has just been made.
func (m *Manager) fresher(s Service, label, kind string) record {
	return record{
		ID: newID(), Agent: s.Agent, Service: s.Key, Label: label, Provider: s.Provider.ID, TokenURL: s.Provider.GivesAt(),
		Values: maps.Clone(s.values),
		Kind:   kind, Status: Connected, Access: AccessFull, ConnectedAt: m.Now().UTC().Truncate(time.Second),
	}
}

// establish saves a sign-in. One that is there already keeps its id, its access
// and its past.
func (m *Manager) establish(ctx context.Context, s Service, r record, t *oauth.Token) (Connection, error) {
	unlock, err := m.lock(ctx, r.key())
	if err != nil {
		return Connection{}, err
	}
	defer unlock()
	old, found, err := m.find(r.Agent, r.Service, r.Label)
	if err != nil {
		return Connection{}, err
	}
	if found {
		r.ID = old.ID
		m.forgetMemory(old.ID)
	}
	r, err = m.save(ctx, s, r, !found, t, func(current *record) {
		if found {
			r.Access, r.LastUsedAt, r.Refreshes, r.Resent = current.Access, current.LastUsedAt, current.Refreshes, current.Resent
		}
		*current = r
	})
	if err != nil {
		return Connection{}, err
	}
	return m.shape(m.identify(ctx, s, r, old, t)), nil
}

// regrant takes over what a token answer says about scopes. A connection that a
// 403 has shown to need more stays so until the grant itself changes.
func (r *record) regrant(s Service, scopes []string) {
	same := scopes == nil || equalSets(r.Granted, scopes)
	if scopes != nil {
		r.Granted = scopes
	}
	missing := s.Provider.Missing(r.Requested, r.Granted)
	switch {
	case len(missing) > 0:
		r.Status = NeedsMore
		r.trouble(causeScopes, missingScopes(s, missing))
	case r.Status == NeedsMore && same:
	default:
		r.Status = Connected
		r.relieve(causeScopes)
	}
}

func equalSets(a, b []string) bool {
	return len(union(a, b)) == len(union(nil, a)) && len(union(a, b)) == len(union(nil, b))
}

func missingScopes(s Service, missing []string) *fault.Problem {
	words := make([]string, len(missing))
	for i, scope := range missing {
		words[i] = s.Provider.ScopeLabel(scope)
	}
	return &fault.Problem{
		Code: fault.Denied, Message: "Not allowed yet: " + strings.Join(words, "; ") + ".",
		Hint: "The agent works with what it has. Connect again to allow the rest.",
	}
}
