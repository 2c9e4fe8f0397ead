package backend

import (
	"context"

	"pie/backend/fault"
	"pie/backend/secret"
	"pie/backend/vault"
)

// sealer gives one room its part of the vault: a bucket and a data key for each
// agent.
type sealer struct {
	vault      *vault.Vault
	bucket     string
	connection string
}

func (s sealer) Seal(ctx context.Context, agent, field string, plaintext []byte) ([]byte, error) {
	return s.vault.Seal(ctx, s.slot(agent, field), plaintext)
}

func (s sealer) Open(ctx context.Context, agent, field string, sealed []byte) ([]byte, error) {
	return s.vault.Open(ctx, s.slot(agent, field), sealed)
}

func (s sealer) slot(agent, field string) vault.Slot {
	return vault.Slot{Bucket: s.bucket, Plugin: agent, Connection: s.connection, Field: field}
}

// tokenVault gives connections theirs: a data key for each connection.
type tokenVault struct{ vault *vault.Vault }

func (t tokenVault) Seal(ctx context.Context, bucket, agent, connection string, plaintext []byte) ([]byte, error) {
	return t.vault.Seal(ctx, tokenSlot(bucket, agent, connection), plaintext)
}

func (t tokenVault) Open(ctx context.Context, bucket, agent, connection string, sealed []byte) ([]byte, error) {
	return t.vault.Open(ctx, tokenSlot(bucket, agent, connection), sealed)
}

func (t tokenVault) Shred(ctx context.Context, agent, connection string) error {
	return t.vault.Shred(ctx, agent, connection)
}

func tokenSlot(bucket, agent, connection string) vault.Slot {
	return vault.Slot{Bucket: bucket, Plugin: agent, Connection: connection, Field: "tokens"}
}

type passphraseKey struct{}

// Unlock opens the vault now. A passphrase that is not empty is used where the
// vault asks for one. Fault: locked.
func (b *Backend) Unlock(ctx context.Context, passphrase secret.String) error {
	if !passphrase.IsEmpty() {
		ctx = context.WithValue(ctx, passphraseKey{}, passphrase)
	}
	err := b.Vault.Unlock(ctx)
	b.options.Notify("vault", "")
	return err
}

// Lock forgets every key in memory.
func (b *Backend) Lock() {
	b.Vault.Lock()
	b.options.Notify("vault", "")
}

func (b *Backend) passphrase(ctx context.Context) (secret.String, error) {
	if given, ok := ctx.Value(passphraseKey{}).(secret.String); ok {
		return given, nil
	}
	if b.options.AskPassphrase == nil {
		return secret.String{}, fault.New(fault.Locked, "The vault is locked.", "Unlock it with your passphrase: pie vault unlock.")
	}
	return b.options.AskPassphrase(ctx)
}
