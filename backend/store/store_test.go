package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pie/backend/fault"
	"pie/backend/store"
)

func open(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestTransactions(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	s := open(t, path)
	boom := errors.New("boom")
	if err := s.Update(func(tx *store.Tx) error {
		_ = tx.Put("b", "lost", []byte("x"))
		return boom
	}); !errors.Is(err, boom) {
		t.Fatalf("got %v", err)
	}
	if err := s.Update(func(tx *store.Tx) error {
		for _, key := range []string{"a/1", "a/2", "b/1", "a0"} {
			if err := tx.Put("b", key, []byte(key)); err != nil {
				return err
			}
		}
		return tx.Delete("none", "none")
	}); err != nil {
		t.Fatal(err)
	}
	var forward, backward []string
	err := s.View(func(tx *store.Tx) error {
		if tx.Get("b", "lost") != nil || tx.Get("none", "x") != nil {
			t.Error("found what was rolled back")
		}
		_ = tx.Each("b", "a/", func(k string, _ []byte) error { forward = append(forward, k); return nil })
		return tx.EachReverse("b", "a/", func(k string, _ []byte) error { backward = append(backward, k); return nil })
	})
	if err != nil || !slices.Equal(forward, []string{"a/1", "a/2"}) || !slices.Equal(backward, []string{"a/2", "a/1"}) {
		t.Errorf("got %v, %v, %v", forward, backward, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestPageSize(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	for _, size := range []int{16 << 10, 4 << 10} { // the second time the file has its size already
		s, err := store.Open(path, store.Options{PageSize: size})
		if err == nil {
			err = s.Update(func(tx *store.Tx) error { return tx.Put("b", strconv.Itoa(size), []byte("v")) })
		}
		if err == nil {
			err = s.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Size()%(16<<10) != 0 || info.Size() < 4*16<<10 {
			t.Errorf("%d bytes, %v", info.Size(), err)
		}
	}
	if err := os.Truncate(path, 3*16<<10); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(path, store.Options{}); !fault.Is(err, fault.Internal) {
		t.Errorf("cut off: %v", err)
	}
}

func TestOpenClosesAnOldFileToOthers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	_ = open(t, path).Close()
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	_ = open(t, path)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestSecondProcessIsToldSo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	_ = open(t, path)
	_, err := store.Open(path, store.Options{Timeout: 50 * time.Millisecond})
	if !fault.Is(err, fault.InUse) {
		t.Errorf("got %v", err)
	}
}

func TestPanicInsideIsAFault(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	if err := s.View(func(*store.Tx) error { panic("inside") }); !fault.Is(err, fault.Internal) {
		t.Errorf("got %v", err)
	}
}

// Readers that keep what they read at a version never serve it after a write has
// returned.
func TestVersionTellsOfWrites(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	var written atomic.Int64
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			version, kept := uint64(0), int64(-1)
			for written.Load() < 40 {
				least, now := written.Load(), s.Version()
				if kept < 0 || now != version {
					version = now
					err := s.View(func(tx *store.Tx) error {
						kept, _ = strconv.ParseInt(string(tx.Get("b", "n")), 10, 64)
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				}
				if kept < least {
					t.Errorf("kept %d after %d was written", kept, least)
					return
				}
			}
		})
	}
	for i := int64(1); i <= 40; i++ {
		if err := s.Update(func(tx *store.Tx) error { return tx.Put("b", "n", strconv.AppendInt(nil, i, 10)) }); err != nil {
			t.Error(err)
		}
		written.Store(i)
	}
	all.Wait()
}

type person struct{ First, Last string }

func TestTableUpgrades(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	old := store.Table[map[string]string]{Bucket: "p", Version: 1}
	current := store.Table[person]{Bucket: "p", Version: 2, Upgrades: map[int]func([]byte) ([]byte, error){
		1: func(data []byte) ([]byte, error) {
			var v map[string]string
			err := json.Unmarshal(data, &v)
			return []byte(`{"First":` + strconv.Quote(v["name"]) + `}`), err
		},
	}}
	newer := store.Table[person]{Bucket: "p", Version: 3}
	err := s.Update(func(tx *store.Tx) error {
		if err := old.Put(tx, "1", map[string]string{"name": "Ada"}); err != nil {
			return err
		}
		got, found, err := current.Get(tx, "1")
		if err != nil || !found || got.First != "Ada" {
			t.Errorf("got %+v, %v, %v", got, found, err)
		}
		if err := newer.Put(tx, "2", person{}); err != nil {
			return err
		}
		if _, _, err := current.Get(tx, "2"); !fault.Is(err, fault.Conflict) {
			t.Errorf("a record from the future: %v", err)
		}
		if err := tx.Put("p", "3", []byte("no json")); err != nil {
			return err
		}
		if _, _, err := current.Get(tx, "3"); !fault.Is(err, fault.Internal) {
			t.Errorf("a broken record: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDamage opens damaged copies of a real file: each is a clear fault or
// still reads what was written, and the process lives.
func TestDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "good.db")
	s := open(t, path)
	value := bytes.Repeat([]byte("v"), 700)
	for i := range 60 {
		if err := s.Update(func(tx *store.Tx) error { return tx.Put("b", strconv.Itoa(i), value) }); err != nil {
			t.Fatal(err)
		}
	}
	_ = s.Close()
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damages := map[string]func(r *rand.Rand, b []byte) []byte{
		"truncated": func(r *rand.Rand, b []byte) []byte { return b[:r.IntN(len(b))] },
		"one byte":  func(r *rand.Rand, b []byte) []byte { b[r.IntN(len(b))] ^= 0xff; return b },
		"page header": func(r *rand.Rand, b []byte) []byte {
			copy(b[4096*r.IntN(len(b)/4096):], bytes.Repeat([]byte{0xff}, 16))
			return b
		},
		"zero page": func(r *rand.Rand, b []byte) []byte { clear(b[4096*r.IntN(len(b)/4096):][:4096]); return b },
		"text":      func(_ *rand.Rand, _ []byte) []byte { return bytes.Repeat([]byte("no database "), 1000) },
		"empty":     func(_ *rand.Rand, _ []byte) []byte { return nil },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, 2))
			for i := range 25 {
				copyPath := filepath.Join(dir, name+strconv.Itoa(i)+".db")
				if err := os.WriteFile(copyPath, damage(r, bytes.Clone(good)), 0o600); err != nil {
					t.Fatal(err)
				}
				readAll(t, copyPath)
			}
		})
	}
}

func readAll(t *testing.T, path string) {
	t.Helper()
	s, err := store.Open(path, store.Options{})
	if err == nil {
		err = s.View(func(tx *store.Tx) error {
			return tx.Each("b", "", func(string, []byte) error { return nil })
		})
		_ = s.Close()
	}
	if err != nil && !fault.Is(err, fault.Internal) {
		t.Errorf("no fault for a person: %v", err)
	}
}
