package app

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"pie/backend"
	"pie/backend/automation"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/plugin"
)

// Automations is the service of what runs by itself.
type Automations struct {
	backend *backend.Backend
	ops     *Operations
}

// Automation is one occasion on which an agent may run by itself. What its author
// wrote into the manifest is agent/0 and so on. agent/tasks, of type tasks, stands
// for all that the agent plans for itself: turning it on is the consent to that.
// agent/task-…, of type task, is one of these, with By agent, its name as the
// description, and Allowed once agent/tasks is on.
type Automation struct {
	ID           string         `json:"id"` // agent/0
	Agent        string         `json:"agent"`
	Type         string         `json:"type"`     // cron | interval | start | connect | webhook | plugin_event | tasks | task
	Schedule     string         `json:"schedule"` // in force, "" when none is; "when …" for what is no matter of time
	Default      string         `json:"default"`  // the author's, "" when there is none
	Description  string         `json:"description"`
	Enabled      bool           `json:"enabled"`
	Next         *time.Time     `json:"next"`
	LastRun      *AutomationRun `json:"last_run"`
	MissedPolicy string         `json:"missed_policy"` // skip | once | all
	Overlap      string         `json:"overlap"`       // skip | queue
	Retry        string         `json:"retry"`         // later | never
	Account      string         `json:"account"`
	Zone         string         `json:"zone"`     // IANA name
	Network      string         `json:"network"`  // wait | ignore
	Battery      string         `json:"battery"`  // wait | ignore
	JitterS      int            `json:"jitter_s"` // seconds
	Waits        string         `json:"waits"`    // for what the due run waits: "" | vault | network | battery | person
	Until        *time.Time     `json:"until"`    // until when it is put off, null when it is not
	Queued       int            `json:"queued"`   // of what happened, still to be run
	Ask          *AutomationRun `json:"ask"`      // a run that only the person may repeat, null when there is none
	By           string         `json:"by"`       // who made it: author | agent
	Allowed      bool           `json:"allowed"`  // false for a task until the person has turned on agent/tasks
}

// AutomationRun is the last run; one that waits for the vault has no run yet.
type AutomationRun struct {
	Due    time.Time `json:"due"`
	Status string    `json:"status"` // of a run
	Run    string    `json:"run"`
}

// AutomationRef names an automation: agent/0, or agent for its first.
type AutomationRef struct {
	ID string `json:"id"`
}

// EnableRequest turns an automation on. What is empty takes its default.
type EnableRequest struct {
	ID       string `json:"id"`
	Schedule string `json:"schedule"` // cron expression, interval such as 15m, or start
	Every    string `json:"every"`    // an interval, in place of Schedule
	Zone     string `json:"zone"`     // IANA name, this computer's when empty
	Missed   string `json:"missed"`   // once (when empty) | skip | all
	Overlap  string `json:"overlap"`  // skip (when empty) | queue
	Retry    string `json:"retry"`    // later (when empty) | never: after a failure that may pass
	Account  string `json:"account"`
	Network  string `json:"network"`  // wait | ignore; what the agent needs when empty
	Battery  string `json:"battery"`  // ignore (when empty) | wait
	JitterS  int    `json:"jitter_s"` // seconds, up to 3600
}

// choice is what the request says. Fault: invalid.
func (q EnableRequest) choice() (automation.Choice, error) {
	c := automation.Choice{
		Schedule: q.Schedule, Zone: q.Zone, Missed: q.Missed, Overlap: q.Overlap, Retry: q.Retry, Account: q.Account,
		Network: q.Network, Battery: q.Battery, Jitter: time.Duration(q.JitterS) * time.Second,
	}
	if q.Every == "" {
		return c, nil
	}
	if q.Schedule != "" {
		return c, fault.New(fault.Invalid, "An automation runs at the times of a schedule or every so often, not both.", "Give it one of the two.")
	}
	if _, problem := plugin.ParseInterval(q.Every); problem != "" {
		return c, fault.New(fault.Invalid, quoted(q.Every)+" "+problem+".", "Write it like 15m or 2h.")
	}
	c.Schedule = q.Every
	return c, nil
}

// RunAutomationRequest runs an automation now.
type RunAutomationRequest struct {
	Op      string          `json:"op"`
	ID      string          `json:"id"`
	Payload json.RawMessage `json:"payload"` // as if its webhook had got it
}

// NextRequest asks for the next times: of what is in force or, with a Schedule or
// Zone, of what a person thinks about putting in its place.
type NextRequest struct {
	ID       string `json:"id"`
	Count    int    `json:"count"`    // 5 when zero, 100 at most
	Schedule string `json:"schedule"` // as in EnableRequest
	Zone     string `json:"zone"`     // IANA name
}

// List returns the automations of all installed agents. Agents that cannot be
// read are left out.
func (s *Automations) List() ([]Automation, error) {
	names, err := s.backend.Agents.List()
	if err != nil {
		return nil, err
	}
	known, err := s.backend.Automations.All()
	if err != nil {
		return nil, err
	}
	out := []Automation{}
	for _, name := range names {
		p, _, err := s.backend.Agents.Get(name)
		if err != nil {
			continue
		}
		if p.Manifest.Automation != nil {
			for i, trigger := range p.Manifest.Automation.Triggers {
				id := fmt.Sprintf("%s/%d", name, i)
				out = append(out, s.shape(id, name, trigger, known))
			}
		}
		out = append(out, s.planned(p, known)...)
	}
	return out, nil
}

