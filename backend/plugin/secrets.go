package plugin

import (
	"context"
	"strings"

	"pie/backend/fault"
	"pie/backend/secret"
	"pie/backend/store"
)

// Sealer seals a value for one place of one agent. The vault is one.
type Sealer interface {
	Seal(ctx context.Context, agent, field string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, agent, field string, sealed []byte) ([]byte, error)
}

// Secrets keeps the values of developerSecrets and userSecrets, sealed and by
// agent: no agent reads another's.
type Secrets struct {
	store  *store.Store
	sealer Sealer
}

const secretBucket = "agent-secrets"

// NewSecrets makes Secrets over st.
func NewSecrets(st *store.Store, sealer Sealer) *Secrets { return &Secrets{st, sealer} }

func secretKey(agent, name string) string { return agent + "/" + name }

// Set keeps a value. Faults: invalid for an empty one, locked.
func (s *Secrets) Set(ctx context.Context, agent, name string, value secret.String) error {
	if value.IsEmpty() {
		return fault.New(fault.Invalid, "The value is empty.", "Give the value on standard input.")
	}
	sealed, err := s.sealer.Seal(ctx, agent, name, []byte(value.Reveal()))
	if err != nil {
		return err
	}
	return s.store.Update(func(tx *store.Tx) error { return tx.Put(secretBucket, secretKey(agent, name), sealed) })
}

// Get returns a value, the empty secret when it is not set. Fault: locked.
func (s *Secrets) Get(ctx context.Context, agent, name string) (secret.String, error) {
	var sealed []byte
	err := s.store.View(func(tx *store.Tx) error {
		sealed = tx.Get(secretBucket, secretKey(agent, name))
		return nil
	})
	if err != nil || sealed == nil {
		return secret.String{}, err
	}
	plain, err := s.sealer.Open(ctx, agent, name, sealed)
	if err != nil {
		return secret.String{}, err
	}
	return secret.New(string(plain)), nil
}

// Names returns the names that have a value.
func (s *Secrets) Names(agent string) (map[string]bool, error) {
	names := map[string]bool{}
	err := s.store.View(func(tx *store.Tx) error {
		return tx.Each(secretBucket, agent+"/", func(key string, _ []byte) error {
			names[strings.TrimPrefix(key, agent+"/")] = true
			return nil
		})
	})
	return names, err
}

// Remove deletes one value, or all of the agent when name is empty.
func (s *Secrets) Remove(agent, name string) error {
	names := map[string]bool{name: true}
	if name == "" {
		var err error
		if names, err = s.Names(agent); err != nil {
			return err
		}
	}
	return s.store.Update(func(tx *store.Tx) error {
		for each := range names {
			if err := tx.Delete(secretBucket, secretKey(agent, each)); err != nil {
				return err
			}
		}
		return nil
	})
}
