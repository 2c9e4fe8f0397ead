package backend

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"pie/backend/automation"
	"pie/backend/fault"
	"pie/backend/plugin"
	"pie/backend/task"
)

// taskRequest is the run of a task that is due, which nobody attends. Faults:
// not_found, locked.
func (b *Backend) taskRequest(ctx context.Context, due automation.Due) (RunRequest, error) {
	agent, id, _ := strings.Cut(due.ID, "/")
	if _, _, err := b.Agents.Get(agent); err != nil {
		return RunRequest{}, err
	}
	t, err := b.task(ctx, agent, due.ID)
	if err != nil {
		return RunRequest{}, err
	}
	all, err := b.Automations.All()
	if err != nil {
		return RunRequest{}, err
	}
	q := RunRequest{
		Agent: agent, Function: t.Function, Account: t.Account, Trigger: task.Trigger, runID: due.RunID, background: true, chain: t.Chain,
	}
	if account := all[automation.TasksOf(agent)].Choice.Account; account != "" {
		q.Account = account // the person's say, for all of them
	}
	q.Input, err = t.InputFor(id, due.At)
	return q, err
}

// TaskTrigger is what an id names that is not in the manifest of p: a task, or all
// that the agent plans for itself. all are the records that there are. Fault:
// not_found.
func (b *Backend) TaskTrigger(p *plugin.Package, id string, all map[string]automation.Record) (plugin.Trigger, error) {
	_, there := all[id]
	if id == automation.TasksOf(p.Name) && (there || p.PlansTasks()) {
		return plugin.Trigger{Type: "tasks", Description: "What it plans for itself"}, nil
	}
	if !there || !automation.IsTask(id) {
		return plugin.Trigger{}, fault.New(fault.NotFound, "There is no automation "+quote(id)+".", "See what there is: pie automation list")
	}
	out := plugin.Trigger{Type: task.Trigger}
	if b.Opens() {
		if t, err := b.task(context.Background(), p.Name, id); err == nil {
			out.Description = t.Name
		}
	}
	return out, nil
}

// enableTask turns on again what the person had turned off. Its times are the
// agent's. Faults: invalid, conflict, not_found.
func (b *Backend) enableTask(p *plugin.Package, id string, c automation.Choice) error {
	if c.Schedule != "" {
		return fault.New(fault.Invalid, "The agent itself says when its task runs.", "Turn it on without a schedule.")
	}
	if !b.allowed(p.Name) {
		return fault.New(fault.Conflict, "What "+p.Name+" plans for itself is off.", "Turn that on first: pie automation enable "+automation.TasksOf(p.Name))
	}
	all, err := b.Automations.All()
	if err != nil {
		return err
	}
	_, err = b.Automations.Enable(id, all[id].Choice)
	return err
}

// forgetAutomations deletes what was turned on of an agent and what it planned,
// and destroys the key that the latter was sealed with.
func (b *Backend) forgetAutomations(ctx context.Context, agent string) error {
	all, err := b.Automations.All()
	if err != nil {
		return err
	}
	if err := b.Automations.Forget(agent); err != nil {
		return err
	}
	if _, planned := all[automation.TasksOf(agent)]; !planned {
		return nil
	}
	return b.Vault.Shred(ctx, agent, "tasks")
}

// pretended is the book of a run in which nothing is done: what is planned in it
// ends with the run. It is used by one call at a time.
type pretended struct {
	known []Planned
	made  int
}

func (p *pretended) all(context.Context) ([]Planned, error) { return slices.Clone(p.known), nil }

func (p *pretended) put(_ context.Context, id string, t task.Task) (Planned, error) {
	if at := p.find(id); at >= 0 {
		p.known[at].Task = t
		return p.known[at], nil
	}
	if len(p.known) >= automation.MostTasks {
		return Planned{}, automation.TooMany()
	}
	p.made++
	made := Planned{fmt.Sprintf("task-dry-%d", p.made), t, automation.Record{Enabled: true, Anchor: t.CreatedAt}}
	p.known = append(p.known, made)
	return made, nil
}

func (p *pretended) drop(_ context.Context, id string) error {
	if at := p.find(id); at >= 0 {
		p.known = slices.Delete(p.known, at, at+1)
	}
	return nil
}

func (p *pretended) find(id string) int {
	return slices.IndexFunc(p.known, func(each Planned) bool { return each.ID == id })
}
