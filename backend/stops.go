package backend

import (
	"context"
	"slices"
	"strings"

	"pie/backend/automation"
	"pie/backend/connection"
)

// Stops is what no longer works when an agent loses a connection.
type Stops struct {
	Automations []string // that are on, of the agent and of its callers, by id; agent/tasks for what it plans
	Callers     []string // agents that may call it
}

// StopsOf tells what stops with a connection of an agent. account is its label:
// an automation that uses another goes on; "" counts all. Agents that cannot be
// read call nobody.
func (b *Backend) StopsOf(agent, account string) (Stops, error) {
	out := Stops{Automations: []string{}, Callers: []string{}}
	names, err := b.Agents.List()
	if err != nil {
		return out, err
	}
	for _, name := range names {
		_, installed, err := b.Agents.Get(name)
		if err == nil && name != agent && slices.Contains(installed.Approved.Calls, agent) {
			out.Callers = append(out.Callers, name)
		}
	}
	known, err := b.Automations.All()
	if err != nil {
		return out, err
	}
	for id, r := range known {
		owner, _, _ := strings.Cut(id, "/")
		uses := owner == agent && (account == "" || r.Choice.Account == "" || r.Choice.Account == account)
		if r.Enabled && !automation.IsTask(id) && (uses || slices.Contains(out.Callers, owner)) {
			out.Automations = append(out.Automations, id)
		}
	}
	slices.Sort(out.Automations)
	return out, nil
}

// Disconnect ends a connection and names what stopped with it: agents, and
// automations by id. Faults: those of connection.Manager.DisconnectWith.
func (b *Backend) Disconnect(ctx context.Context, agent, service, label string, o connection.DisconnectOptions) (connection.Disconnected, error) {
	done, err := b.Connections.DisconnectWith(ctx, agent, service, label, o)
	if err != nil {
		return done, err
	}
	b.addStops(&done)
	return done, nil
}

func (b *Backend) addAllStops(gone []connection.Disconnected) {
	for i := range gone {
		b.addStops(&gone[i])
	}
}

// addStops adds what stopped with the agents that have lost their access.
func (b *Backend) addStops(done *connection.Disconnected) {
	for _, agent := range slices.Clone(done.Stopped) {
		label := ""
		if agent == done.Connection.Agent {
			label = done.Connection.Label
		}
		stops, err := b.StopsOf(agent, label)
		if err != nil {
			b.options.Log.Warn("finding what stopped", "agent", agent, "error", err)
			continue
		}
		for _, each := range append(stops.Callers, stops.Automations...) {
			if !slices.Contains(done.Stopped, each) {
				done.Stopped = append(done.Stopped, each)
			}
		}
	}
}
