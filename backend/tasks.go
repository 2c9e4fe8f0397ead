package backend

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"pie/backend/agent"
	"pie/backend/automation"
	"pie/backend/fault"
	"pie/backend/task"
	"pie/backend/vault"
)

const mostPlans = 200 // tasks that one run may make, change and cancel

// Planned is a task that an agent made for itself.
type Planned struct {
	ID     string // without the agent's name
	Task   task.Task
	Record automation.Record
}

// book keeps the tasks of one agent, or pretends to.
type book interface {
	all(ctx context.Context) ([]Planned, error)
	put(ctx context.Context, id string, t task.Task) (Planned, error) // a new one where id is ""
	drop(ctx context.Context, id string) error
}

// plan answers context.tasks. Faults: invalid, limited, not_found, locked.
func (d *desk) plan(ctx context.Context, c agent.Call) (agent.Reply, error) {
	if planChanges(c.Op) {
		if err := d.count(&d.plans, mostPlans, "changes of tasks"); err != nil {
			return agent.Reply{}, err
		}
	}
	p, _, err := d.b.Agents.Get(d.run.Agent)
	if err != nil {
		return agent.Reply{}, err
	}
	d.b.planning.Lock()
	defer d.b.planning.Unlock()
	var in book = kept{d.b, p.Name}
	if d.request.DryRun {
		if d.pretended == nil {
			known, err := d.b.PlannedBy(ctx, p.Name)
			if err != nil {
				return agent.Reply{}, err
			}
			d.pretended = &pretended{known: known}
		}
		in = d.pretended
		if planChanges(c.Op) {
			d.log("info", "Nothing was planned: this is a dry run.")
		}
	}
	around := task.Around{Now: d.b.now(), Zone: d.b.options.Env.TimeZone, Functions: p.Functions()}
	answer := planner{in, around, d.b.allowed(p.Name), d.request}
	value, err := answer.call(ctx, c)
	return agent.Reply{Value: value}, err
}

// planChanges tells whether a call makes, changes or cancels a task.
func planChanges(op string) bool {
	return op == "tasks.create" || op == "tasks.update" || op == "tasks.cancel"
}

// planner is what one run may do with a book.
type planner struct {
	book
	around  task.Around
	allowed bool
	request RunRequest
}

func (p planner) call(ctx context.Context, c agent.Call) (any, error) {
	if c.Op == "tasks.create" {
		t, err := task.New(c.Params, p.around)
		if err != nil {
			return nil, err
		}
		t.Account, t.Chain = p.request.Account, p.request.chain
		made, err := p.put(ctx, "", t)
		return p.shown(made), err
	}
	var q struct {
		ID      string          `json:"id"`
		Changes json.RawMessage `json:"changes"`
	}
	if err := params(c, &q); err != nil {
		return nil, err
	}
	all, err := p.all(ctx)
	if err != nil {
		return nil, err
	}
	if c.Op == "tasks.list" {
		out := make([]task.Shape, 0, len(all))
		for _, each := range all {
			out = append(out, p.shown(each))
		}
		return out, nil
	}
	at := slices.IndexFunc(all, func(each Planned) bool { return each.ID == q.ID })
	if at < 0 {
		return nil, fault.New(fault.NotFound, "There is no task of that id.", "It has run, or was canceled; context.tasks.list() has those that there are.")
	}
	switch c.Op {
	case "tasks.get":
		return p.shown(all[at]), nil
	case "tasks.cancel":
		return nil, p.drop(ctx, q.ID)
	}
	t, err := all[at].Task.With(q.Changes, p.around)
	if err != nil {
		return nil, err
	}
	changed, err := p.put(ctx, q.ID, t)
	return p.shown(changed), err
}

func (p planner) shown(each Planned) task.Shape {
	out := each.Task.Shown(each.ID, each.Record, p.allowed, p.around.Now)
	_, out.DryRun = p.book.(*pretended)
	return out
}

// kept is the book of what is really planned. The caller holds Backend.planning.
type kept struct {
	b     *Backend
	agent string
}

func (k kept) all(ctx context.Context) ([]Planned, error) { return k.b.PlannedBy(ctx, k.agent) }

func (k kept) drop(_ context.Context, id string) error {
	return k.b.Automations.Cancel(k.agent + "/" + id)
}

func (k kept) put(ctx context.Context, id string, t task.Task) (Planned, error) {
	whole := k.agent + "/" + id
	if id == "" {
		whole = automation.NewTaskID(k.agent)
	}
	raw, err := json.Marshal(t)
	if err != nil {
		return Planned{}, fmt.Errorf("encoding task: %w", err)
	}
	sealed, err := k.b.taskBox().Seal(ctx, k.agent, whole, raw)
	if err != nil {
		return Planned{}, err
	}
	if id == "" {
		asks, err := k.b.Automations.Make(whole, automation.TasksOf(k.agent), t.Choice(), sealed)
		if err != nil {
			return Planned{}, err
		}
		if asks {
			k.b.tell(whole, automation.TroubleTasks)
		}
	} else if err := k.b.Automations.Change(whole, t.Choice(), sealed); err != nil {
		return Planned{}, err
	}
	all, err := k.b.Automations.All()
	_, id, _ = strings.Cut(whole, "/")
	return Planned{id, t, all[whole]}, err
}

func (b *Backend) taskBox() sealer { return sealer{b.Vault, "tasks", "tasks"} }

// now is the time that automations go by.
func (b *Backend) now() time.Time {
	if b.options.Now != nil {
		return b.options.Now().UTC()
	}
	return time.Now().UTC()
}

// allowed tells whether the person has turned on what the agent plans for itself.
func (b *Backend) allowed(agent string) bool {
	all, err := b.Automations.All()
	return err == nil && all[automation.TasksOf(agent)].Enabled
}

// PlannedBy returns the tasks of an agent, the oldest first. Fault: locked.
func (b *Backend) PlannedBy(ctx context.Context, agent string) ([]Planned, error) {
	all, err := b.Automations.All()
	if err != nil {
		return nil, err
	}
	out := []Planned{}
	for id, record := range all {
		if record.Under != automation.TasksOf(agent) {
			continue
		}
		t, err := b.task(ctx, agent, id)
		if fault.Is(err, fault.NotFound) {
			continue // it ended in this moment
		}
		if err != nil {
			return nil, err
		}
		_, name, _ := strings.Cut(id, "/")
		out = append(out, Planned{name, t, record})
	}
	slices.SortFunc(out, func(a, b Planned) int {
		return cmp.Or(a.Task.CreatedAt.Compare(b.Task.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

// task is what a task is to do. Faults: not_found, locked.
func (b *Backend) task(ctx context.Context, agent, id string) (t task.Task, err error) {
	sealed, err := b.Automations.What(id)
	if err != nil {
		return t, err
	}
	plain, err := b.taskBox().Open(ctx, agent, id, sealed)
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal(plain, &t); err != nil {
		return t, fmt.Errorf("decoding task: %w", err)
	}
	return t, nil
}

// Opens tells whether what is sealed can be read without asking the person for a
// passphrase.
func (b *Backend) Opens() bool {
	s := b.Vault.Status(context.Background())
	return s.State == "unlocked" || s.State == "locked" && (s.Source != vault.SourcePassphrase || b.options.Env.PassphraseFile != "")
}
