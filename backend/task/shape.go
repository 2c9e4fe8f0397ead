package task

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"pie/backend/automation"
)

// Trigger is that of a run of a task.
const Trigger = "task"

// Statuses of a task, as the code sees them.
const (
	Scheduled = "scheduled"
	Waiting   = "waiting" // until the person turns on what the agent plans
	Off       = "off"     // the person turned it off
	Running   = "running"
	Held      = "held" // until the person decides about it
)

// Shape is a task as the code sees it. Of at, every and cron one is not null.
type Shape struct {
	ID        string          `json:"id"` // "" in a dry run
	Name      string          `json:"name"`
	Kind      string          `json:"kind"` // once | interval | cron
	At        *time.Time      `json:"at"`
	Every     *string         `json:"every"` // such as 15m
	Cron      *string         `json:"cron"`
	Zone      string          `json:"zone"`
	Function  string          `json:"function"`
	Input     json.RawMessage `json:"input"`
	Missed    string          `json:"missed"`
	Overlap   string          `json:"overlap"`
	Status    string          `json:"status"`  // scheduled | waiting | off | running | held
	NextRun   *time.Time      `json:"nextRun"` // null where none is certain
	LastRun   *Last           `json:"lastRun"` // null until it ran
	CreatedAt time.Time       `json:"createdAt"`
	UpdatedAt time.Time       `json:"updatedAt"`
	DryRun    bool            `json:"dryRun,omitempty"` // nothing was made or changed
}

// Last is the last run of a task.
type Last struct {
	Due    time.Time `json:"due"`
	Status string    `json:"status"` // of a run
}

// Shown is the task as its code sees it. record is the scheduler's, allowed
// whether the person has turned on what the agent plans.
func (t Task) Shown(id string, record automation.Record, allowed bool, now time.Time) Shape {
	out := Shape{
		ID: id, Name: t.Name, Kind: t.Kind(), Zone: t.Zone, Function: t.Function, Input: t.Input, Missed: t.Missed, Overlap: t.Overlap,
		Status: status(record, allowed), CreatedAt: t.CreatedAt.UTC(), UpdatedAt: t.UpdatedAt.UTC(),
	}
	switch schedule := t.Schedule; out.Kind {
	case Once:
		if at, err := time.Parse(time.RFC3339, strings.TrimPrefix(schedule, "at ")); err == nil {
			out.At = &at
		}
	case Interval:
		out.Every = &schedule
	default:
		out.Cron = &schedule
	}
	if record.Last != nil {
		out.LastRun = &Last{record.Last.Due.UTC(), record.Last.Status}
	}
	if out.Status == Scheduled || out.Status == Running && out.Kind != Once {
		out.NextRun = next(t, record, now)
	}
	return out
}

func status(r automation.Record, allowed bool) string {
	switch {
	case r.Begun != nil:
		return Running
	case !r.Enabled:
		return Off
	case !allowed:
		return Waiting
	case r.Ask != nil || r.Waits == automation.ForPerson:
		return Held
	}
	return Scheduled
}

// next is when it runs next: what is due already comes first.
func next(t Task, r automation.Record, now time.Time) *time.Time {
	if !r.Pending.IsZero() {
		return new(r.Pending.UTC())
	}
	s, err := automation.ParseSchedule(t.Schedule, t.Zone, r.Anchor)
	if err != nil {
		return nil
	}
	if at := s.Next(now); !at.IsZero() {
		return new(at.UTC())
	}
	return nil
}

// InputFor is what the function of the task gets: what was kept, and beside it why
// and for what time it runs, which nothing that was kept can pretend.
func (t Task) InputFor(id string, due time.Time) (json.RawMessage, error) {
	fields, err := object(t.Input)
	if err != nil {
		return nil, err
	}
	fields["triggeredBy"], fields["taskId"] = json.RawMessage(`"`+Trigger+`"`), quoted(id)
	fields["taskName"], fields["scheduledFor"] = quoted(t.Name), quoted(due.UTC().Format(time.RFC3339))
	raw, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("encoding input of task: %w", err)
	}
	return raw, nil
}

func quoted(text string) json.RawMessage {
	raw, err := json.Marshal(text)
	if err != nil {
		return json.RawMessage(`""`)
	}
	return raw
}
