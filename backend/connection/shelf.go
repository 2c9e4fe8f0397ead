package connection

import (
	"bytes"
	"sync"

	"pie/backend/store"
)

// mostShelved bounds what is remembered of records.
const mostShelved = 10_000

// shelf remembers what the bytes of records mean, so that reading one that has not
// changed need not decode it again. The file is what counts: a record is taken
// from here only while its bytes there are the same. What points out of a record
// is never changed in place.
type shelf struct {
	mu    sync.Mutex
	known map[string]shelved
}

type shelved struct {
	raw []byte
	r   record
}

// get reads one record.
func (s *shelf) get(tx *store.Tx, key string) (r record, found bool, err error) {
	raw := tx.Get(records().Bucket, key)
	if raw == nil {
		return r, false, nil
	}
	if r, found = s.look(key, raw); found {
		return r, true, nil
	}
	r, found, err = records().Get(tx, key)
	if err == nil && found {
		s.keep(key, raw, r)
	}
	return r, found, err
}

// each calls fn for every record whose key has the prefix, in order. fn must not
// write records.
func (s *shelf) each(tx *store.Tx, prefix string, fn func(key string, r record) error) error {
	return tx.Each(records().Bucket, prefix, func(key string, raw []byte) error {
		r, found := s.look(key, raw)
		if !found {
			var err error
			if r, _, err = records().Get(tx, key); err != nil {
				return err
			}
			s.keep(key, raw, r)
		}
		return fn(key, r)
	})
}

func (s *shelf) look(key string, raw []byte) (record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.known[key]
	if !ok || !bytes.Equal(known.raw, raw) {
		return record{}, false
	}
	return known.r, true
}

func (s *shelf) keep(key string, raw []byte, r record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= mostShelved {
		s.known = map[string]shelved{}
	}
	s.known[key] = shelved{raw, r}
}
