package connection

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/provider"
)

// A provider's file may leave open what differs from account to account. The
// values belong to the connection: they are asked for or learnt at the sign-in,
// kept with it, and filled in before anything is sent.

// with is s for one account: its addresses and hosts hold the values.
func (s Service) with(values map[string]string) (Service, error) {
	if len(s.Provider.Parameters) == 0 {
		return s, nil
	}
	open := s.open
	if open == nil {
		open = &opened{s.Provider, s.Hosts}
	}
	p, err := open.provider.Resolve(values)
	if err != nil {
		return s, err
	}
	hosts, err := provider.ParseHosts(p.API.Hosts)
	if err != nil {
		return s, err
	}
	known := hosts.Strings()
	for _, rule := range open.hosts { // has those that the person approved
		if !slices.Contains(known, rule.String()) {
			hosts = append(hosts, rule)
		}
	}
	s.open, s.values, s.Provider, s.Hosts = open, maps.Clone(values), p, hosts
	return s, nil
}

// opened is a service before any value was filled in.
type opened struct {
	provider provider.Provider
	hosts    provider.HostSet
}

// asked fills in what the person gives, or gave for the connection that is there.
func (m *Manager) asked(s Service, q Request) (Service, error) {
	old, found, err := m.find(q.Agent, q.Service, q.Account)
	if err != nil {
		return s, err
	}
	if !found || !old.madeBy(s.Provider) {
		old.Values = nil
	}
	values, err := s.Provider.Asked(q.Params, old.Values)
	if err != nil {
		return s, err
	}
	return s.with(values)
}

// learn adds what the provider has said. Fault: denied, when it is none of its own.
func (s Service) learn(from string, said map[string]string) (Service, error) {
	if len(s.Provider.Parameters) == 0 {
		return s, nil
	}
	values, err := s.original().Learn(s.values, from, said)
	if err != nil {
		return s, err
	}
	return s.with(values)
}

func (s Service) original() provider.Provider {
	if s.open == nil {
		return s.Provider
	}
	return s.open.provider
}

// fromCallback is learn with what came back from the authorization page.
func (s Service) fromCallback(cb oauth.Callback) (Service, error) {
	said := map[string]string{}
	for key, source := range s.original().LearntFrom(provider.FromCallback) {
		said[key] = cb.Said[source]
	}
	return s.learn(provider.FromCallback, said)
}

// ofRun fills in the values of the connection that a run uses, when there is one.
func (s *Session) ofRun(service Service) (Service, error) {
	if len(service.Provider.Parameters) == 0 {
		return service, nil
	}
	r, found, _, err := s.m.pick(s.ref.Agent, service.Key, s.ref.Account)
	if err != nil || !found || !r.madeBy(service.Provider) {
		return service, err
	}
	return service.with(r.Values)
}

// of is the service of a connection, with its values.
func (m *Manager) of(ctx context.Context, r record) (Service, error) {
	s, err := m.Agents.Service(ctx, r.Agent, r.Service)
	if err != nil || !r.madeBy(s.Provider) {
		return s, err
	}
	return s.with(r.Values)
}

func encodeValues(values map[string]string) string {
	raw, _ := json.Marshal(values) // a map of strings always encodes
	return string(raw)
}

func decodeValues(text string) map[string]string {
	var values map[string]string
	if json.Unmarshal([]byte(text), &values) != nil {
		return nil
	}
	return values
}

// another tells that the connection was made anew for another account's place
// while s was at work.
func (r record) another(s Service) error {
	if s.open == nil || maps.Equal(s.values, r.Values) {
		return nil
	}
	return fault.New(fault.Conflict, r.Agent+" was connected anew in the meantime.", "Try again.")
}
