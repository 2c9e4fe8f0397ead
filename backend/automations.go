package backend

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"pie/backend/automation"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/plugin"
)

// AutomationTrigger is the Trigger of a run that the clock began.
const AutomationTrigger = "automation"

// scheduler does what the loop of automations decides.
type scheduler struct{ b *Backend }

var _ automation.Runner = scheduler{}

// Run runs the agent for a due time.
func (s scheduler) Run(ctx context.Context, due automation.Due) (automation.Outcome, error) {
	p, trigger, err := s.b.Trigger(due.ID)
	if err != nil {
		return automation.Outcome{}, err
	}
	run, err := s.b.Run(ctx, RunRequest{
		Agent: p.Name, Account: due.Account, Trigger: AutomationTrigger, Input: automationInput(trigger, due.At),
	})
	if err != nil && run.ID == "" {
		return automation.Outcome{}, err
	}
	return outcomeOf(run), nil
}

// automationInput is what the code gets as its input.
func automationInput(t plugin.Trigger, at time.Time) json.RawMessage {
	raw, err := json.Marshal(map[string]any{"triggeredBy": t.Type, "scheduledFor": at.UTC()})
	if err != nil {
		return nil
	}
	return raw
}

func outcomeOf(run history.Run) automation.Outcome {
	o := automation.Outcome{RunID: run.ID, Status: run.Status}
	if run.Error != nil {
		o.Code = run.Error.Code
	}
	o.Wrote = slices.ContainsFunc(run.Requests, func(q history.Request) bool {
		return q.Method != http.MethodGet && q.Method != http.MethodHead
	})
	return o
}

// Note keeps times at which nothing ran among the runs.
func (s scheduler) Note(ctx context.Context, n automation.Note) error {
	agent, _, _ := strings.Cut(n.ID, "/")
	text := n.Reason
	if n.Count > 1 {
		text = fmt.Sprintf("%s It stands for %d times.", n.Reason, n.Count)
	}
	run := history.Run{
		ID: history.NewID(n.At), Agent: agent, Function: "handler", Trigger: AutomationTrigger, Status: n.Status,
		Error:     fault.Public(fault.New(fault.Canceled, text, "See when it runs next: pie automation next "+n.ID)),
		StartedAt: n.At.UTC(),
	}
	if err := s.b.History.SaveRun(ctx, run); err != nil {
		return err
	}
	s.b.options.Notify("run", run.ID)
	return nil
}

// Ready tells whether the vault is open.
func (s scheduler) Ready() bool { return s.b.Vault.Status(context.Background()).State == "unlocked" }

// Trigger is what an id such as agent/0 names; without a number it is the first
// trigger. Faults: not_found, conflict (changed files).
func (b *Backend) Trigger(id string) (*plugin.Package, plugin.Trigger, error) {
	agent, text, numbered := strings.Cut(id, "/")
	p, _, err := b.Agents.Get(agent)
	if err != nil {
		return nil, plugin.Trigger{}, err
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

// EnableAutomation turns an automation on; an empty schedule is the author's.
// Faults: not_found, invalid.
func (b *Backend) EnableAutomation(id string, c automation.Choice) error {
	p, trigger, err := b.Trigger(id)
	if err != nil {
		return err
	}
	if c.Schedule == "" {
		c.Schedule = trigger.Schedule()
	}
	if c.Schedule == "" {
		return fault.New(fault.Invalid, "The author of "+p.Name+" names no time for this automation.", `Give it a schedule, such as "0 7 * * *" or 15m.`)
	}
	c.Schedule, c.Zone = strings.Join(strings.Fields(c.Schedule), " "), b.options.Env.TimeZone
	_, err = b.Automations.Enable(AutomationID(id), c)
	return err
}

// DisableAutomation turns an automation off. Fault: not_found.
func (b *Backend) DisableAutomation(id string) error {
	if _, _, err := b.Trigger(id); err != nil {
		return err
	}
	return b.Automations.Disable(AutomationID(id))
}

// RunAutomation runs an automation now, as its schedule would. Faults: those of Run.
func (b *Backend) RunAutomation(ctx context.Context, id string) (history.Run, error) {
	p, trigger, err := b.Trigger(id)
	if err != nil {
		return history.Run{}, err
	}
	all, err := b.Automations.All()
	if err != nil {
		return history.Run{}, err
	}
	now := time.Now().UTC()
	run, err := b.Run(ctx, RunRequest{
		Agent: p.Name, Account: all[AutomationID(id)].Choice.Account, Input: automationInput(trigger, now),
	})
	if run.ID == "" {
		return run, err
	}
	if kept := b.Automations.Ran(AutomationID(id), automation.Last{Due: now, Status: run.Status, RunID: run.ID}); err == nil {
		err = kept
	}
	return run, err
}

// StartAutomations begins to run what is due, for a program that stays.
func (b *Backend) StartAutomations() {
	if err := b.Automations.Start(); err != nil {
		b.options.Log.Error("starting automations", "error", err)
	}
}
