package connection

import (
	"context"
	"errors"

	"pie/backend/store"
)

// appOf is the provider at which the person registered the app of a service, ""
// for an agent's own.
func appOf(s Service) string {
	if s.Shared {
		return s.Provider.Base()
	}
	return ""
}

// OfApp returns the connections that were made with the person's own app at a
// provider, those of one agent, or of all when it is empty.
func (m *Manager) OfApp(provider, agent string) ([]Connection, error) {
	records, err := m.ofApp(provider, agent)
	out := []Connection{}
	for _, r := range records {
		out = append(out, m.shape(r))
	}
	return out, err
}

func (m *Manager) ofApp(provider, agent string) ([]record, error) {
	var out []record
	err := m.Store.View(func(tx *store.Tx) error {
		return records().Each(tx, "", func(_ string, r record) error {
			if r.App == provider && (agent == "" || r.Agent == agent) {
				out = append(out, r)
			}
			return nil
		})
	})
	return out, err
}

// DisconnectApp ends the connections that OfApp returns, while their app is still
// there to take them back with. Where the app itself goes, everywhere is set: no
// other connection of it stays that a shared grant would serve. It goes on after
// a failure and returns all of them joined.
func (m *Manager) DisconnectApp(ctx context.Context, provider, agent string, everywhere bool) ([]Disconnected, error) {
	records, err := m.ofApp(provider, agent)
	out, errs := []Disconnected{}, []error{err}
	for _, r := range records {
		done, err := m.DisconnectWith(ctx, r.Agent, r.Service, r.Label, DisconnectOptions{Everywhere: everywhere})
		if err == nil {
			out = append(out, done)
		}
		errs = append(errs, err)
	}
	return out, errors.Join(errs...)
}
