package store_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"pie/backend/fault"
	"pie/backend/store"
)

// word packs itself as its letters; in version 1 it was JSON.
type word struct {
	Text string `json:"text"`
}

func words() store.Table[word] {
	return store.Table[word]{
		Bucket: "words", Version: 2,
		Pack: func(w word) []byte { return []byte(w.Text) },
		Unpack: func(packed []byte) (word, error) {
			if len(packed) == 0 {
				return word{}, errors.New("no letters")
			}
			return word{string(packed)}, nil
		},
		Upgrades: map[int]func([]byte) ([]byte, error){1: func(data []byte) ([]byte, error) {
			var w word
			err := json.Unmarshal(data, &w)
			return store.Packed([]byte(w.Text)), err
		}},
	}
}

func TestPacked(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	older := store.Table[word]{Bucket: "words", Version: 1}
	for name, c := range map[string]struct {
		raw  string
		want string
		code fault.Code
	}{
		"of its version":             {`{"v":2,"d":"aGVsbG8="}`, "hello", ""},
		"with other spaces":          {`{ "v": 2, "d": "aGVsbG8=" }`, "hello", ""},
		"of the version before":      {`{"v":1,"d":{"text":"hello"}}`, "hello", ""},
		"of a newer program":         {`{"v":3,"d":"aGVsbG8="}`, "", fault.Conflict},
		"no base64":                  {`{"v":2,"d":"aGVsbG8"}`, "", fault.Internal},
		"no string":                  {`{"v":2,"d":{"text":"hello"}}`, "", fault.Internal},
		"cut off":                    {`{"v":2,"d":"aGVsb`, "", fault.Internal},
		"what cannot be unpacked":    {`{"v":2,"d":""}`, "", fault.Internal},
		"what cannot be upgraded":    {`{"v":1,"d":"hello"}`, "", fault.Internal},
		"two records in one, quoted": {`{"v":2,"d":"aGVsbG8="},{"v":2,"d":"aGVsbG8="}`, "", fault.Internal},
	} {
		got, err := words().Decode([]byte(c.raw))
		if got.Text != c.want || fault.CodeOf(err) != c.code && err != nil || (err == nil) != (c.code == "") {
			t.Errorf("%s: %q, %v", name, got.Text, err)
		}
	}
	err := s.Update(func(tx *store.Tx) error {
		if err := words().Put(tx, "1", word{"hello"}); err != nil {
			return err
		}
		if got, found, err := words().Get(tx, "1"); err != nil || !found || got.Text != "hello" {
			t.Errorf("got %v, %v, %v", got, found, err)
		}
		if _, _, err := older.Get(tx, "1"); !fault.Is(err, fault.Conflict) {
			t.Errorf("an older program reads %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEachBefore(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	if err := s.Update(func(tx *store.Tx) error {
		for _, key := range []string{"a/1", "a/2", "a/3", "b/1"} {
			if err := tx.Put("b", key, []byte(key)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for edge, want := range map[string][]string{
		"a/3": {"a/2", "a/1"}, "a/2x": {"a/2", "a/1"}, "a/1": nil, "a/": nil, "a/9": {"a/3", "a/2", "a/1"},
	} {
		var got []string
		before := s.Reads()
		err := s.View(func(tx *store.Tx) error {
			return tx.EachBefore("b", "a/", edge, func(k string, _ []byte) error { got = append(got, k); return nil })
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("before %s: %v, %v", edge, got, err)
		}
		if n := s.Reads() - before; n != uint64(len(want)) {
			t.Errorf("before %s: %d reads for %d keys", edge, n, len(want))
		}
	}
}
