package vault

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/argon2"

	"pie/backend/fault"
	"pie/backend/paths"
	"pie/backend/secret"
)

// Cost of Argon2id for a passphrase (RFC 9106, section 4, second choice).
const (
	argonTime    = 3
	argonMemory  = 64 * 1024 // KiB
	argonThreads = 4
	saltSize     = 16
)

// fileSource keeps each KEK in a file of its own, wrapped by a key that comes
// from a passphrase or a key file. File: version, salt, nonce and ciphertext.
type fileSource struct {
	dir    string
	derive func(ctx context.Context, salt []byte) ([]byte, error)
	misfit string // what to say when the key does not open the file

	salt []byte // of the derived key below
	aead cipher.AEAD
}

// keySource makes the source that m names. Fault: invalid when it lacks a file.
func (v *Vault) keySource(m meta) (KeySource, error) {
	switch m.Source {
	case SourceKeyring:
		if v.options.Keyring != nil {
			return v.options.Keyring, nil
		}
		return newKeyring(), nil
	case SourceKeyFile:
		if v.options.KeyFile == "" {
			return nil, fault.New(fault.Locked, "This vault is opened by a key file, and none is named.", "Set PIE_KEY_FILE to the key file.")
		}
		return &fileSource{dir: v.options.Dir, derive: v.keyFromFile(!m.Ready), misfit: "The key file does not fit this vault."}, nil
	case SourcePassphrase:
		return &fileSource{dir: v.options.Dir, derive: v.keyFromPassphrase, misfit: "The passphrase is wrong."}, nil
	}
	return nil, fault.New(fault.Invalid, "The vault names a key source that this version does not know.", "Use keyring, passphrase or keyfile.")
}

// keyFromFile reads the key file; a vault that is being made may make it.
func (v *Vault) keyFromFile(mayMake bool) func(context.Context, []byte) ([]byte, error) {
	return func(context.Context, []byte) ([]byte, error) {
		text, err := os.ReadFile(v.options.KeyFile)
		if errors.Is(err, fs.ErrNotExist) && mayMake {
			key := make([]byte, keySize)
			_, _ = rand.Read(key)
			encoded := base64.StdEncoding.EncodeToString(key) + "\n"
			if err := paths.WriteFile(v.options.KeyFile, []byte(encoded)); err != nil {
				return nil, fault.Wrap(err, fault.Locked, "The key file cannot be made.", "Check the folder that PIE_KEY_FILE names.")
			}
			return key, nil
		}
		if err != nil {
			return nil, fault.Wrap(err, fault.Locked, "The key file cannot be read.", "Check the file that PIE_KEY_FILE names.")
		}
		key, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(text)))
		if err != nil || len(key) != keySize {
			return nil, fault.Wrap(err, fault.Locked, "The key file does not hold 32 bytes in base64.", "Name the file that the vault was made with.")
		}
		return key, nil
	}
}

func (v *Vault) keyFromPassphrase(ctx context.Context, salt []byte) ([]byte, error) {
	passphrase, err := v.passphrase(ctx)
	if err != nil {
		return nil, err
	}
	return argon2.IDKey([]byte(passphrase.Reveal()), salt, argonTime, argonMemory, argonThreads, keySize), nil
}

func (v *Vault) passphrase(ctx context.Context) (secret.String, error) {
	if v.options.PassphraseFile != "" {
		text, err := os.ReadFile(v.options.PassphraseFile)
		if err != nil {
			return secret.String{}, fault.Wrap(err, fault.Locked, "The passphrase file cannot be read.", "Check the file that PIE_PASSPHRASE_FILE names.")
		}
		return nonEmpty(secret.New(strings.TrimSuffix(string(text), "\n")))
	}
	if v.options.Ask == nil {
		return secret.String{}, fault.New(fault.Locked, "The vault is locked.", "Run pie vault unlock, or set PIE_PASSPHRASE_FILE.")
	}
	passphrase, err := v.options.Ask(ctx)
	if err != nil {
		return secret.String{}, err
	}
	return nonEmpty(passphrase)
}

func nonEmpty(passphrase secret.String) (secret.String, error) {
	if passphrase.IsEmpty() {
		return passphrase, fault.New(fault.Locked, "The passphrase is empty.", "Give the passphrase of the vault.")
	}
	return passphrase, nil
}

func (f *fileSource) path(name string) string {
	return filepath.Join(f.dir, strings.ReplaceAll(name, "/", "-")+".key")
}

// cipher derives the wrapping key for salt, once.
func (f *fileSource) cipher(ctx context.Context, salt []byte) (cipher.AEAD, error) {
	if f.aead != nil && bytes.Equal(f.salt, salt) {
		return f.aead, nil
	}
	key, err := f.derive(ctx, salt)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	f.salt, f.aead = bytes.Clone(salt), aead
	return aead, nil
}

// Load opens the file of name.
func (f *fileSource) Load(ctx context.Context, name string) ([]byte, error) {
	raw, err := os.ReadFile(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, fault.NotFound, "There is no such key.", "")
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Locked, "The file of the wrapped key cannot be read.", "Check the data folder.")
	}
	if len(raw) < 1+saltSize || raw[0] != formatVersion {
		return nil, fault.New(fault.Locked, "The file of the wrapped key is damaged.", "Restore a backup of the data folder.")
	}
	aead, err := f.cipher(ctx, raw[1:1+saltSize])
	if err != nil {
		return nil, err
	}
	key, err := aead.Open(nil, nil, raw[1+saltSize:], bind("kek", name))
	if err != nil {
		return nil, fault.Wrap(err, fault.Locked, f.misfit, "Nothing was changed. Try again with the one the vault was made with.")
	}
	return key, nil
}

// Save wraps key into the file of name.
func (f *fileSource) Save(ctx context.Context, name string, key []byte) error {
	salt := f.salt
	if salt == nil {
		salt = make([]byte, saltSize)
		_, _ = rand.Read(salt)
	}
	aead, err := f.cipher(ctx, salt)
	if err != nil {
		return err
	}
	raw := append([]byte{formatVersion}, salt...)
	if err := paths.WriteFile(f.path(name), aead.Seal(raw, nil, key, bind("kek", name))); err != nil { // #nosec G407 -- this AEAD draws a random nonce by itself
		return fault.Wrap(err, fault.Locked, "The wrapped key cannot be saved.", "Check the data folder and the disk.")
	}
	return nil
}

// Delete overwrites the file and unlinks it. On a disk that copies on write the
// old blocks may linger.
func (f *fileSource) Delete(_ context.Context, name string) error {
	path := f.path(name)
	file, err := os.OpenFile(path, os.O_WRONLY, 0) // #nosec G304 -- a file of the vault's own
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening old key: %w", err)
	}
	info, err := file.Stat()
	if err == nil {
		noise := make([]byte, info.Size())
		_, _ = rand.Read(noise)
		if _, err = file.WriteAt(noise, 0); err == nil {
			err = file.Sync()
		}
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("overwriting old key: %w", err)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("removing old key: %w", err)
	}
	return paths.SyncFolder(f.dir)
}
