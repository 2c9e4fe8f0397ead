package app

import (
	"context"
	"strings"

	"pie/backend"
	"pie/backend/connection"
)

// DisconnectSheet says what stops when a connection ends.
type DisconnectSheet struct {
	Connection  connection.Connection   `json:"connection"`
	Stops       []string                `json:"stops"`       // agents that lose access
	Callers     []string                `json:"callers"`     // agents that may call it
	Automations []StoppedAutomation     `json:"automations"` // that are on and would fail from then on
	Shared      []connection.Connection `json:"shared"`      // would end with it if it were revoked: same app, same account
	ManageURL   string                  `json:"manage_url"`
}

// StoppedAutomation is an automation that would fail.
type StoppedAutomation struct {
	ID          string `json:"id"`
	Agent       string `json:"agent"`
	Schedule    string `json:"schedule"`
	Description string `json:"description"`
	Shared      bool   `json:"shared"` // only if it is revoked, because its connection shares the grant
}

// DisconnectPreview tells what stops when a connection ends. Fault: not_found.
func (s *Connections) DisconnectPreview(q ConnectionRef) (DisconnectSheet, error) {
	blast, err := s.backend.Connections.Blast(context.Background(), q.Agent, service(q.Service), q.Account)
	if err != nil {
		return DisconnectSheet{}, err
	}
	sheet := DisconnectSheet{Connection: blast.Connection, Stops: []string{q.Agent}, Shared: blast.Shared, Automations: []StoppedAutomation{}}
	stops, err := s.backend.StopsOf(q.Agent, blast.Connection.Label)
	if err != nil {
		return sheet, err
	}
	sheet.Callers = stops.Callers
	sheet.add(s.automations(stops.Automations), false)
	for _, other := range blast.Shared {
		stops, err := s.backend.StopsOf(other.Agent, other.Label)
		if err != nil {
			return sheet, err
		}
		sheet.add(s.automations(stops.Automations), true)
	}
	services, err := s.backend.Services(context.Background(), q.Agent)
	if err != nil {
		return sheet, nil //nolint:nilerr // an agent whose files are gone can still be disconnected
	}
	for _, each := range services {
		if each.Key == service(q.Service) {
			sheet.ManageURL = each.Provider.Links.Manage
		}
	}
	return sheet, nil
}

// add adds automations that are not there yet.
func (d *DisconnectSheet) add(list []StoppedAutomation, shared bool) {
	for _, each := range list {
		known := false
		for _, before := range d.Automations {
			known = known || before.ID == each.ID
		}
		if !known {
			each.Shared = shared
			d.Automations = append(d.Automations, each)
		}
	}
}

// automations describes automations that are on. One whose agent cannot be read
// keeps its id alone.
func (s *Connections) automations(ids []string) []StoppedAutomation {
	out := []StoppedAutomation{}
	known, err := s.backend.Automations.All()
	if err != nil {
		return out
	}
	for _, id := range ids {
		agent, _, _ := strings.Cut(id, "/")
		each := StoppedAutomation{ID: id, Agent: agent, Schedule: known[id].Choice.Schedule}
		if _, trigger, err := s.backend.Trigger(id); err == nil {
			each.Description = trigger.Description
		}
		out = append(out, each)
	}
	return out
}

// Disconnect revokes, deletes and makes a new key.
func (s *Connections) Disconnect(q DisconnectRequest) (connection.Disconnected, error) {
	return s.backend.Disconnect(context.Background(), q.Agent, service(q.Service), q.Account,
		connection.DisconnectOptions{Forget: q.Forget, Everywhere: q.Everywhere})
}

// Panic takes every access back at its service, deletes it here, and keeps a
// receipt. A service that does not confirm is told in its row. Fault: locked,
// before anything is done.
func (s *Connections) Panic() (backend.Panicked, error) { return s.backend.Panic(context.Background()) }
