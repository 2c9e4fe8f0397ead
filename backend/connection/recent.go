package connection

import (
	"sync"

	"pie/backend/store"
)

// recent is what was read last, good while nothing is written: requests read the
// same few records every time. Tokens lie in it as sealed as in the file.
type recent struct {
	mu      sync.Mutex
	version uint64 // of the file
	records map[serviceKey][]record
	sealed  map[string][]byte // by connection id
}

// begin forgets what was read at another version than this one. It is false for a
// version that is over. The caller holds the lock.
func (n *recent) begin(version uint64) bool {
	if n.records == nil || version > n.version {
		n.version, n.records, n.sealed = version, map[serviceKey][]record{}, map[string][]byte{}
	}
	return version == n.version
}

// recordsOf reads the records of one service. The list is not to be changed.
func (m *Manager) recordsOf(agent, service string) ([]record, error) {
	version, key := m.Store.Version(), serviceKey{agent, service}
	m.recent.mu.Lock()
	list, known := m.recent.records[key]
	known = known && m.recent.version == version
	m.recent.mu.Unlock()
	if known {
		return list, nil
	}
	list = nil
	err := m.Store.View(func(tx *store.Tx) error {
		return m.shelf.each(tx, recordKey(agent, service, ""), func(_ string, r record) error {
			list = append(list, r)
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	m.recent.mu.Lock()
	defer m.recent.mu.Unlock()
	if m.recent.begin(version) && len(m.recent.records) < mostShelved {
		m.recent.records[key] = list
	}
	return list, nil
}

// sealedToken reads the sealed tokens of a connection, nil when there are none.
func (m *Manager) sealedToken(id string) (sealed []byte, err error) {
	version := m.Store.Version()
	m.recent.mu.Lock()
	sealed, known := m.recent.sealed[id]
	known = known && m.recent.version == version
	m.recent.mu.Unlock()
	if known {
		return sealed, nil
	}
	err = m.Store.View(func(tx *store.Tx) error {
		sealed = tx.Get(tokenBucket, id)
		return nil
	})
	if err != nil {
		return nil, err
	}
	m.recent.mu.Lock()
	defer m.recent.mu.Unlock()
	if m.recent.begin(version) && len(m.recent.sealed) < mostShelved {
		m.recent.sealed[id] = sealed
	}
	return sealed, nil
}
