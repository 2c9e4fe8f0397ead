package vault

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"

	"pie/backend/fault"
	"pie/backend/store"
)

const (
	metaBucket = "vault"
	metaKey    = "meta"
	dekBucket  = "vault-keys"
	checkText  = "this key fits"
)

// meta is what the database says about its vault.
type meta struct {
	VaultID   string    `json:"vault_id"`
	Source    Source    `json:"source"`
	Key       int       `json:"key"`   // number of the KEK that counts
	Ready     bool      `json:"ready"` // false while the first key is being saved
	Check     []byte    `json:"check"` // checkText sealed by the KEK
	Stale     []int     `json:"stale"` // KEKs to delete when the source can be reached
	CreatedAt time.Time `json:"created_at"`
}

func (m meta) keyName(number int) string { return fmt.Sprintf("pie/%s/kek/%d", m.VaultID, number) }

func metas() store.Table[meta] { return store.Table[meta]{Bucket: metaBucket, Version: 1} }

func (v *Vault) readMeta() (m meta, found bool, err error) {
	err = v.store.View(func(tx *store.Tx) error {
		m, found, err = metas().Get(tx, metaKey)
		return err
	})
	return m, found && m.Ready, err
}

// Unlock makes sure that the KEK is in memory, making the vault when there is
// none. Faults: locked when the key source cannot be reached or its key does
// not fit; conflict when sealed records have lost their vault's description.
func (v *Vault) Unlock(ctx context.Context) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.unlock(ctx)
}

func (v *Vault) unlock(ctx context.Context) error {
	if v.kek != nil {
		return nil
	}
	m, ready, err := v.readMeta()
	if err != nil {
		return err
	}
	if !ready {
		return v.create(ctx, m)
	}
	source, err := v.keySource(m)
	if err != nil {
		return err
	}
	key, err := source.Load(ctx, m.keyName(m.Key))
	if err != nil {
		return notLoaded(m, err)
	}
	kek, err := checkedKey(m, key)
	clear(key)
	if err != nil {
		return err
	}
	v.kek, v.source, v.meta = kek, source, m
	v.dropStale(ctx)
	return nil
}

func notLoaded(m meta, err error) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	return fault.Wrap(err, fault.Locked, fmt.Sprintf("The key of this vault is not where it was kept (%s).", m.Source),
		"Nothing was changed. Log in to the keyring that made the vault, or restore a backup.")
}

// checkedKey proves that key is the one the vault was sealed with.
func checkedKey(m meta, key []byte) (cipher.AEAD, error) {
	kek, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	if _, err := kek.Open(nil, nil, m.Check, bind("check", m.VaultID)); err != nil {
		return nil, fault.Wrap(err, fault.Locked, "The key does not fit this vault.",
			"Nothing was changed. Use the passphrase, key file or keyring that the vault was made with.")
	}
	return kek, nil
}

// create makes a vault: its description first, not yet ready, then the key in
// its source, read back, then ready. m is a description left by a crash, or zero.
func (v *Vault) create(ctx context.Context, m meta) error {
	if err := v.refuseOverSealed(); err != nil {
		return err
	}
	if m.VaultID == "" {
		id := make([]byte, 16)
		_, _ = rand.Read(id)
		m = meta{VaultID: hex.EncodeToString(id), CreatedAt: time.Now().UTC().Truncate(time.Second)}
	}
	m.Source, m.Key = v.options.Source, 1
	source, err := v.keySource(m)
	if err != nil {
		return err
	}
	if err := v.writeMeta(m); err != nil {
		return err
	}
	kek, check, err := saveNewKey(ctx, source, m, m.Key)
	if err != nil {
		return err
	}
	m.Check, m.Ready = check, true
	if err := v.writeMeta(m); err != nil {
		return err
	}
	v.kek, v.source, v.meta = kek, source, m
	return nil
}

func (v *Vault) refuseOverSealed() error {
	return v.store.View(func(tx *store.Tx) error {
		return tx.Each(dekBucket, "", func(string, []byte) error {
			return fault.New(fault.Conflict, "The data file holds sealed records but has lost the description of its vault.",
				"Nothing was changed. Restore a backup of the data folder.")
		})
	})
}

func (v *Vault) writeMeta(m meta) error {
	return v.store.Update(func(tx *store.Tx) error { return metas().Put(tx, metaKey, m) })
}

// saveNewKey makes a KEK, saves it, reads it back and seals the check with it.
func saveNewKey(ctx context.Context, source KeySource, m meta, number int) (cipher.AEAD, []byte, error) {
	key := make([]byte, keySize)
	_, _ = rand.Read(key)
	defer clear(key)
	name := m.keyName(number)
	if err := source.Save(ctx, name, key); err != nil {
		return nil, nil, err
	}
	back, err := source.Load(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	defer clear(back)
	if string(back) != string(key) {
		return nil, nil, fault.New(fault.Locked, "The key source did not keep the key it was given.", "Check the keyring, or make the vault with a passphrase.")
	}
	kek, err := newAEAD(key)
	if err != nil {
		return nil, nil, err
	}
	return kek, kek.Seal(nil, nil, []byte(checkText), bind("check", m.VaultID)), nil // #nosec G407 -- this AEAD draws a random nonce by itself
}

// dek returns the cipher of a scope; with make it makes a key on first use.
func (v *Vault) dek(ctx context.Context, s scope, create bool) (cipher.AEAD, error) {
	v.mu.RLock()
	aead := v.deks[s]
	v.mu.RUnlock()
	if aead != nil {
		return aead, nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if aead := v.deks[s]; aead != nil {
		return aead, nil
	}
	if err := v.unlock(ctx); err != nil {
		return nil, err
	}
	aead, err := v.loadDEK(s, create)
	if err != nil {
		return nil, err
	}
	v.deks[s] = aead
	return aead, nil
}

func (v *Vault) loadDEK(s scope, create bool) (cipher.AEAD, error) {
	var wrapped []byte
	if err := v.store.View(func(tx *store.Tx) error {
		wrapped = tx.Get(dekBucket, s.key())
		return nil
	}); err != nil {
		return nil, err
	}
	if wrapped != nil {
		key, err := v.unwrap(v.kek, s, wrapped)
		if err != nil {
			return nil, err
		}
		defer clear(key)
		return newAEAD(key)
	}
	if !create {
		return nil, broken(fmt.Errorf("no key for this record"))
	}
	key := make([]byte, keySize)
	_, _ = rand.Read(key)
	defer clear(key)
	err := v.store.Update(func(tx *store.Tx) error {
		return tx.Put(dekBucket, s.key(), v.wrap(v.kek, s, key))
	})
	if err != nil {
		return nil, err
	}
	return newAEAD(key)
}

// key joins the names with a byte that no name holds.
func (s scope) key() string { return s.plugin + "\x00" + s.connection }

func (v *Vault) wrap(kek cipher.AEAD, s scope, key []byte) []byte {
	return kek.Seal([]byte{formatVersion}, nil, key, bind("key", v.meta.VaultID, s.plugin, s.connection)) // #nosec G407 -- this AEAD draws a random nonce by itself
}

func (v *Vault) unwrap(kek cipher.AEAD, s scope, wrapped []byte) ([]byte, error) {
	if len(wrapped) == 0 || wrapped[0] != formatVersion {
		return nil, broken(fmt.Errorf("unknown key form"))
	}
	key, err := kek.Open(nil, nil, wrapped[1:], bind("key", v.meta.VaultID, s.plugin, s.connection))
	if err != nil {
		return nil, broken(err)
	}
	return key, nil
}
