package connection

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/store"
)

// disconnectTime is more than a refresh under way and a revocation can take.
const disconnectTime = 4 * time.Minute

// Disconnected is what came of disconnecting.
type Disconnected struct {
	Connection Connection `json:"connection"`
	Revoked    *bool      `json:"revoked"` // nil when nothing was asked of the provider, or it has no way
	Detail     string     `json:"detail"`
	Stopped    []string   `json:"stopped"` // agents and automations that lose access
}

// DisconnectOptions of DisconnectWith.
type DisconnectOptions struct {
	Forget     bool // forget here, ask nothing of the provider
	Everywhere bool // revoke even when that ends other connections
}

// Blast is what disconnecting stops.
type Blast struct {
	Connection Connection   `json:"connection"`
	Shared     []Connection `json:"shared"` // would end with it if it were revoked: same app, same account
}

// Blast tells what disconnecting would stop. A connection whose account is not
// known counts as shared when all else is the same. Fault: not_found.
func (m *Manager) Blast(_ context.Context, agent, service, label string) (Blast, error) {
	r, err := m.one(agent, service, label)
	if err != nil {
		return Blast{}, err
	}
	shared, err := m.shared(r)
	if err != nil {
		return Blast{}, err
	}
	out := Blast{Connection: m.shape(r), Shared: []Connection{}}
	for _, each := range shared {
		out.Shared = append(out.Shared, m.shape(each))
	}
	return out, nil
}

func (m *Manager) shared(r record) ([]record, error) {
	var out []record
	err := m.Store.View(func(tx *store.Tx) error {
		return records().Each(tx, "", func(_ string, each record) error {
			if sameGrant(r, each) && each.status(m.Now()) != NeedsReconnect {
				out = append(out, each)
			}
			return nil
		})
	})
	return out, err
}

func sameGrant(a, b record) bool {
	return a.ID != b.ID && a.Kind == kindOAuth && b.Kind == kindOAuth && a.TokenURL == b.TokenURL && a.ClientID == b.ClientID && maps.Equal(a.Values, b.Values) &&
		(a.Account == nil || b.Account == nil || a.Account.ID == b.Account.ID)
}

// Disconnect is DisconnectWith, asking nothing of the provider when forget is set.
func (m *Manager) Disconnect(ctx context.Context, agent, service, label string, forget bool) (Disconnected, error) {
	return m.DisconnectWith(ctx, agent, service, label, DisconnectOptions{Forget: forget})
}

// DisconnectWith revokes at the provider, deletes the tokens, and makes a new
// key so that they cannot be read from the file either. Where a revocation would
// end other connections (Blast) it only forgets, unless Everywhere is set; then
// those are marked too. A revocation that fails is told and blocks nothing.
// Faults: not_found; locked, before anything is done, unless Forget is set.
func (m *Manager) DisconnectWith(ctx context.Context, agent, service, label string, o DisconnectOptions) (Disconnected, error) {
	r, err := m.one(agent, service, label)
	if err != nil {
		return Disconnected{}, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), disconnectTime)
	defer cancel()
	unlock, err := m.lock(ctx, r.key())
	if err != nil {
		return Disconnected{}, err
	}
	defer unlock()
	now, found, err := m.find(r.Agent, r.Service, r.Label)
	if err == nil && !found {
		err = noSuch(fault.NotFound, agent, service, label, nil)
	}
	if err != nil {
		return Disconnected{}, err
	}
	r = now
	out := Disconnected{Stopped: []string{r.Agent}, Detail: "The access was forgotten here. It still stands at the service."}
	if !o.Forget {
		if err := m.takeBack(ctx, r, o.Everywhere, &out); err != nil {
			return Disconnected{}, err
		}
	}
	if err := m.erase(ctx, r, &out); err != nil {
		return Disconnected{}, err
	}
	r.Status, r.Problem = NotConnected, nil
	r.ExpiresAt = nil
	out.Connection = m.shape(r)
	m.Notify("connection", r.ID)
	m.Ended(ctx, r.Agent, r.Service, o.Forget)
	return out, nil
}

