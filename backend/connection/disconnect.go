package connection

import (
	"context"
	"time"

	"pie/backend/oauth"
	"pie/backend/store"
)

// Disconnected is what came of disconnecting.
type Disconnected struct {
	Connection Connection `json:"connection"`
	Revoked    *bool      `json:"revoked"` // nil when the provider has no way
	Detail     string     `json:"detail"`
	Stopped    []string   `json:"stopped"` // agents and automations that lose access
}

// Disconnect revokes at the provider unless forget is set, deletes the tokens,
// and makes a new key so that they cannot be read from the file either. A
// revocation that fails is told and blocks nothing. Fault: not_found.
func (m *Manager) Disconnect(ctx context.Context, agent, service, label string, forget bool) (Disconnected, error) {
	r, found, err := m.find(agent, service, label)
	if err == nil && !found {
		err = noConnection(agent)
	}
	if err != nil {
		return Disconnected{}, err
	}
	defer m.lock(r.ID)()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	out := Disconnected{Stopped: []string{agent}, Detail: "The access was forgotten here. It still stands at the service."}
	if !forget {
		revocation := m.revoke(ctx, r)
		out.Revoked, out.Detail = revocation.Done, revocation.Detail
	}
	err = m.Store.Update(func(tx *store.Tx) error {
		if err := tx.Delete(tokenBucket, r.ID); err != nil {
			return err
		}
		return records().Delete(tx, recordKey(agent, service, label))
	})
	if err != nil {
		return Disconnected{}, err
	}
	m.mu.Lock()
	delete(m.used, r.ID)
	m.mu.Unlock()
	r.Status, r.Problem = NotConnected, nil
	out.Connection = m.shape(r)
	m.Notify("connection", r.ID)
	return out, m.Vault.Shred(ctx, agent, r.ID)
}

func (m *Manager) revoke(ctx context.Context, r record) oauth.Revocation {
	token, err := m.readToken(ctx, r)
	if err != nil {
		return oauth.Revocation{Detail: "The tokens could not be read, so nothing was revoked at the service."}
	}
	service, err := m.Agents.Service(ctx, r.Agent, r.Service)
	if err != nil {
		return oauth.Revocation{Detail: "The agent is gone, so nothing was revoked at the service."}
	}
	return m.HTTP.Revoke(ctx, service.Provider, service.Client, token)
}
