package connection

import (
	"context"
	"errors"

	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/provider"
)

// kindDevice is the redirect kind without an address: the person types a code on
// another page (RFC 8628). It is begun by a person's Connect and by nothing else:
// no link starts it, no agent can, and it is never chosen where another way is
// open, because a code that somebody else sends is a way to be led astray.
const kindDevice = "device"

// connectDevice shows the code and waits until it was typed. Nothing of it is in
// the store: a code ends with the process that asked for it.
func (m *Manager) connectDevice(ctx context.Context, s Service, q Request, a *attempt) (Connection, error) {
	scopes, err := m.scopesFor(s, q)
	if err != nil {
		return Connection{}, err
	}
	d, err := m.HTTP.BeginDevice(ctx, s.Provider, s.Client, scopes)
	if err != nil {
		return Connection{}, err
	}
	m.mu.Lock()
	a.Step, a.URL = "device", d.URI
	if d.Complete != "" {
		a.URL = d.Complete
	}
	a.UserCode, a.VerificationURI, a.VerificationURIComplete, a.ExpiresAt = d.UserCode, d.URI, d.Complete, &d.ExpiresAt
	m.mu.Unlock()
	m.Notify("attempt", q.Op)
	if !q.NoBrowser && m.Open != nil {
		if err := m.Open(ctx, a.URL); err != nil {
			m.Log.Warn("opening browser", "error", err)
		}
	}
	m.working.Add(1)
	defer m.working.Done()
	token, err := m.HTTP.AwaitDevice(ctx, s.Provider, s.Client, d)
	switch {
	case err == nil:
	case ctx.Err() != nil && errors.Is(err, context.Cause(ctx)):
		return Connection{}, canceled(ctx, q.Timeout)
	case oauth.ClassOf(err) == oauth.ClassInvalidGrant && !fault.Is(err, fault.Limited):
		return Connection{}, fault.Wrap(err, fault.Denied, "The service did not take the code of this sign-in.", "Connect again.")
	default:
		return Connection{}, err
	}
	m.mu.Lock()
	a.Step = "exchanging"
	m.mu.Unlock()
	m.Notify("attempt", q.Op)
	c, err := m.admit(context.WithoutCancel(ctx), s, q.Account, d.Scopes, token)
	if err == nil {
		m.Connected(c)
	}
	return c, err
}

// admit saves the tokens of a sign-in that s has begun, unless the agent has been
// changed in the meantime.
func (m *Manager) admit(ctx context.Context, s Service, label string, asked []string, t *oauth.Token) (Connection, error) {
	now, err := m.Agents.Service(ctx, s.Agent, s.Key)
	if err != nil {
		return Connection{}, err
	}
	if now.Provider.ID != s.Provider.ID || now.Provider.GivesAt() != s.Provider.GivesAt() || now.Client.ID != s.Client.ID {
		return Connection{}, changedMeanwhile()
	}
	if s, err = s.learn(provider.FromToken, t.Keep); err != nil {
		return Connection{}, err
	}
	r := m.fresher(s, label, kindOAuth)
	r.ClientID, r.App, r.Requested = s.Client.ID, appOf(s), asked
	r.regrant(s, t.Scopes)
	return m.establish(ctx, s, r, t)
}

func changedMeanwhile() error {
	return fault.New(fault.Conflict, "The agent was changed while you signed in.", "Connect again.")
}
