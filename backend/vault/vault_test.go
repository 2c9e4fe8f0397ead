package vault_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"

	"pie/backend/fault"
	"pie/backend/store"
	"pie/backend/vault"
)

type home struct{ dir, db string }

func newHome(t *testing.T) home {
	t.Helper()
	dir := t.TempDir()
	return home{dir, filepath.Join(dir, "pie.db")}
}

func (h home) options(source vault.Source) vault.Options {
	return vault.Options{
		Source: source, Dir: h.dir,
		KeyFile:        filepath.Join(h.dir, "key"),
		PassphraseFile: filepath.Join(h.dir, "passphrase"),
	}
}

func (h home) open(t *testing.T, o vault.Options) (*vault.Vault, *store.Store) {
	t.Helper()
	st, err := store.Open(h.db, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return vault.New(st, o), st
}

func (h home) writePassphrase(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, "passphrase"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

var slot = vault.Slot{Bucket: "tokens", Plugin: "mail", Connection: "c1", Field: "token"}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	for _, source := range []vault.Source{vault.SourceKeyFile, vault.SourcePassphrase} {
		t.Run(string(source), func(t *testing.T) {
			t.Parallel()
			h, ctx := newHome(t), context.Background()
			h.writePassphrase(t, "correct horse\n")
			v, st := h.open(t, h.options(source))
			if got := v.Status(ctx).State; got != "none" {
				t.Errorf("state %s before first use", got)
			}
			sealed, err := v.Seal(ctx, slot, []byte("token"))
			if err != nil {
				t.Fatal(err)
			}
			_ = st.Close()
			again, _ := h.open(t, h.options(vault.SourceKeyring)) // the recorded source counts
			if got := again.Status(ctx); got.State != "locked" || got.Source != source {
				t.Errorf("got %+v", got)
			}
			plain, err := again.Open(ctx, slot, sealed)
			if err != nil || string(plain) != "token" {
				t.Errorf("got %q, %v", plain, err)
			}
			again.Lock()
			if got := again.Status(ctx).State; got != "locked" {
				t.Errorf("state %s after Lock", got)
			}
		})
	}
}

func TestMovedRecordDoesNotOpen(t *testing.T) {
	t.Parallel()
	h, ctx := newHome(t), context.Background()
	v, _ := h.open(t, h.options(vault.SourceKeyFile))
	sealed, err := v.Seal(ctx, slot, []byte("token"))
	if err != nil {
		t.Fatal(err)
	}
	for name, moved := range map[string]vault.Slot{
		"bucket": {"other", "mail", "c1", "token"}, "plugin": {"tokens", "evil", "c1", "token"},
		"connection": {"tokens", "mail", "c2", "token"}, "field": {"tokens", "mail", "c1", "refresh"},
		"shifted": {"token", "smail", "c1", "token"},
	} {
		if _, err := v.Seal(ctx, moved, []byte("so that its key exists")); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Open(ctx, moved, sealed); !fault.Is(err, fault.Internal) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := v.Open(ctx, slot, changed); err == nil {
			t.Errorf("byte %d changed and still opens", i)
		}
	}
}

func TestWrongKeyChangesNothing(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		source vault.Source
		spoil  func(t *testing.T, h home)
	}{
		"wrong passphrase": {vault.SourcePassphrase, func(t *testing.T, h home) { t.Helper(); h.writePassphrase(t, "another") }},
		"no passphrase":    {vault.SourcePassphrase, func(_ *testing.T, h home) { _ = os.Remove(filepath.Join(h.dir, "passphrase")) }},
		"no key file":      {vault.SourceKeyFile, func(_ *testing.T, h home) { _ = os.Remove(filepath.Join(h.dir, "key")) }},
		"short key file":   {vault.SourceKeyFile, func(_ *testing.T, h home) { _ = os.WriteFile(filepath.Join(h.dir, "key"), []byte("AAAA"), 0o600) }},
		"wrapped key gone": {vault.SourceKeyFile, func(t *testing.T, h home) {
			t.Helper()
			files, _ := filepath.Glob(filepath.Join(h.dir, "*.key"))
			if len(files) != 1 || os.Remove(files[0]) != nil {
				t.Fatalf("files %v", files)
			}
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, ctx := newHome(t), context.Background()
			h.writePassphrase(t, "right")
			v, st := h.open(t, h.options(c.source))
			if _, err := v.Seal(ctx, slot, []byte("token")); err != nil {
				t.Fatal(err)
			}
			_ = st.Close()
			before := readFile(t, h.db)
			c.spoil(t, h)
			again, st := h.open(t, h.options(c.source))
			if _, err := again.Seal(ctx, slot, []byte("x")); !fault.Is(err, fault.Locked) {
				t.Errorf("got %v", err)
			}
			_ = st.Close()
			if !bytes.Equal(before, readFile(t, h.db)) {
				t.Error("the file was changed")
			}
		})
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestShred carves the raw file for the deleted token with everything that is
// left, and finds nothing; without the rotation it would.
func TestShred(t *testing.T) {
	t.Parallel()
	h, ctx := newHome(t), context.Background()
	v, st := h.open(t, h.options(vault.SourceKeyFile))
	other := vault.Slot{Bucket: "tokens", Plugin: "mail", Connection: "c2", Field: "token"}
	gone, err := v.Seal(ctx, slot, []byte("gone"))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := v.Seal(ctx, other, []byte("kept"))
	if err != nil {
		t.Fatal(err)
	}
	oldKeys, _ := filepath.Glob(filepath.Join(h.dir, "*.key"))
	if err := v.Shred(ctx, "mail", "c1"); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Open(ctx, slot, gone); !fault.Is(err, fault.Internal) {
		t.Errorf("the shredded record: %v", err)
	}
	newKeys, _ := filepath.Glob(filepath.Join(h.dir, "*.key"))
	if len(newKeys) != 1 || newKeys[0] == oldKeys[0] {
		t.Errorf("keys before %v, after %v", oldKeys, newKeys)
	}
	_ = st.Close()
	again, _ := h.open(t, h.options(vault.SourceKeyFile))
	plain, err := again.Open(ctx, other, kept)
	if err != nil || string(plain) != "kept" {
		t.Errorf("the other connection: %q, %v", plain, err)
	}
	if got := again.Status(ctx).KeyID; got != 2 {
		t.Errorf("key %d", got)
	}
}

func TestNoSecondVaultOverSealedRecords(t *testing.T) {
	t.Parallel()
	h, ctx := newHome(t), context.Background()
	v, st := h.open(t, h.options(vault.SourceKeyFile))
	if _, err := v.Seal(ctx, slot, []byte("token")); err != nil {
		t.Fatal(err)
	}
	if err := st.Update(func(tx *store.Tx) error { return tx.Delete("vault", "meta") }); err != nil {
		t.Fatal(err)
	}
	fresh := vault.New(st, h.options(vault.SourceKeyFile))
	if _, err := fresh.Seal(ctx, slot, []byte("x")); !fault.Is(err, fault.Conflict) {
		t.Errorf("got %v", err)
	}
}

func TestKeyFileMode(t *testing.T) {
	t.Parallel()
	h, ctx := newHome(t), context.Background()
	v, _ := h.open(t, h.options(vault.SourceKeyFile))
	if err := v.Unlock(ctx); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", entry.Name(), info.Mode(), err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1})
	f.Add(append([]byte{1}, bytes.Repeat([]byte("x"), 60)...))
	dir := f.TempDir()
	st, err := store.Open(filepath.Join(dir, "pie.db"), store.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = st.Close() })
	v := vault.New(st, vault.Options{Source: vault.SourceKeyFile, Dir: dir, KeyFile: filepath.Join(dir, "key")})
	if _, err := v.Seal(context.Background(), slot, nil); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if plain, err := v.Open(context.Background(), slot, sealed); err == nil {
			t.Errorf("a made-up record opens: %q", plain)
		}
	})
}

