package plugin

import (
	"regexp"
	"strings"
)

var eventForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]{0,63}$`)

// Occasions: what an automation may run for that is no matter of time. An event
// names the agent it comes from as well, as in "when daily-weather ok".
const (
	OnConnect = "when connected"
	OnWebhook = "when called"
	OnTasks   = "when its tasks are due" // those that the agent makes for itself
	onEvent   = "when "
)

// IsOccasion tells whether a schedule is an occasion.
func IsOccasion(schedule string) bool { return strings.HasPrefix(schedule, "when ") }

// OnEvent is the occasion of an event of an agent.
func OnEvent(agent, event string) string { return onEvent + agent + " " + event }

// Occasion is what the trigger runs for, "" where that is a matter of time.
func (t Trigger) Occasion() string {
	switch t.Type {
	case "connect":
		return OnConnect
	case "webhook":
		return OnWebhook
	case "tasks":
		return OnTasks
	case "plugin_event":
		if t.Plugin == "" {
			return "" // the platform says nothing of its fields
		}
		return OnEvent(t.Plugin, t.EventName())
	}
	return ""
}

// EventName is the event that the trigger wants; a run that ended well is one.
func (t Trigger) EventName() string {
	if t.Event == "" {
		return EventOK
	}
	return t.Event
}

// Events that every agent has: how a run of it ended.
const (
	EventOK     = "run.ok"
	EventFailed = "run.failed"
)

// IsEventName tells whether text can be the name of an event.
func IsEventName(text string) bool { return eventForm.MatchString(text) }

// eventProblem completes a sentence that begins with the place of the trigger.
func (t Trigger) eventProblem() string {
	if t.Plugin != "" && !nameForm.MatchString(t.Plugin) {
		return "plugin must be the name of an agent, such as daily-weather"
	}
	if t.Event != "" && !IsEventName(t.Event) {
		return "event must be a name such as run.ok"
	}
	return ""
}
