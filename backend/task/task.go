// Package task owns what an agent may say to plan work for itself: the words that
// context.tasks takes, their bounds, and the shape that the code gets back. Keeping
// and running is package automation's; nothing in here stores or starts anything.
//
// The platform names context.tasks and no method or field of it, so these are this
// program's own.
package task

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"pie/backend/agent"
	"pie/backend/automation"
	"pie/backend/fault"
	"pie/backend/plugin"
)

// Bounds of a task.
const (
	MaxInput  = 64 << 10         // bytes of JSON
	maxName   = 200              // characters
	maxParams = MaxInput + 8<<10 // of all that describes a task
	soonest   = time.Minute      // from now; what is to run sooner runs then
	farthest  = 10               // years from now
)

// Kinds of a task.
const (
	Once     = "once"
	Cron     = "cron"
	Interval = "interval"
)

// Task is one task as it is kept, sealed: names and inputs are people's words.
type Task struct {
	Name      string          `json:"name"`
	Function  string          `json:"function"`
	Input     json.RawMessage `json:"input"` // an object
	Schedule  string          `json:"schedule"`
	Zone      string          `json:"zone"`
	Missed    string          `json:"missed"`
	Overlap   string          `json:"overlap"`
	Account   string          `json:"account"`         // label that the run which made it had
	Chain     []string        `json:"chain,omitempty"` // agents whose events led to that run
	CreatedAt time.Time       `json:"created_at"`
	UpdatedAt time.Time       `json:"updated_at"`
}

// Kind tells by what the schedule goes.
func (t Task) Kind() string {
	if strings.HasPrefix(t.Schedule, "at ") {
		return Once
	}
	if _, problem := plugin.ParseInterval(t.Schedule); problem == "" {
		return Interval
	}
	return Cron
}

// Choice is what the scheduler is told.
func (t Task) Choice() automation.Choice {
	return automation.Choice{Schedule: t.Schedule, Zone: t.Zone, Missed: t.Missed, Overlap: t.Overlap}
}

// Around is what a task is read in.
type Around struct {
	Now       time.Time
	Zone      string   // the person's, IANA
	Functions []string // that the agent has
}

// New reads what context.tasks.create was given. Faults: invalid, limited.
func New(params []byte, a Around) (Task, error) {
	t := Task{Function: "handler", Input: json.RawMessage("{}"), Zone: a.Zone, Missed: automation.MissedOnce, Overlap: automation.OverlapSkip, CreatedAt: a.Now}
	t, err := t.With(params, a)
	switch {
	case err != nil:
		return Task{}, err
	case t.Name == "":
		return Task{}, bad("A task needs a name, which tells the person what it is for.", "Add name: 'Water the plants'.")
	case t.Schedule == "":
		return Task{}, bad("A task needs a time.", "Give it one of at, in, every and cron.")
	}
	return t, nil
}

// With is the task with what context.tasks.update was given. What is not named
// stays. Faults: invalid, limited.
func (t Task) With(params []byte, a Around) (Task, error) {
	if len(params) > maxParams {
		return t, tooLarge()
	}
	fields, err := object(params)
	if err != nil {
		return t, err
	}
	read := map[string]func(json.RawMessage) error{
		"name": func(raw json.RawMessage) error { return t.readName(raw) }, "input": func(raw json.RawMessage) error { return t.readInput(raw) },
		"function": func(raw json.RawMessage) error { return t.readFunction(raw, a.Functions) }, "zone": func(raw json.RawMessage) error { return text(raw, "zone", &t.Zone) },
		"missed": func(raw json.RawMessage) error { return text(raw, "missed", &t.Missed) }, "overlap": func(raw json.RawMessage) error { return text(raw, "overlap", &t.Overlap) },
	}
	times := 0
	for _, name := range names(fields) {
		switch do := read[name]; {
		case slices.Contains(timed, name):
			times++
		case do == nil:
			return t, bad(fmt.Sprintf("A task has no %q.", cut(name)), "It has name, one of at, in, every and cron, and input, function, zone, missed and overlap.")
		default:
			if err := do(fields[name]); err != nil {
				return t, err
			}
		}
	}
	if times > 1 {
		return t, bad("A task has one time: at, in, every or cron.", "Leave the others out.")
	}
	if err := t.readTimes(fields, a.Now); err != nil { // in the zone that was read
		return t, err
	}
	t.UpdatedAt = a.Now
	if t.Schedule == "" {
		return t, nil
	}
	if times == 0 && t.Kind() == Once { // it may be under way
		return t, checkPolicies(t)
	}
	_, err = t.Choice().First(a.Now)
	return t, err
}

// checkPolicies holds all but the time of what runs once. Fault: invalid.
func checkPolicies(t Task) error {
	c := t.Choice()
	c.Schedule = "1h"
	_, err := c.First(t.UpdatedAt)
	return err
}

func (t *Task) readName(raw json.RawMessage) error {
	if err := text(raw, "name", &t.Name); err != nil {
		return err
	}
	t.Name = strings.TrimSpace(t.Name)
	if t.Name == "" || utf8.RuneCountInString(t.Name) > maxName || strings.ContainsFunc(t.Name, unicode.IsControl) {
		return bad("The name of a task is one line of 1 to 200 characters.", "Put what is longer into input.")
	}
	return nil
}

func (t *Task) readInput(raw json.RawMessage) error {
	if string(raw) == "null" {
		raw = json.RawMessage("{}")
	}
	if len(raw) > MaxInput {
		return tooLarge()
	}
	if len(raw) == 0 || raw[0] != '{' {
		return bad("The input of a task is an object.", "For example: input: { action: 'remind', id: 7 }.")
	}
	t.Input = bytes.Clone(raw)
	return agent.CheckInput(raw)
}

func (t *Task) readFunction(raw json.RawMessage, known []string) error {
	if err := text(raw, "function", &t.Function); err != nil {
		return err
	}
	if !slices.Contains(known, t.Function) {
		return bad(fmt.Sprintf("The agent has no function %q that a task could run.", cut(t.Function)), "It has "+strings.Join(known, ", ")+".")
	}
	return nil
}

func tooLarge() error {
	return fault.New(fault.Limited, "The input of a task is larger than 64 KB.", "Keep what is larger with context.files, and its name in the input.")
}

func bad(message, hint string) error { return fault.New(fault.Invalid, message, hint) }
