package connection

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/store"
)

// storedFlow is a pending flow in the file. Only its hash tells the state.
type storedFlow struct {
	Agent     string    `json:"agent"`
	Service   string    `json:"service"`
	Account   string    `json:"account"`
	Sealed    []byte    `json:"sealed"`
	ExpiresAt time.Time `json:"expires_at"`
}

func flows() store.Table[storedFlow] { return store.Table[storedFlow]{Bucket: flowBucket, Version: 1} }

func flowKey(state string) string {
	sum := sha256.Sum256([]byte("flow" + state))
	return hex.EncodeToString(sum[:])
}

// keepFlow seals the flow into the store. Older flows for the same account end
// with it, and so do those that are too old.
func (m *Manager) keepFlow(ctx context.Context, q Request, flow oauth.Flow) error {
	plain, err := flow.Encode()
	if err != nil {
		return err
	}
	defer clear(plain)
	sealed, err := m.Vault.Seal(ctx, flowBucket, q.Agent, "flows", plain)
	if err != nil {
		return err
	}
	now := m.Now()
	return m.Store.Update(func(tx *store.Tx) error {
		err := dropFlows(tx, func(f storedFlow) bool {
			return now.After(f.ExpiresAt) || f.Agent == q.Agent && f.Service == q.Service && f.Account == q.Account
		})
		return cmp.Or(err, flows().Put(tx, flowKey(flow.State.Reveal()), storedFlow{q.Agent, q.Service, q.Account, sealed, flow.ExpiresAt}))
	})
}

func dropFlows(tx *store.Tx, drop func(storedFlow) bool) error {
	var old []string
	err := flows().Each(tx, "", func(key string, f storedFlow) error {
		if drop(f) {
			old = append(old, key)
		}
		return nil
	})
	for _, key := range old {
		err = cmp.Or(err, flows().Delete(tx, key))
	}
	return err
}

func noFlow() error {
	return fault.New(fault.NotFound, "No sign-in is waiting for this link.", "Start again with Connect.")
}

// readFlow opens a pending flow and leaves it where it is, so that a locked
// vault costs nobody a sign-in.
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
