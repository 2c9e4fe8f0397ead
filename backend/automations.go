package backend

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"pie/backend/automation"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/plugin"
	"pie/backend/task"
)

// Triggers of runs that nobody asked for by hand.
const (
	AutomationTrigger = "automation" // the clock
	WebhookTrigger    = "webhook"
	ConnectTrigger    = "connect"
	EventTrigger      = "plugin_event"
)

// scheduler does what the loop of automations decides.
type scheduler struct{ b *Backend }

var _ automation.Runner = scheduler{}

// Run runs the agent for a due time, or for what was posted.
func (s scheduler) Run(ctx context.Context, due automation.Due) (automation.Outcome, error) {
	q, err := s.b.request(ctx, due)
	if err != nil {
		return automation.Outcome{}, err
	}
	var o automation.Outcome
	called := false
	q.heed = func(d *desk) { o.Busy, o.RetryAfter, called = d.heard() }
	run, err := s.b.Run(ctx, q)
	if err != nil && run.ID == "" {
		return automation.Outcome{}, err
	}
	o.RunID, o.Status = run.ID, run.Status
	if run.Error != nil {
		o.Code = run.Error.Code
	}
	o.Wrote = called || s.b.mayHaveWritten(run)
	return o, nil
}

// mayHaveWritten tells whether a request of the run that changes something may
// have reached a server. Where that cannot be told it may have.
func (b *Backend) mayHaveWritten(run history.Run) bool {
	sent, err := b.SentWrites(run)
	return len(sent) > 0 || err != nil
}

// SentWrites are the requests of a run that may have changed something, as the
// audit has them.
func (b *Backend) SentWrites(run history.Run) ([]history.AuditRow, error) {
	rows, err := b.History.AuditOf(run)
	if err != nil {
		return nil, err
	}
	out := []history.AuditRow{}
	for _, row := range rows {
		if row.Decision == "sent" && !reads(row.Method) {
			out = append(out, row)
		}
	}
	return out, nil
}

func reads(method string) bool { return method == "GET" || method == "HEAD" || method == "OPTIONS" }

// Note keeps times at which nothing ran among the runs, and a run that was begun
// when the program ended, unless it is there already.
func (s scheduler) Note(ctx context.Context, n automation.Note) error {
	if n.RunID != "" {
		if found, err := s.b.History.Has(n.RunID); found || err != nil {
			return err
		}
	}
	agent, _, _ := strings.Cut(n.ID, "/")
	text := n.Reason
	if n.Count > 1 {
		text = fmt.Sprintf("%s It stands for %d times.", n.Reason, n.Count)
	}
	trigger, hint := AutomationTrigger, "See when it runs next: pie automation next "+n.ID
	if automation.IsTask(n.ID) {
		trigger, hint = task.Trigger, "See what there is: pie automation list"
	}
	run := history.Run{
		ID: cmp.Or(n.RunID, history.NewID(n.At)), Agent: agent, Function: "handler", Trigger: trigger, Status: n.Status,
		Error:     fault.Public(fault.New(fault.Canceled, text, hint)),
		StartedAt: n.At.UTC(),
	}
	if err := s.b.History.SaveRun(ctx, run); err != nil {
		return err
	}
	s.b.options.Notify("run", run.ID)
	return nil
}

// Ready tells whether the vault is open.
func (s scheduler) Ready() bool { return s.b.unlocked() }

func (b *Backend) unlocked() bool { return b.Vault.Status(context.Background()).State == "unlocked" }

// Trigger is what an id such as agent/0 names; without a number it is the first
// trigger. agent/tasks is all that the agent plans for itself, of type tasks, and
// agent/task-… one of that, of type task. Faults: not_found, conflict (changed
// files).
func (b *Backend) Trigger(id string) (*plugin.Package, plugin.Trigger, error) {
	agent, text, numbered := strings.Cut(id, "/")
	p, _, err := b.Agents.Get(agent)
	if err != nil {
		return nil, plugin.Trigger{}, err
	}
	if numbered && (id == automation.TasksOf(agent) || automation.IsTask(id)) {
		all, err := b.Automations.All()
		if err != nil {
			return nil, plugin.Trigger{}, err
		}
		t, err := b.TaskTrigger(p, id, all)
		return p, t, err
	}
	n := 0
	if numbered {
		if n, err = strconv.Atoi(text); err != nil || strconv.Itoa(n) != text {
			n = -1
		}
	}
	if p.Manifest.Automation == nil || n < 0 || n >= len(p.Manifest.Automation.Triggers) {
		return nil, plugin.Trigger{}, fault.New(fault.NotFound, "There is no automation "+quote(id)+".", "See what there is: pie automation list")
	}
	return p, p.Manifest.Automation.Triggers[n], nil
}

// AutomationID is the whole id of what id names.
func AutomationID(id string) string {
	if strings.Contains(id, "/") {
		return id
	}
	return id + "/0"
}

// StartAutomations begins to run what is due and to keep connections alive, for a
// program that stays.
func (b *Backend) StartAutomations() {
	b.startTending()
	if err := b.Automations.Start(); err != nil {
		b.options.Log.Error("starting automations", "error", err)
	}
	b.webhooks.start(b)
	stop := b.trims
	b.hooks.Go(func() { b.trimDaily(stop) })
}
