package connection

import "pie/backend/store"

// recent is what was read last: requests read the same few records every time.
// Tokens lie in it as sealed as in the file.
type recent struct {
	records remembered[serviceKey, []record]
	sealed  remembered[string, []byte] // by connection id
}

// recordsOf reads the records of one service. The list is not to be changed.
func (m *Manager) recordsOf(agent, service string) ([]record, error) {
	return m.recent.records.of(m.Store, serviceKey{agent, service}, func() (list []record, err error) {
		err = m.Store.View(func(tx *store.Tx) error {
			return m.shelf.each(tx, recordKey(agent, service, ""), func(_ string, r record) error {
				list = append(list, r)
				return nil
			})
		})
		return list, err
	})
}

// sealedToken reads the sealed tokens of a connection, nil when there are none.
func (m *Manager) sealedToken(id string) ([]byte, error) {
	return m.recent.sealed.of(m.Store, id, func() (sealed []byte, err error) {
		err = m.Store.View(func(tx *store.Tx) error {
			sealed = tx.Get(tokenBucket, id)
			return nil
		})
		return sealed, err
	})
}
