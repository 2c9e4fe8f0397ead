package connection

import (
	"cmp"
	"net/url"
	"strings"

	"pie/backend/provider"
	"pie/backend/store"
)

// writtenBucket remembers the hosts that were written to while a person was
// about, or at a person's word: what runs in the background writes to no other.
const writtenBucket = "written"

// fetchID stands for context.fetch where a connection's id would.
const fetchID = "fetch"

func writtenPrefix(agent, id string) string { return agent + "/" + cmp.Or(id, fetchID) + "/" }

func writtenKey(agent string, r record, u *url.URL) string {
	origin, _ := provider.Origin(u)
	return writtenPrefix(agent, r.ID) + origin.String()
}

// wroteTo tells whether the agent has written to this host before through r,
// whose zero value stands for context.fetch.
func (m *Manager) wroteTo(agent string, r record, u *url.URL) bool {
	key := writtenKey(agent, r, u)
	m.mu.Lock()
	known := m.written[key]
	m.mu.Unlock()
	if known {
		return true
	}
	err := m.Store.View(func(tx *store.Tx) error {
		known = tx.Get(writtenBucket, key) != nil
		return nil
	})
	return err == nil && known
}

// noteWritten remembers that a write was answered.
func (m *Manager) noteWritten(agent string, r record, u *url.URL) {
	key := writtenKey(agent, r, u)
	m.mu.Lock()
	known := m.written[key]
	m.written[key] = true
	m.mu.Unlock()
	if known {
		return
	}
	err := m.Store.Update(func(tx *store.Tx) error {
		if tx.Get(writtenBucket, key) != nil {
			return nil
		}
		return tx.Put(writtenBucket, key, []byte{1})
	})
	if err != nil {
		m.Log.Warn("noting a write", "agent", agent, "error", err)
	}
}

// forgetWritten forgets the hosts of one connection, or of a whole agent when id
// is empty.
func (m *Manager) forgetWritten(tx *store.Tx, agent, id string) error {
	prefix := agent + "/"
	if id != "" {
		prefix = writtenPrefix(agent, id)
	}
	m.mu.Lock()
	for key := range m.written {
		if strings.HasPrefix(key, prefix) {
			delete(m.written, key)
		}
	}
	m.mu.Unlock()
	var keys []string
	err := tx.Each(writtenBucket, prefix, func(key string, _ []byte) error {
		keys = append(keys, key)
		return nil
	})
	for _, key := range keys {
		err = cmp.Or(err, tx.Delete(writtenBucket, key))
	}
	return err
}

// Asks tells whether a connection of the agent asks before each write.
func (m *Manager) Asks(agent string) (asks bool, err error) {
	err = m.Store.View(func(tx *store.Tx) error {
		return m.shelf.each(tx, agent+"/", func(_ string, r record) error {
			asks = asks || r.Access == AccessAsk
			return nil
		})
	})
	return asks, err
}