func BenchmarkVault(b *testing.B) {
	dir := b.TempDir()
	st, err := store.Open(filepath.Join(dir, "pie.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	v := vault.New(st, vault.Options{Source: vault.SourceKeyFile, Dir: dir, KeyFile: filepath.Join(dir, "key")})
	ctx, token := context.Background(), make([]byte, 1500)
	_, _ = rand.Read(token)
	put := func(value []byte) error {
		return st.Update(func(tx *store.Tx) error { return tx.Put("tokens", "c1", value) })
	}
	get := func() (value []byte) {
		_ = st.View(func(tx *store.Tx) error { value = tx.Get("tokens", "c1"); return nil })
		return value
	}
	sealAndPut := func() error {
		sealed, err := v.Seal(ctx, slot, token)
		if err != nil {
			return err
		}
		return put(sealed)
	}
	for name, pair := range map[string][2]func() error{
		"put": {func() error { return put(token) }, sealAndPut},
		"get": {
			func() error { _ = get(); return nil },
			func() error { _, err := v.Open(ctx, slot, get()); return err },
		},
	} {
		b.Run(name, func(b *testing.B) {
			if err := sealAndPut(); err != nil {
				b.Fatal(err)
			}
			ratio(b, pair[0], pair[1], sealAndPut)
		})
	}
}

// ratio runs both in turns and reports how much longer the second takes.
func ratio(b *testing.B, plain, ours, prepare func() error) {
	b.Helper()
	var plainTime, ourTime float64
	for b.Loop() {
		plainTime += seconds(b, plain)
		if err := prepare(); err != nil {
			b.Fatal(err)
		}
		ourTime += seconds(b, ours)
	}
	b.ReportMetric(ourTime/plainTime, "x-plain-bbolt")
}
