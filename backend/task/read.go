package task

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"pie/backend/automation"
	"pie/backend/plugin"
)

// timed are the names of which one says when a task runs.
var timed = []string{"at", "in", "every", "cron"}

// object reads a stranger's object by its names.
func object(raw []byte) (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || raw[0] != '{' || json.Unmarshal(raw, &fields) != nil {
		return nil, bad("What describes a task is an object.", "For example: context.tasks.create({ name: 'Tea', in: '5m', input: { cups: 2 } }).")
	}
	for name, value := range fields {
		fields[name] = bytes.TrimSpace(value)
	}
	return fields, nil
}

func names(fields map[string]json.RawMessage) []string { return slices.Sorted(maps.Keys(fields)) }

// text reads a text. Fault: invalid.
func text(raw json.RawMessage, name string, into *string) error {
	var value *string
	if err := json.Unmarshal(raw, &value); err != nil || value == nil {
		return bad("The "+name+" of a task is a text.", "Leave it out for the usual one.")
	}
	*into = *value
	return nil
}

// readTimes reads when the task runs, where that is told.
func (t *Task) readTimes(fields map[string]json.RawMessage, now time.Time) error {
	place, err := time.LoadLocation(t.Zone)
	if err != nil || t.Zone == "Local" || t.Zone == "" {
		return bad("The time zone of the task is not known.", "Use an IANA name such as Europe/Berlin, or leave it out for the person's own.")
	}
	for _, name := range timed {
		raw, named := fields[name]
		if !named {
			continue
		}
		var err error
		switch name {
		case "at":
			err = t.readAt(raw, place, now)
		case "in":
			var after time.Duration
			if after, err = span(raw, name); err == nil {
				t.Schedule = automation.At(whole(now.Add(after)))
			}
		case "every":
			var every time.Duration
			if every, err = span(raw, name); err == nil {
				t.Schedule = plugin.Trigger{Type: "interval", Default: every.String()}.Schedule()
			}
		case "cron":
			err = t.readCron(raw)
		}
		return err
	}
	return nil
}

// readAt reads a time: ISO 8601, or milliseconds since 1970 as JavaScript counts
// them. Without an offset it is on the clock of place.
func (t *Task) readAt(raw json.RawMessage, place *time.Location, now time.Time) error {
	at, err := moment(raw, place)
	switch {
	case err != nil:
		return bad("The time of the task cannot be read.", "Give at a Date, or a text such as '2027-02-28T18:00' or '2027-02-28T18:00:00+01:00'.")
	case !at.After(now):
		return bad("The time of the task has passed already.", "Name a time to come.")
	case at.After(now.AddDate(farthest, 0, 0)):
		return bad("The time of the task is more than ten years away.", "Name a nearer time.")
	case at.Before(now.Add(soonest)):
		at = now.Add(soonest)
	}
	t.Schedule = automation.At(whole(at))
	return nil
}

// whole is the time in whole seconds, none of them too early.
func whole(at time.Time) time.Time { return at.Add(time.Second - 1).Truncate(time.Second) }

func moment(raw json.RawMessage, place *time.Location) (time.Time, error) {
	var ms float64
	if json.Unmarshal(raw, &ms) == nil && string(raw) != "null" {
		if ms != ms || ms < 0 || ms > 1e14 {
			return time.Time{}, errors.New("out of range")
		}
		return time.UnixMilli(int64(ms)).UTC(), nil
	}
	var written string
	if err := text(raw, "at", &written); err != nil {
		return time.Time{}, err
	}
	if at, err := time.Parse(time.RFC3339, written); err == nil {
		return at.UTC(), nil
	}
	for _, form := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(form, written, place); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, errors.New("another form")
}

// span reads how long: 15m, or a number of seconds as in the manifest.
func span(raw json.RawMessage, name string) (time.Duration, error) {
	written := string(raw)
	if strings.HasPrefix(written, `"`) {
		if err := text(raw, name, &written); err != nil {
			return 0, err
		}
	} else if _, err := strconv.ParseFloat(written, 64); err != nil {
		return 0, bad("The "+name+" of a task is a text or a number of seconds.", "Write it like '15m', or 900.")
	}
	every, problem := plugin.ParseInterval(written)
	if problem != "" {
		return 0, bad("The "+name+" of the task "+problem+".", "Write it like '15m', or 900 for as many seconds.")
	}
	return every, nil
}

func (t *Task) readCron(raw json.RawMessage) error {
	var written string
	if err := text(raw, "cron", &written); err != nil {
		return err
	}
	written = strings.Join(strings.Fields(written), " ")
	if _, problem := plugin.ParseCron(written); problem != "" {
		return bad("The cron of the task "+problem+".", "Write it like '0 7 * * 1-5': minute, hour, day, month, day of the week.")
	}
	t.Schedule = written
	return nil
}

// cut shortens what a stranger wrote to what fits in a sentence.
func cut(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return text
}
