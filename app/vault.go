package app

import (
	"context"

	"pie/backend"
	"pie/backend/secret"
	"pie/backend/vault"
)

// Vault is the service of the sealed store.
type Vault struct{ backend *backend.Backend }

// UnlockRequest opens the vault; Passphrase is used where the vault asks for one.
type UnlockRequest struct {
	Passphrase secret.String `json:"passphrase"`
}

// Status tells the state of the vault without asking its key source.
func (s *Vault) Status() (vault.Status, error) {
	return s.backend.Vault.Status(context.Background()), nil
}

// Unlock opens the vault now, making it when there is none. Fault: locked.
func (s *Vault) Unlock(q UnlockRequest) (vault.Status, error) {
	if err := s.backend.Unlock(context.Background(), q.Passphrase); err != nil {
		return vault.Status{}, err
	}
	return s.Status()
}

// Lock forgets every key in memory.
func (s *Vault) Lock() (vault.Status, error) {
	s.backend.Lock()
	return s.Status()
}

// Rotate makes a new key and destroys the old one. Fault: locked.
func (s *Vault) Rotate() (vault.Status, error) {
	if err := s.backend.Vault.Rotate(context.Background()); err != nil {
		return vault.Status{}, err
	}
	return s.Status()
}
