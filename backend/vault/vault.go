// Package vault seals secrets.
//
// A key-encryption key (KEK) is held by a key source: the system's keyring, a
// passphrase or a key file. It wraps one data-encryption key (DEK) for each
// (plugin, connection). A record is sealed by its DEK with AES-256-GCM under a
// random nonce, and all its names are bound to it, so that a record moved to
// another place does not open. Shred deletes a DEK and makes a new KEK: what was
// sealed under the old one cannot be carved from the file afterwards.
//
// New touches no key. The key source is asked when a secret is first needed. The
// source is chosen when the vault is made and recorded; a missing one is a
// fault, never a reason to take another or to make a new key.
package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"pie/backend/fault"
	"pie/backend/secret"
	"pie/backend/store"
)

const (
	keySize       = 32
	formatVersion = 1
)

// Slot names the place of a sealed record. Every name is bound to the record.
type Slot struct{ Bucket, Plugin, Connection, Field string }

// Source names a kind of key source.
type Source string

// The key sources.
const (
	SourceKeyring    Source = "keyring"
	SourcePassphrase Source = "passphrase"
	SourceKeyFile    Source = "keyfile"
)

// KeySource keeps 32-byte keys under names. Load of a missing key is the fault
// not_found; a source that cannot be reached or opened is locked.
type KeySource interface {
	Load(ctx context.Context, name string) ([]byte, error)
	Save(ctx context.Context, name string, key []byte) error
	Delete(ctx context.Context, name string) error
}

// Options of New.
type Options struct {
	Source         Source    // for a vault that is made now; keyring when empty
	Dir            string    // where passphrase and key file keep the wrapped KEK
	KeyFile        string    // 32 bytes in base64
	PassphraseFile string    // the passphrase and at most one newline
	Keyring        KeySource // the system's own when nil
	Ask            func(ctx context.Context) (secret.String, error)
}

// Vault seals and opens. It is safe for concurrent use.
type Vault struct {
	store   *store.Store
	options Options

	mu     sync.RWMutex
	kek    cipher.AEAD // nil while locked
	source KeySource
	meta   meta
	deks   map[scope]cipher.AEAD
}

type scope struct{ plugin, connection string }

// New makes a Vault over st without touching a key.
func New(st *store.Store, o Options) *Vault {
	if o.Source == "" {
		o.Source = SourceKeyring
	}
	return &Vault{store: st, options: o, deks: map[scope]cipher.AEAD{}}
}

// Seal encrypts plaintext for slot. The DEK of the slot's plugin and connection
// is made on first use. Fault: locked.
func (v *Vault) Seal(ctx context.Context, slot Slot, plaintext []byte) ([]byte, error) {
	aead, err := v.dek(ctx, scope{slot.Plugin, slot.Connection}, true)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 1, 1+len(plaintext)+aead.Overhead())
	out[0] = formatVersion
	return aead.Seal(out, nil, plaintext, v.names(slot)), nil // #nosec G407 -- this AEAD draws a random nonce by itself
}

// Open decrypts what Seal made for the same slot. Faults: locked; internal for a
// record that was changed or moved, or whose key was shredded.
func (v *Vault) Open(ctx context.Context, slot Slot, sealed []byte) ([]byte, error) {
	aead, err := v.dek(ctx, scope{slot.Plugin, slot.Connection}, false)
	if err != nil {
		return nil, err
	}
	if len(sealed) == 0 || sealed[0] != formatVersion {
		return nil, broken(fmt.Errorf("unknown record form"))
	}
	plaintext, err := aead.Open(nil, nil, sealed[1:], v.names(slot))
	if err != nil {
		return nil, broken(err)
	}
	return plaintext, nil
}

// names binds version, vault and all names of the slot, each with its length, so
// that no two slots share one text.
func (v *Vault) names(slot Slot) []byte {
	v.mu.RLock()
	id := v.meta.VaultID
	v.mu.RUnlock()
	return bind("record", id, slot.Bucket, slot.Plugin, slot.Connection, slot.Field)
}

func bind(names ...string) []byte {
	size := 4
	for _, name := range names {
		size += 4 + len(name)
	}
	out := make([]byte, 0, size)
	out = append(out, 'p', 'i', 'e', formatVersion)
	for _, name := range names {
		out = binary.BigEndian.AppendUint32(out, uint32(len(name))) // #nosec G115 -- names are short
		out = append(out, name...)
	}
	return out
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("making cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("making cipher: %w", err)
	}
	return aead, nil
}

func broken(err error) error {
	return fault.Wrap(fmt.Errorf("opening sealed record: %w", err), fault.Internal,
		"A sealed record cannot be opened: it was changed, moved, or its key is gone.",
		"Connect the service again. The record itself was left as it is.")
}

// Status is the state of a vault as people see it.
type Status struct {
	State     string         `json:"state"` // none | locked | unlocked
	Source    Source         `json:"source"`
	VaultID   string         `json:"vault_id"`
	KeyID     int            `json:"key_id"`
	CreatedAt *time.Time     `json:"created_at"`
	Problem   *fault.Problem `json:"problem"`
}

// Status tells the state without asking the key source.
func (v *Vault) Status(context.Context) Status {
	v.mu.RLock()
	open := v.kek != nil
	v.mu.RUnlock()
	m, found, err := v.readMeta()
	status := Status{State: "none", Source: v.options.Source, Problem: fault.Public(err)}
	if !found {
		return status
	}
	status.State, status.Source, status.VaultID = "locked", m.Source, m.VaultID
	status.KeyID, status.CreatedAt = m.Key, &m.CreatedAt
	if open {
		status.State = "unlocked"
	}
	return status
}

// Lock forgets every key in memory.
func (v *Vault) Lock() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.kek, v.source = nil, nil
	clear(v.deks)
}
