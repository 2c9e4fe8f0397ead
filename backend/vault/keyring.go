package vault

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/99designs/keyring"

	"pie/backend/fault"
	_ "pie/backend/vault/dbusguard" // must initialise before the D-Bus library
)

// Deadlines of one call: a keyring may hang, or be asking the person.
const (
	callTime   = 15 * time.Second
	promptTime = 120 * time.Second
)

// keyringSource keeps keys in the system's keyring: the default collection of
// the Secret Service on Linux, the login keychain on macOS, the credential
// manager on Windows. Exactly one backend of the library is ever allowed.
type keyringSource struct{}

func newKeyring() KeySource { return keyringSource{} }

// state is what preflight found out about the keyring.
type state struct {
	collection string // Secret Service only
	locked     bool
}

// use runs fn with the opened keyring in a goroutine of its own, because the
// library may panic or never return.
func (keyringSource) use(ctx context.Context, fn func(keyring.Keyring) error) error {
	found, err := preflight(ctx)
	if err != nil {
		return err
	}
	limit := callTime
	if found.locked {
		limit = promptTime
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- fmt.Errorf("keyring panicked: %v", r)
			}
		}()
		ring, err := keyring.Open(config(found.collection))
		if err == nil {
			err = fn(ring)
		}
		done <- err
	}()
	select {
	case err := <-done:
		return meaning(err, found)
	case <-ctx.Done():
		return meaning(ctx.Err(), found)
	}
}

func config(collection string) keyring.Config {
	return keyring.Config{
		AllowedBackends:         []keyring.BackendType{backend()},
		ServiceName:             "PIE Desktop",
		LibSecretCollectionName: collection,
		WinCredPrefix:           "pie",
	}
}

func backend() keyring.BackendType {
	switch runtime.GOOS {
	case "darwin":
		return keyring.KeychainBackend
	case "windows":
		return keyring.WinCredBackend
	default:
		return keyring.SecretServiceBackend
	}
}

func meaning(err error, found state) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrKeyNotFound):
		return fault.Wrap(err, fault.NotFound, "The keyring does not hold this key.", "")
	case found.locked:
		return fault.Wrap(err, fault.Locked, "The keyring is locked.", "Unlock the keyring of your desktop and try again.")
	default:
		return fault.Wrap(err, fault.Locked, "The keyring does not answer as it should.", keyringHint)
	}
}

const keyringHint = "Log in to your desktop's keyring and try again. On a machine without one, make the vault with PIE_KEY_SOURCE=passphrase or keyfile."

// Load reads a key.
func (k keyringSource) Load(ctx context.Context, name string) ([]byte, error) {
	found := make(chan []byte, 1) // a call that was given up may still answer
	err := k.use(ctx, func(ring keyring.Keyring) error {
		item, err := ring.Get(name)
		found <- item.Data
		return err
	})
	if err != nil {
		return nil, err
	}
	key := <-found
	if len(key) != keySize {
		return nil, fault.New(fault.Locked, "The keyring's key has the wrong length.", keyringHint)
	}
	return key, nil
}

// Save writes a key. On macOS only this program may read it unasked.
func (k keyringSource) Save(ctx context.Context, name string, key []byte) error {
	return k.use(ctx, func(ring keyring.Keyring) error {
		return ring.Set(keyring.Item{Key: name, Data: key, Label: "PIE Desktop", Description: "key of the vault"})
	})
}

// Delete removes a key; there need not be one.
func (k keyringSource) Delete(ctx context.Context, name string) error {
	err := k.use(ctx, func(ring keyring.Keyring) error { return ring.Remove(name) })
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
