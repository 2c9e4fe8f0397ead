package connection

import (
	"context"
	"strings"
	"time"

	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/store"
)

// Callback takes a callback address, however it came: by the custom scheme
// through a second process, by loopback, or pasted. It finishes the flow that
// waits for it, also one of a process that has ended. A link that no flow waits
// for is not_found and changes nothing; one with a wrong path or without a code
// leaves its flow waiting; every other fault ends it.
func (m *Manager) Callback(ctx context.Context, raw string) (Connection, error) {
	cb, err := oauth.ParseCallback(raw)
	if err != nil {
		return Connection{}, err
	}
	key := flowKey(cb.State.Reveal())
	stored, flow, err := m.readFlow(ctx, key)
	if err != nil {
		return Connection{}, err
	}
	checked := flow.Check(cb, m.Now())
	if fault.Is(checked, fault.NotFound) || fault.Is(checked, fault.Invalid) {
		return Connection{}, checked
	}
	claimed, err := m.claimFlow(key)
	if err != nil {
		return Connection{}, err
	}
	if claimed == nil {
		return Connection{}, noFlow()
	}
	o := outcome{err: checked}
	if checked == nil {
		o.connection, o.err = m.finish(context.WithoutCancel(ctx), stored.Agent, flow, cb)
	}
	m.deliver(key, o)
	return o.connection, o.err
}

func noFlow() error {
	return fault.New(fault.NotFound, "No sign-in is waiting for this link.", "Start again with Connect.")
}

func (m *Manager) readFlow(ctx context.Context, key string) (storedFlow, oauth.Flow, error) {
	var stored storedFlow
	var found bool
	err := m.Store.View(func(tx *store.Tx) (err error) {
		stored, found, err = flows().Get(tx, key)
		return err
	})
	if err == nil && !found {
		err = noFlow()
	}
	if err != nil {
		return stored, oauth.Flow{}, err
	}
	plain, err := m.Vault.Open(ctx, flowBucket, stored.Agent, "flows", stored.Sealed)
	if err != nil {
		return stored, oauth.Flow{}, err
	}
	defer clear(plain)
	flow, err := oauth.DecodeFlow(plain)
	return stored, flow, err
}

// claimFlow takes the flow out of the store; nil when somebody else has.
func (m *Manager) claimFlow(key string) (*storedFlow, error) {
	var claimed *storedFlow
	err := m.Store.Update(func(tx *store.Tx) error {
		stored, found, err := flows().Get(tx, key)
		if err != nil || !found {
			return err
		}
		claimed = &stored
		return flows().Delete(tx, key)
	})
	return claimed, err
}

func (m *Manager) deliver(key string, o outcome) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.attempts {
		if a.flowKey == key {
			select {
			case a.done <- o:
			default:
			}
		}
	}
}

// finish exchanges the code, saves, and only then asks whose account it is.
func (m *Manager) finish(ctx context.Context, agent string, flow oauth.Flow, cb oauth.Callback) (Connection, error) {
	key, label := flow.Context["service"], flow.Context["account"]
	service, err := m.Agents.Service(ctx, agent, key)
	if err != nil {
		return Connection{}, err
	}
	// The code belongs to the context that asked for it and to no other.
	if flow.Context["agent"] != agent || flow.Context["provider"] != service.Provider.ID ||
		flow.Context["token_url"] != service.Provider.Endpoints.Token || flow.Context["client"] != service.Client.ID {
		return Connection{}, fault.New(fault.Conflict, "The agent was changed while you signed in.", "Connect again.")
	}
	token, err := m.HTTP.Exchange(ctx, service.Provider, service.Client, flow, cb.Code)
	if err != nil {
		if oauth.ClassOf(err) == oauth.ClassInvalidGrant {
			err = fault.Wrap(err, fault.Denied, "The service did not take the code of this sign-in.", "Connect again; if it stays, compare the registered redirect address with the shown one.")
		}
		return Connection{}, err
	}
	old, found, err := m.find(agent, key, label)
	if err != nil {
		return Connection{}, err
	}
	if found {
		defer m.lock(old.ID)()
	}
	r := m.connected(service, label, old, found, flow.Scopes, token)
	if err := m.save(ctx, r, token); err != nil {
		return Connection{}, err
	}
	r = m.identify(ctx, service, r, old, token)
	c := m.shape(r)
	m.Connected(c)
	return c, nil
}

// connected is the record of a fresh sign-in; an older one keeps its id and mode.
func (m *Manager) connected(s Service, label string, old record, found bool, asked []string, t *oauth.Token) record {
	now := m.Now().UTC().Truncate(time.Second)
	r := record{
		ID: newID(), Agent: s.Agent, Service: s.Key, Label: label, Provider: s.Provider.ID, Kind: "oauth",
		Status: Connected, Access: AccessFull, Requested: asked, Granted: t.Scopes,
		ConnectedAt: now, ExpiresAt: t.ExpiresAt,
	}
	if found {
		r.ID, r.Access, r.LastUsedAt, r.Refreshes = old.ID, old.Access, old.LastUsedAt, old.Refreshes
	}
	if missing := s.Provider.Missing(asked, t.Scopes); len(missing) > 0 {
		r.Status, r.Problem = NeedsMore, missingScopes(s, missing)
	}
	return r
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

// identify asks whose account it is, where that address may receive the token.
func (m *Manager) identify(ctx context.Context, s Service, r, old record, t *oauth.Token) record {
	if !s.Provider.Identity.Keep && !allowedAddress(s.Hosts, s.Provider.Identity.URL) {
		return r
	}
	account := m.HTTP.Identity(ctx, s.Provider, t)
	if account == nil {
		return r
	}
	changed, err := m.change(r, func(r *record) {
		now := m.Now().UTC().Truncate(time.Second)
		r.Account, r.CheckedAt = account, &now
		if old.Account != nil && old.Account.ID != account.ID && r.Problem == nil {
			r.Problem = &fault.Problem{
				Code:    fault.Conflict,
				Message: "You are now connected as " + account.Label + ", before as " + old.Account.Label + ".",
				Hint:    "Connect again with the other account if that was not meant.",
			}
		}
	})
	if err != nil {
		return r
	}
	return changed
}
