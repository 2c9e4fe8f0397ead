package app

import (
	"context"
	"fmt"

	"pie/backend"
	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/plugin"
	"pie/backend/settings"
	"pie/backend/task"
)

// AutomationSheet is what a person sees before turning an automation on: what the
// agent may do, as which accounts, and whether it may change something.
type AutomationSheet struct {
	Automation  Automation          `json:"automation"`
	Permissions []plugin.Permission `json:"permissions"`
	Accounts    []SheetAccount      `json:"accounts"`
	MayWrite    string              `json:"may_write"` // no | asks (each write waits for the person) | yes
	Says        []string            `json:"says"`      // the same and what it runs for, as sentences
	Consent     bool                `json:"consent"`   // another agent or program decides when it runs, or the agent itself
}

// SheetAccount is one account that the automation would use.
type SheetAccount struct {
	Service string `json:"service"`
	Label   string `json:"label"`
	Account string `json:"account"` // as the provider calls it, "" when that is not known
	Status  string `json:"status"`  // of a connection
	Access  string `json:"access"`  // full | ask | read
}

// Preview says what would run by itself. Fault: not_found.
func (s *Automations) Preview(q AutomationRef) (AutomationSheet, error) {
	a, err := s.one(q.ID)
	if err != nil {
		return AutomationSheet{}, err
	}
	p, trigger, err := s.backend.Trigger(a.ID)
	if err != nil {
		return AutomationSheet{}, err
	}
	connections, err := s.backend.Connections.List(context.Background(), p.Name)
	if err != nil {
		return AutomationSheet{}, err
	}
	out := AutomationSheet{Automation: a, Permissions: s.backend.Permissions(p), Accounts: []SheetAccount{}, MayWrite: "no"}
	for _, c := range connections {
		if a.Account != "" && c.Label != a.Account {
			continue
		}
		account := SheetAccount{Service: c.Service, Label: c.Label, Status: c.Status, Access: c.Access}
		if c.Account != nil {
			account.Account = c.Account.Label
		}
		out.Accounts = append(out.Accounts, account)
		out.MayWrite = stronger(out.MayWrite, c.Access)
	}
	for _, permission := range out.Permissions {
		if permission.Kind == "network" || permission.Kind == "call" {
			out.MayWrite = "yes" // nothing holds back what it sends as itself
		}
	}
	out.Consent = trigger.Type == "webhook" || trigger.Type == "plugin_event" || trigger.Type == "tasks"
	occasion := []string{occasionText(out.Automation, trigger)}
	if trigger.Type == "tasks" || trigger.Type == task.Trigger {
		occasion = s.plannedText(p, out.Automation, trigger)
	}
	out.Says = append(occasion, sentences(out)...)
	return out, nil
}

func stronger(may, access string) string {
	switch {
	case access == connection.AccessFull || may == "yes":
		return "yes"
	case access == connection.AccessAsk:
		return "asks"
	}
	return may
}

// sentences say the sheet in words, but for what it runs for.
func sentences(s AutomationSheet) []string {
	out := []string{}
	for _, a := range s.Accounts {
		switch {
		case a.Status == connection.NotConnected:
			out = append(out, "Its service "+a.Service+" is not connected yet.")
		case a.Account != "":
			out = append(out, "It works as "+a.Account+".")
		default:
			out = append(out, "It works with your access to "+a.Service+".")
		}
	}
	return append(out, map[string]string{
		"no":   "It cannot change anything outside this computer.",
		"asks": "What changes something waits for you.",
		"yes":  "It may change something without asking you.",
	}[s.MayWrite])
}

func occasionText(a Automation, t plugin.Trigger) string {
	switch t.Type {
	case "webhook":
		return "It runs whenever a program on this computer sends something to its secret address."
	case "plugin_event":
		return fmt.Sprintf("It runs whenever %s tells of %s, and gets what comes with that.", t.Plugin, t.EventName())
	case "connect":
		return "It runs whenever one of its services is connected."
	case "start":
		return "It runs whenever PIE Desktop starts."
	}
	if a.Schedule == "" {
		return "You say when it runs."
	}
	return fmt.Sprintf("It runs at its times: %s, on the clock of %s.", a.Schedule, a.Zone)
}

// WebhookRequest asks for the address of a webhook; Renew makes a new one.
type WebhookRequest struct {
	ID    string `json:"id"`
	Renew bool   `json:"renew"`
}

// Webhook returns the address of a webhook; it is a secret. Faults: not_found,
// invalid (no webhook), locked.
func (s *Automations) Webhook(q WebhookRequest) (backend.Webhook, error) {
	return s.backend.Webhook(context.Background(), q.ID, q.Renew)
}

// QuietHours are times of the day between which no notification is shown; both
// are "" for none.
type QuietHours struct {
	From string `json:"from"` // "22:00"
	To   string `json:"to"`
}

// Quiet returns the quiet hours.
func (s *Automations) Quiet() (QuietHours, error) {
	known := s.backend.Settings()
	return QuietHours{known.QuietFrom, known.QuietTo}, nil
}

// SetQuiet changes the quiet hours. Fault: invalid.
func (s *Automations) SetQuiet(q QuietHours) (QuietHours, error) {
	if q.From == "" != (q.To == "") {
		return QuietHours{}, fault.New(fault.Invalid, "Quiet hours have a beginning and an end.", "Give both times, or neither for none.")
	}
	if err := settings.CheckQuiet(q.From, q.To); err != nil {
		return QuietHours{}, err
	}
	err := s.backend.Change(func(p *settings.Settings) { p.QuietFrom, p.QuietTo = q.From, q.To })
	return q, err
}
