// Package metadata keeps what an agent remembers from one run to the next: a
// small object for each, sealed.
package metadata

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"

	"pie/backend/fault"
	"pie/backend/store"
)

// Limits of one agent's object.
const (
	MaxSize = 64 << 10 // bytes of JSON
	MaxKeys = 1000
)

// Sealer seals a text for one field of one agent. The vault is one.
type Sealer interface {
	Seal(ctx context.Context, agent, field string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, agent, field string, sealed []byte) ([]byte, error)
}

// Metadata holds the objects of one home. It is safe for concurrent use.
type Metadata struct {
	store  *store.Store
	sealer Sealer
	mu     sync.Mutex
}

// New makes Metadata over st.
func New(st *store.Store, sealer Sealer) *Metadata { return &Metadata{store: st, sealer: sealer} }

const (
	bucket = "session-metadata"
	field  = "object"
)

// Object is what an agent remembers, by its keys.
type Object map[string]json.RawMessage

// Get returns the agent's object, an empty one at first. Fault: locked.
func (m *Metadata) Get(ctx context.Context, agent string) (Object, error) {
	var sealed []byte
	err := m.store.View(func(tx *store.Tx) error {
		sealed = tx.Get(bucket, agent)
		return nil
	})
	out := Object{}
	if err != nil || sealed == nil {
		return out, err
	}
	plain, err := m.sealer.Open(ctx, agent, field, sealed)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(plain, &out); err != nil {
		return nil, fmt.Errorf("decoding metadata: %w", err)
	}
	return out, nil
}

// Update sets the keys of changes, deletes those whose value is null, leaves the
// others, and returns what there is then. Faults: limited, locked.
func (m *Metadata) Update(ctx context.Context, agent string, changes Object) (Object, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	object, err := m.Get(ctx, agent)
	if err != nil {
		return nil, err
	}
	maps.Copy(object, changes)
	maps.DeleteFunc(object, func(_ string, value json.RawMessage) bool { return string(value) == "null" || len(value) == 0 })
	plain, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("encoding metadata: %w", err)
	}
	if len(plain) > MaxSize || len(object) > MaxKeys {
		return nil, fault.New(fault.Limited, "An agent may keep 64 KB and 1,000 keys as session metadata, and this would pass that.", "Keep larger things with context.files.")
	}
	sealed, err := m.sealer.Seal(ctx, agent, field, plain)
	if err != nil {
		return nil, err
	}
	return object, m.store.Update(func(tx *store.Tx) error { return tx.Put(bucket, agent, sealed) })
}

// Has tells whether the agent has kept anything. No key is needed.
func (m *Metadata) Has(agent string) (has bool, err error) {
	err = m.store.View(func(tx *store.Tx) error {
		has = tx.Get(bucket, agent) != nil
		return nil
	})
	return has, err
}

// Remove deletes the agent's object; there need not be one.
func (m *Metadata) Remove(agent string) error {
	return m.store.Update(func(tx *store.Tx) error { return tx.Delete(bucket, agent) })
}
