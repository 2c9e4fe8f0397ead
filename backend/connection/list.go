package connection

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"pie/backend/fault"
	"pie/backend/store"
)

// defaultService is the key of an agent's only service.
const defaultService = "default"

// longestLabel bounds the label of an account, in bytes.
const longestLabel = 64

func checkLabel(label string) error {
	control := strings.ContainsFunc(label, func(r rune) bool { return !unicode.IsGraphic(r) || r == '/' })
	if len(label) > longestLabel || !utf8.ValidString(label) || control || strings.TrimSpace(label) != label {
		return fault.New(fault.Invalid, "The label of the account cannot be used.",
			"Use a short name of up to 64 letters without a slash, such as work.")
	}
	return nil
}

// pick finds the connection that label means: the one of that label; without a
// label the only one there is, else the one without a label.
func (m *Manager) pick(agent, service, label string) (r record, found bool, labels []string, err error) {
	service = cmp.Or(service, defaultService)
	all, err := m.recordsOf(agent, service)
	for _, each := range all {
		labels = append(labels, each.Label)
		if each.Label == label || label == "" && len(all) == 1 {
			r, found = each, true
		}
	}
	return r, found, labels, err
}

// one is pick for people. Fault: not_found.
func (m *Manager) one(agent, service, label string) (record, error) {
	r, found, labels, err := m.pick(agent, service, label)
	if err == nil && !found {
		err = noSuch(fault.NotFound, agent, cmp.Or(service, defaultService), label, labels)
	}
	return r, err
}

// noSuch says what there is instead.
func noSuch(code fault.Code, agent, service, label string, labels []string) error {
	known := strings.Join(labels, ", ")
	switch {
	case len(labels) == 0 && code == fault.Reconnect:
		return notConnected(agent, service)
	case len(labels) == 0:
		return fault.New(code, fmt.Sprintf("%s has no such connection.", agent), "Run pie connections to see them.")
	case label == "":
		return fault.New(code, fmt.Sprintf("%s has several accounts and none was chosen: %s.", agent, known), "Choose one with --account.")
	}
	return fault.New(code, fmt.Sprintf("%s has no account named %s. There is: %s.", agent, label, known), connectHint(agent, service, label))
}

func notConnected(agent, service string) error {
	return fault.New(fault.Reconnect, fmt.Sprintf("%s is not connected.", agent), connectHint(agent, service, ""))
}

func connectHint(agent, service, label string) string {
	hint := "Run pie connect " + agent
	if service != defaultService && service != "" {
		hint += " --service " + service
	}
	if label != "" {
		hint += fmt.Sprintf(" --account %q", label)
	}
	return hint + "."
}

// ended is the fault of a connection that needs the person, with its cause.
func (m *Manager) ended(r record) error {
	hint := connectHint(r.Agent, r.Service, r.Label)
	if problem := m.problem(r); problem != nil && problem.Code == fault.Reconnect {
		return fault.New(fault.Reconnect, problem.Message, hint)
	}
	return fault.New(fault.Reconnect, fmt.Sprintf("%s must be connected again.", r.Agent), hint)
}

const ranOut = "The access has run out, and this service gives no way to renew it without you."

func (m *Manager) problem(r record) *fault.Problem {
	if r.ranOut(m.Now()) {
		return &fault.Problem{Code: fault.Reconnect, Message: ranOut, Hint: "Connect again."}
	}
	return r.Problem
}

// shape is the record for people.
func (m *Manager) shape(r record) Connection {
	c := Connection{
		ID: r.ID, Agent: r.Agent, Service: r.Service, Label: r.Label, Provider: r.Provider, Kind: r.Kind,
		Account: r.Account, Status: r.status(m.Now()), Access: r.Access,
		Scopes:      Scopes{list(r.Requested), list(r.Granted)},
		ConnectedAt: &r.ConnectedAt, ExpiresAt: r.ExpiresAt, RefreshedAt: r.RefreshedAt,
		LastUsedAt: r.LastUsedAt, CheckedAt: r.CheckedAt, Renews: r.Renewable, Refreshes: r.Refreshes, Resent: r.Resent, Problem: m.problem(r),
		Parameters: maps.Clone(r.Values),
	}
	if r.Granted == nil {
		c.Scopes.Granted = list(r.Requested) // RFC 6749, section 5.1: silence means all
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if at, ok := m.used[r.ID]; ok {
		c.LastUsedAt = &at
	}
	return c
}

func list(in []string) []string {
	if in == nil {
		return []string{}
	}
	return slices.Clone(in)
}

// List returns the connections of agent, or of all when it is empty, and the
// services that have none yet. A connection whose agent asks for more than it
// did at the sign-in shows needs_more.
func (m *Manager) List(ctx context.Context, agent string) ([]Connection, error) {
	services, err := m.Agents.Services(ctx, agent)
	if err != nil {
		return nil, err
	}
	known := make(map[serviceKey]*Service, len(services))
	for i := range services {
		known[serviceKey{services[i].Agent, services[i].Key}] = &services[i]
	}
	all := make([]record, 0, len(services))
	err = m.Store.View(func(tx *store.Tx) error {
		return m.shelf.each(tx, "", func(_ string, r record) error {
			if agent == "" || r.Agent == agent {
				all = append(all, r)
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	out, seen := make([]Connection, 0, len(all)+len(services)), make(map[serviceKey]bool, len(services))
	for i := range all {
		key := serviceKey{all[i].Agent, all[i].Service}
		seen[key] = true
		if s := known[key]; s != nil {
			out = append(out, m.compared(s, &all[i]))
		} else {
			out = append(out, m.shape(all[i]))
		}
	}
	for i := range services {
		if !seen[serviceKey{services[i].Agent, services[i].Key}] {
			out = append(out, absent(&services[i]))
		}
	}
	slices.SortFunc(out, func(a, b Connection) int {
		return cmp.Or(cmp.Compare(a.Agent, b.Agent), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Label, b.Label))
	})
	return out, nil
}

// serviceKey names a service of an agent.
type serviceKey struct{ agent, service string }

// compared is shape with what the agent asks for today. It does not change r.
func (m *Manager) compared(s *Service, r *record) Connection {
	if r.misplaced(&s.Provider) {
		settled := m.settle(*s, *r)
		r = &settled
	}
	c := m.shape(*r)
	if r.Kind != kindOAuth || c.Status != Connected {
		return c
	}
	if missing := s.Provider.Missing(s.Scopes, r.Requested); r.Requested != nil && len(missing) > 0 {
		c.Status, c.Problem = NeedsMore, missingScopes(*s, missing)
	}
	return c
}

func absent(s *Service) Connection {
	return Connection{
		Agent: s.Agent, Service: s.Key, Provider: s.Provider.ID, Kind: kindOAuth, Status: NotConnected, Access: AccessFull,
		Scopes: Scopes{list(s.Scopes), []string{}},
	}
}

// SetAccess changes what a connection may be used for. Without a label it is the
// only connection there is. Faults: not_found, invalid.
func (m *Manager) SetAccess(agent, service, label, access string) (Connection, error) {
	if !slices.Contains([]string{AccessFull, AccessAsk, AccessRead}, access) {
		return Connection{}, fault.New(fault.Invalid, "The access must be full, ask or read.", "Use one of the three words.")
	}
	r, err := m.one(agent, service, label)
	if err != nil {
		return Connection{}, err
	}
	r, err = m.change(r, func(r *record) { r.Access = access })
	return m.shape(r), err
}