func (s *Automations) shape(id, agent string, t plugin.Trigger, known map[string]automation.Record) Automation {
	r := known[id]
	a := Automation{
		ID: id, Agent: agent, Type: t.Type, Schedule: t.Schedule(), Default: t.Schedule(), Description: t.Description,
		MissedPolicy: automation.MissedOnce, Overlap: automation.OverlapSkip, Retry: automation.RetryLater, Zone: s.backend.Env().TimeZone,
		Network: automation.Ignore, Battery: automation.Ignore, Queued: len(r.Queue), Waits: r.Waits, By: "author", Allowed: true,
	}
	if r.Under != "" {
		a.By, a.Default, a.Allowed = "agent", r.Choice.Schedule, known[r.Under].Enabled
	}
	if occasion := t.Occasion(); occasion != "" {
		a.Schedule, a.Default = occasion, occasion
	}
	if r.Choice.Schedule != "" {
		c := r.Choice
		a.Schedule, a.MissedPolicy, a.Overlap, a.Account, a.Zone = c.Schedule, c.Missed, c.Overlap, c.Account, c.Zone
		a.Retry = cmp.Or(c.Retry, a.Retry)
		a.Network, a.Battery, a.JitterS = cmp.Or(c.Network, a.Network), cmp.Or(c.Battery, a.Battery), int(c.Jitter/time.Second)
	}
	if r.Held != nil && !r.Pending.IsZero() {
		a.Until = &r.Held.Until
	}
	if r.Ask != nil {
		a.Ask = &AutomationRun{Due: r.Ask.Due, Status: r.Ask.Status, Run: r.Ask.RunID}
	}
	if a.Enabled = r.Enabled; a.Enabled && a.Allowed {
		if schedule, err := automation.ParseSchedule(a.Schedule, a.Zone, r.Anchor); err == nil {
			if next := schedule.Next(time.Now()).UTC(); !next.IsZero() {
				a.Next = &next
			}
		}
	}
	switch {
	case r.Begun != nil:
		a.LastRun = &AutomationRun{Due: r.Begun.Due, Status: history.Running}
	case r.Waits != "" && !r.Pending.IsZero():
		a.LastRun = &AutomationRun{Due: r.Pending, Status: history.Waiting}
	case r.Last != nil:
		a.LastRun = &AutomationRun{Due: r.Last.Due, Status: r.Last.Status, Run: r.Last.RunID}
	}
	return a
}

// one is an automation by its id. Fault: not_found.
func (s *Automations) one(id string) (Automation, error) {
	p, trigger, err := s.backend.Trigger(id)
	if err != nil {
		return Automation{}, err
	}
	known, err := s.backend.Automations.All()
	if err != nil {
		return Automation{}, err
	}
	id = backend.AutomationID(id)
	return s.shape(id, p.Name, trigger, known), nil
}

// Enable turns an automation on. Faults: not_found, invalid.
func (s *Automations) Enable(q EnableRequest) (Automation, error) {
	choice, err := q.choice()
	if err != nil {
		return Automation{}, err
	}
	if err := s.backend.EnableAutomation(q.ID, choice); err != nil {
		return Automation{}, err
	}
	return s.one(q.ID)
}

// Disable turns an automation off. Fault: not_found.
func (s *Automations) Disable(q AutomationRef) (Automation, error) {
	if err := s.backend.DisableAutomation(q.ID); err != nil {
		return Automation{}, err
	}
	return s.one(q.ID)
}

// Run runs an automation now and returns the run however it ended.
func (s *Automations) Run(q RunAutomationRequest) (history.Run, error) {
	ctx, done, err := s.ops.begin(q.Op)
	if err != nil {
		return history.Run{}, err
	}
	defer done()
	return s.backend.RunAutomation(ctx, q.ID, payload(q.Payload))
}

// Next returns the next times of the schedule in force, of the author's while it
// is off, or of the one in the request. Faults: not_found, invalid.
func (s *Automations) Next(q NextRequest) ([]time.Time, error) {
	a, err := s.one(q.ID)
	if err != nil {
		return nil, err
	}
	out, now := []time.Time{}, time.Now().UTC()
	schedule, err := s.wanted(a, q, now)
	if err != nil || schedule == nil {
		return out, err
	}
	count := 5
	if q.Count > 0 {
		count = min(q.Count, 100)
	}
	for at := schedule.Next(now); !at.IsZero() && len(out) < count; at = schedule.Next(at) {
		out = append(out, at.UTC().Truncate(time.Second))
	}
	return out, nil
}

// wanted is the schedule that a request is about, nil where there is none.
func (s *Automations) wanted(a Automation, q NextRequest, now time.Time) (automation.Schedule, error) {
	if q.Schedule != "" || q.Zone != "" {
		return s.backend.ReadSchedule(a.ID, cmp.Or(q.Schedule, a.Schedule), cmp.Or(q.Zone, a.Zone))
	}
	if a.Schedule == "" {
		return nil, nil //nolint:nilnil // no schedule is no fault
	}
	known, err := s.backend.Automations.All()
	if err != nil {
		return nil, err
	}
	anchor := known[a.ID].Anchor
	if !a.Enabled {
		anchor = now
	}
	return automation.ParseSchedule(a.Schedule, a.Zone, anchor)
}

// payload is what stands in a request, nil for nothing.
func payload(raw json.RawMessage) []byte {
	if string(raw) == "null" {
		return nil
	}
	return raw
}

func quoted(text string) string { return strconv.Quote(text) }
