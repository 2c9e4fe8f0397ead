package vault

import (
	"context"
	"crypto/cipher"
	"slices"
	"strings"

	"pie/backend/store"
)

// Shred deletes the key of one connection and rotates the KEK. Delete the
// records first: after Shred they cannot be opened by anyone.
func (v *Vault) Shred(ctx context.Context, plugin, connection string) error {
	return v.rotate(ctx, func(s scope) bool { return s == scope{plugin, connection} })
}

// ShredPlugin is Shred for everything of one plugin.
func (v *Vault) ShredPlugin(ctx context.Context, plugin string) error {
	return v.rotate(ctx, func(s scope) bool { return s.plugin == plugin })
}

// Rotate makes a new KEK, rewraps every key and destroys the old KEK.
func (v *Vault) Rotate(ctx context.Context) error {
	return v.rotate(ctx, func(scope) bool { return false })
}

// rotate works over two stores, in an order that a crash cannot hurt: note the
// new number, save the new KEK and read it back; rewrap and switch in one
// transaction; destroy the old KEK. Whatever is left over is on the stale list.
func (v *Vault) rotate(ctx context.Context, drop func(scope) bool) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.unlock(ctx); err != nil {
		return err
	}
	next := v.meta
	next.Key++
	noted := v.meta
	noted.Stale = append(slices.Clone(v.meta.Stale), next.Key)
	if err := v.writeMeta(noted); err != nil {
		return err
	}
	v.meta = noted
	kek, check, err := saveNewKey(ctx, v.source, next, next.Key)
	if err != nil {
		return err
	}
	next.Check = check
	next.Stale = append(slices.Clone(v.meta.Stale), v.meta.Key)
	next.Stale = slices.DeleteFunc(next.Stale, func(n int) bool { return n == next.Key })
	if err := v.store.Update(func(tx *store.Tx) error { return v.rewrap(tx, kek, next, drop) }); err != nil {
		return err
	}
	v.kek, v.meta = kek, next
	for s := range v.deks {
		if drop(s) {
			delete(v.deks, s)
		}
	}
	v.dropStale(ctx)
	return nil
}

func (v *Vault) rewrap(tx *store.Tx, kek cipher.AEAD, next meta, drop func(scope) bool) error {
	rewrapped := map[string][]byte{}
	err := tx.Each(dekBucket, "", func(name string, wrapped []byte) error {
		plugin, connection, _ := strings.Cut(name, "\x00")
		s := scope{plugin, connection}
		if drop(s) {
			rewrapped[name] = nil
			return nil
		}
		key, err := v.unwrap(v.kek, s, wrapped)
		if err != nil {
			return err
		}
		defer clear(key)
		rewrapped[name] = v.wrap(kek, s, key)
		return nil
	})
	if err != nil {
		return err
	}
	for name, wrapped := range rewrapped {
		if wrapped == nil {
			err = tx.Delete(dekBucket, name)
		} else {
			err = tx.Put(dekBucket, name, wrapped)
		}
		if err != nil {
			return err
		}
	}
	return metas().Put(tx, metaKey, next)
}

// dropStale destroys KEKs that count no more. One that cannot be reached stays
// on the list for the next time.
func (v *Vault) dropStale(ctx context.Context) {
	left := v.meta
	left.Stale = nil
	for _, number := range v.meta.Stale {
		if number == v.meta.Key {
			continue
		}
		if err := v.source.Delete(ctx, v.meta.keyName(number)); err != nil {
			left.Stale = append(left.Stale, number)
		}
	}
	if len(left.Stale) == len(v.meta.Stale) {
		return
	}
	if err := v.writeMeta(left); err == nil {
		v.meta = left
	}
}