// erase deletes the record and its tokens, then the key they were sealed with.
func (m *Manager) erase(ctx context.Context, r record, out *Disconnected) error {
	err := m.Store.Update(func(tx *store.Tx) error {
		if err := tx.Delete(tokenBucket, r.ID); err != nil {
			return err
		}
		if err := m.forgetWritten(tx, r.Agent, r.ID); err != nil {
			return err
		}
		return records().Delete(tx, r.key())
	})
	if err != nil {
		return err
	}
	m.forgetMemory(r.ID)
	m.noteSchedule(r, true)
	m.mu.Lock()
	delete(m.used, r.ID)
	m.mu.Unlock()
	if err := m.Vault.Shred(ctx, r.Agent, r.ID); err != nil {
		m.Log.Warn("shredding key", "connection", r.ID, "error", err)
		out.Detail += " Its key could not be destroyed: run pie vault rotate."
	}
	return nil
}

// takeBack asks the provider. The fault is locked: then the tokens cannot be
// read, and deleting them would leave the access standing unnoticed.
func (m *Manager) takeBack(ctx context.Context, r record, everywhere bool, out *Disconnected) error {
	shared, err := m.shared(r)
	if err != nil {
		return err
	}
	if len(shared) > 0 && !everywhere {
		out.Detail = fmt.Sprintf("The access was forgotten here. At the service it still stands, because %s uses the same app and account.", nameOf(shared[0]))
		return nil
	}
	revocation, err := m.revoke(ctx, r)
	if err != nil {
		return err
	}
	out.Revoked, out.Detail = revocation.Done, revocation.Detail
	if revocation.Done == nil || !*revocation.Done {
		return nil
	}
	for _, each := range shared {
		_, _, err := m.giveUp(each, "Its access was taken back at the service together with that of "+nameOf(r)+".")
		if fault.Is(err, fault.Reconnect) && !slices.Contains(out.Stopped, each.Agent) {
			out.Stopped = append(out.Stopped, each.Agent)
		}
	}
	return nil
}

func nameOf(r record) string {
	if r.Label == "" {
		return r.Agent
	}
	return fmt.Sprintf("%s (%s)", r.Agent, r.Label)
}

func (m *Manager) revoke(ctx context.Context, r record) (oauth.Revocation, error) {
	token, err := m.readToken(ctx, r)
	if fault.Is(err, fault.Locked) {
		return oauth.Revocation{}, err
	}
	if err != nil {
		return oauth.Revocation{Detail: "The tokens could not be read, so nothing was revoked at the service."}, nil //nolint:nilerr // told, never blocking
	}
	s, err := m.of(ctx, r)
	if fault.Is(err, fault.Locked) {
		return oauth.Revocation{}, err
	}
	if err != nil {
		return oauth.Revocation{Detail: "The agent is gone, so nothing was revoked at the service."}, nil //nolint:nilerr // told, never blocking
	}
	if !r.madeBy(s.Provider) {
		return oauth.Revocation{Detail: "The agent now names another service, so nothing was revoked at this one."}, nil
	}
	if r.Kind == kindToken {
		return oauth.Revocation{Detail: "A personal token is taken back at the service itself. " + s.Provider.Links.Manage}, nil
	}
	return m.HTTP.Revoke(ctx, s.Provider, s.Client, token), nil
}

// Remove disconnects all of an agent and ends its pending sign-ins. It goes on
// after a failure and returns all of them joined.
func (m *Manager) Remove(ctx context.Context, agent string) ([]Disconnected, error) {
	out := []Disconnected{}
	var all []record
	errs := []error{m.Outbox.DropAgent(agent), m.Store.Update(func(tx *store.Tx) error {
		if err := dropFlows(tx, func(f storedFlow) bool { return f.Agent == agent }); err != nil {
			return err
		}
		if err := m.forgetWritten(tx, agent, ""); err != nil {
			return err
		}
		return eachRecord(tx, agent+"/", func(_ string, r record) error {
			all = append(all, r)
			return nil
		})
	})}
	m.abandon(agent)
	for _, r := range all {
		done, err := m.DisconnectWith(ctx, r.Agent, r.Service, r.Label, DisconnectOptions{})
		if err == nil {
			out = append(out, done)
		}
		errs = append(errs, err)
	}
	return out, errors.Join(errs...)
}
