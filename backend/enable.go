package backend

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"pie/backend/automation"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/plugin"
	"pie/backend/task"
)

// EnableAutomation turns an automation on; what is empty takes its default: the
// author's times, this computer's zone, and waiting for the network where the
// agent needs one. Turning it on is the person's consent to what it runs for.
// Faults: not_found, invalid.
func (b *Backend) EnableAutomation(id string, c automation.Choice) error {
	p, trigger, err := b.Trigger(id)
	if err != nil {
		return err
	}
	if trigger.Type == task.Trigger {
		return b.enableTask(p, id, c)
	}
	if c.Schedule, err = b.scheduleFor(p, trigger, strings.Join(strings.Fields(c.Schedule), " ")); err != nil {
		return err
	}
	c.Zone = cmp.Or(c.Zone, b.options.Env.TimeZone)
	if err := checkZone(c.Zone); err != nil {
		return err
	}
	if c.Network == "" && b.reachesOut(p) {
		c.Network = automation.Wait
	}
	if _, err = b.Automations.Enable(AutomationID(id), c); err != nil {
		return err
	}
	b.webhooks.changed(b)
	return nil
}

// ReadSchedule reads a schedule that a person is thinking about as EnableAutomation
// would take it now. Faults: not_found, invalid.
func (b *Backend) ReadSchedule(id, text, zone string) (automation.Schedule, error) {
	p, trigger, err := b.Trigger(id)
	if err != nil {
		return nil, err
	}
	if text, err = b.scheduleFor(p, trigger, strings.Join(strings.Fields(text), " ")); err != nil {
		return nil, err
	}
	zone = cmp.Or(zone, b.options.Env.TimeZone)
	if err := checkZone(zone); err != nil {
		return nil, err
	}
	return automation.ParseSchedule(text, zone, time.Now().UTC())
}

func checkZone(zone string) error {
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return fault.New(fault.Invalid, "There is no time zone "+quote(zone)+".", "Use an IANA name such as Europe/Berlin.")
	}
	return nil
}

// scheduleFor is the person's schedule, or the author's where that is empty.
func (b *Backend) scheduleFor(p *plugin.Package, t plugin.Trigger, text string) (string, error) {
	occasion := t.Occasion()
	switch {
	case occasion != "" && text != "" && text != occasion:
		return "", fault.New(fault.Invalid, "This automation runs when something happens, so it takes no times.", "Turn it on without a schedule.")
	case t.Type == "plugin_event":
		return occasion, b.checkEvent(p, t)
	case occasion != "":
		return occasion, nil
	case plugin.IsOccasion(text):
		return "", fault.New(fault.Invalid, "The author of "+p.Name+" names no such occasion for this automation.", `Give it a schedule, such as "0 7 * * *" or 15m.`)
	case text == "" && t.Schedule() == "":
		return "", fault.New(fault.Invalid, "The author of "+p.Name+" names no time for this automation.", `Give it a schedule, such as "0 7 * * *" or 15m.`)
	}
	return cmp.Or(text, t.Schedule()), nil
}

// checkEvent refuses an event that can never come. Faults: invalid, not_found.
func (b *Backend) checkEvent(p *plugin.Package, t plugin.Trigger) error {
	switch t.Plugin {
	case "":
		return fault.New(fault.Invalid, p.Name+" does not say which agent's events it wants.", "Its author names one: plugin in the trigger.")
	case p.Name:
		return fault.New(fault.Invalid, p.Name+" would run for its own events, and never stop.", "Its author names another agent.")
	}
	if _, _, err := b.Agents.Get(t.Plugin); err != nil {
		return fault.Wrap(err, fault.NotFound, p.Name+" runs for events of "+t.Plugin+", which is not installed.", "Install "+t.Plugin+" first.")
	}
	return nil
}

// reachesOut tells whether the agent uses hosts beyond this computer.
func (b *Backend) reachesOut(p *plugin.Package) bool {
	for _, key := range p.ServiceKeys() {
		service, block, err := services{b}.describe(p.Name, key)
		if err == nil && block.Provider != practiceID && slices.ContainsFunc(service.Hosts.Strings(), isAway) {
			return true
		}
	}
	hosts, err := services{b}.NetworkHosts(context.Background(), p.Name)
	return err == nil && slices.ContainsFunc(hosts.Strings(), isAway)
}

func isAway(host string) bool {
	host = strings.TrimPrefix(strings.TrimPrefix(host, "https://"), "http://")
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host != "localhost" && (err != nil || !ip.IsLoopback())
}

// DisableAutomation turns an automation off. Fault: not_found.
func (b *Backend) DisableAutomation(id string) error {
	if _, _, err := b.Trigger(id); err != nil {
		return err
	}
	err := b.Automations.Disable(AutomationID(id))
	b.webhooks.changed(b)
	return err
}

// RunAutomation runs an automation now, as its schedule would, or as a webhook
// with payload would when there is one. Faults: those of Run, limited for a
// payload over 256 KB.
func (b *Backend) RunAutomation(ctx context.Context, id string, payload []byte) (history.Run, error) {
	p, trigger, err := b.Trigger(id)
	if err != nil {
		return history.Run{}, err
	}
	if len(payload) > mostPayload {
		return history.Run{}, tooLarge()
	}
	all, err := b.Automations.All()
	if err != nil {
		return history.Run{}, err
	}
	now := time.Now().UTC()
	q := RunRequest{Agent: p.Name, Account: all[AutomationID(id)].Choice.Account}
	switch {
	case trigger.Type == "tasks":
		return history.Run{}, fault.New(fault.Invalid, "What "+p.Name+" plans for itself is no single run.", "Run one of its tasks; see pie automation list.")
	case trigger.Type == task.Trigger && len(payload) > 0:
		return history.Run{}, fault.New(fault.Invalid, "A task has an input of its own.", "Run it without a payload.")
	case trigger.Type == task.Trigger:
		if q, err = b.taskRequest(ctx, automation.Due{ID: id, At: now}); err != nil {
			return history.Run{}, err
		}
		q.Trigger, q.background = "", false // the person is there
	case len(payload) > 0:
		q.Function, q.Input = functionFor(p, trigger), inputOf(trigger.Type, now, posted{Data: asJSON(payload)})
	default:
		q.Input = inputOf(trigger.Type, now, posted{})
	}
	run, err := b.Run(ctx, q)
	if run.ID == "" {
		return run, err
	}
	if kept := b.Automations.Ran(AutomationID(id), automation.Last{Due: now, Status: run.Status, RunID: run.ID}); err == nil {
		err = kept
	}
	return run, err
}
