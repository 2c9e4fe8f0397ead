package connection_test

import (
	"context"
	"sync/atomic"

	"pie/backend/fault"
	"pie/backend/vault"
)

// sealer joins the vault; it can be locked, always or from the next sealing on.
type sealer struct {
	v      *vault.Vault
	locked atomic.Bool
	sealOn atomic.Bool // sealing fails
}

var errLocked = fault.New(fault.Locked, "The vault is locked.", "Unlock it.")

func (s *sealer) Seal(ctx context.Context, bucket, agent, connection string, plain []byte) ([]byte, error) {
	if s.locked.Load() || s.sealOn.Load() {
		return nil, errLocked
	}
	return s.v.Seal(ctx, vault.Slot{Bucket: bucket, Plugin: agent, Connection: connection}, plain)
}

func (s *sealer) Open(ctx context.Context, bucket, agent, connection string, sealed []byte) ([]byte, error) {
	if s.locked.Load() {
		return nil, errLocked
	}
	return s.v.Open(ctx, vault.Slot{Bucket: bucket, Plugin: agent, Connection: connection}, sealed)
}

func (s *sealer) Shred(ctx context.Context, agent, connection string) error {
	if s.locked.Load() {
		return errLocked
	}
	return s.v.Shred(ctx, agent, connection)
}

type runSealer struct{ v *vault.Vault }

func (s runSealer) Seal(ctx context.Context, agent, field string, plain []byte) ([]byte, error) {
	return s.v.Seal(ctx, vault.Slot{Bucket: "runs", Plugin: agent, Field: field}, plain)
}

func (s runSealer) Open(ctx context.Context, agent, field string, sealed []byte) ([]byte, error) {
	return s.v.Open(ctx, vault.Slot{Bucket: "runs", Plugin: agent, Field: field}, sealed)
}

type outboxSealer struct{ v *vault.Vault }

func (s outboxSealer) Seal(ctx context.Context, agent, field string, plain []byte) ([]byte, error) {
	return s.v.Seal(ctx, vault.Slot{Bucket: "outbox", Plugin: agent, Field: field}, plain)
}

func (s outboxSealer) Open(ctx context.Context, agent, field string, sealed []byte) ([]byte, error) {
	return s.v.Open(ctx, vault.Slot{Bucket: "outbox", Plugin: agent, Field: field}, sealed)
}
