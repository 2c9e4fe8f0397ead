package connection

import (
	"sync"

	"pie/backend/store"
)

// remembered is what was found, by key, good while nothing is written to the store.
type remembered[K comparable, V any] struct {
	mu      sync.Mutex
	version uint64 // of the store
	found   map[K]V
}

// of gives what find finds for the key, from memory where nothing was written since.
// Nobody changes a value that came from here. Faults are those of find.
func (r *remembered[K, V]) of(s *store.Store, key K, find func() (V, error)) (V, error) {
	version := s.Version() // asked before find: what is written meanwhile makes it old
	r.mu.Lock()
	value, known := r.found[key]
	known = known && r.version == version
	r.mu.Unlock()
	if known {
		return value, nil
	}
	value, err := find()
	if err != nil {
		return value, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.found == nil || version > r.version {
		r.version, r.found = version, map[K]V{}
	}
	if version == r.version && len(r.found) < mostShelved {
		r.found[key] = value
	}
	return value, nil
}
