package connection

import "context"

// Get returns one connection. Fault: not_found.
func (m *Manager) Get(_ context.Context, agent, service, label string) (Connection, error) {
	r, err := m.one(agent, service, label)
	if err != nil {
		return Connection{}, err
	}
	return m.shape(r), nil
}
