package automation

import (
	"strings"
	"time"

	"pie/backend/fault"
	"pie/backend/plugin"
)

// Schedule says when something is due. Next is the first due time after the
// given one, the zero time when there is none.
type Schedule interface {
	Next(after time.Time) time.Time
}

// horizon is how far Next looks: 29 February falls on a certain day of the week
// once in 28 years, in 40 when a century comes between.
const horizon = 41

// ParseSchedule reads a cron expression, an interval such as 15m or a number of
// seconds, "at" and a time (RFC 3339), "start", or what an occasion is called. A
// cron expression is about the clock of zone, an IANA name; an interval counts
// from anchor. Fault: invalid.
func ParseSchedule(text, zone string, anchor time.Time) (Schedule, error) {
	if text == plugin.OnStart || plugin.IsOccasion(text) {
		return never{}, nil
	}
	if at, isOnce := strings.CutPrefix(text, once); isOnce {
		t, err := time.Parse(time.RFC3339, at)
		if err != nil {
			return nil, fault.New(fault.Invalid, "The time of the schedule cannot be read.", "Write it like at 2026-12-24T18:00:00+01:00.")
		}
		return atOnce{t.UTC()}, nil
	}
	place, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return nil, fault.New(fault.Invalid, "The time zone of the schedule is not known.", "Use an IANA name such as Europe/Berlin, or leave it out for the zone of this computer.")
	}
	every, badInterval := plugin.ParseInterval(text)
	if badInterval == "" {
		return interval{every, anchor.Round(0)}, nil
	}
	c, badCron := plugin.ParseCron(text)
	if badCron != "" {
		return nil, fault.New(fault.Invalid, "The schedule "+badCron+".", `Write it like "0 7 * * *" (minute, hour, day, month, day of the week), 15m, or start.`)
	}
	if c.Hours == 1<<24-1 {
		return hourly{c, place}, nil
	}
	return daily{c, place}, nil
}

// once begins the schedule of what runs one time.
const once = "at "

// At is the schedule of what runs once, at t.
func At(t time.Time) string { return once + t.UTC().Format(time.RFC3339) }

// atOnce is due one time.
type atOnce struct{ at time.Time }

func (o atOnce) Next(after time.Time) time.Time {
	if o.at.After(after) {
		return o.at
	}
	return time.Time{}
}

// never is the schedule of what the start of the application brings about.
type never struct{}

func (never) Next(time.Time) time.Time { return time.Time{} }

// interval is due at anchor plus every multiple of every.
type interval struct {
	every  time.Duration
	anchor time.Time
}

func (i interval) Next(after time.Time) time.Time {
	if after.Before(i.anchor) {
		return i.anchor.Add(i.every)
	}
	passed := after.Round(0).Sub(i.anchor)
	return i.anchor.Add(passed - passed%i.every + i.every)
}

// hourly is a cron expression that names every hour. It goes by the time that
// passes: a repeated hour has its times again and a skipped one has none.
type hourly struct {
	cron  plugin.Cron
	place *time.Location
}

func (h hourly) Next(after time.Time) time.Time {
	t := after.Round(0).In(h.place)
	t = t.Add(time.Minute - time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond()))
	for end := t.AddDate(horizon, 0, 0); t.Before(end); {
		switch {
		case h.onDay(t):
			if h.cron.Minutes>>uint(t.Minute())&1 == 1 { // #nosec G115 -- 0 to 59
				return t
			}
			t = t.Add(time.Minute)
		case h.onDay(t.Add(24 * time.Hour)):
			t = t.Add(time.Minute * time.Duration(15-t.Minute()%15))
		default:
			t = t.Add(20 * time.Hour) // no day that matches begins within it, whatever the clock does
		}
	}
	return time.Time{}
}

func (h hourly) onDay(t time.Time) bool { return h.cron.OnDay(t.Month(), t.Day(), t.Weekday()) }

// daily is a cron expression that names some hours. It goes by the calendar: a
// time in a skipped hour is due right after the jump, several such times once,
// and a time in a repeated hour is due the first time only.
type daily struct {
	cron  plugin.Cron
	place *time.Location
}

func (d daily) Next(after time.Time) time.Time {
	year, month, day := after.In(d.place).Date()
	date := time.Date(year, month, day, 0, 0, 0, 0, time.UTC) // the calendar alone
	for end := date.AddDate(horizon, 0, 0); date.Before(end); date = date.AddDate(0, 0, 1) {
		if !d.cron.OnDay(date.Month(), date.Day(), date.Weekday()) {
			continue
		}
		if t := d.onDate(date, after); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

func (d daily) onDate(date, after time.Time) time.Time {
	for hour := range 24 {
		if d.cron.Hours>>hour&1 == 0 {
			continue
		}
		for minute := range 60 {
			if d.cron.Minutes>>minute&1 == 0 {
				continue
			}
			wall := date.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
			if t := instant(wall, d.place); t.After(after) {
				return t
			}
		}
	}
	return time.Time{}
}

// instant is the first moment at which the clock of place reads wall, or the end
// of the jump that leaves wall out. time.Date promises neither.
func instant(wall time.Time, place *time.Location) time.Time {
	year, month, day := wall.Date()
	t := time.Date(year, month, day, wall.Hour(), wall.Minute(), 0, 0, place)
	start, end := t.ZoneBounds()
	switch read := reading(t); {
	case read.After(wall):
		return start
	case read.Before(wall):
		return end
	}
	if !start.IsZero() {
		_, before := start.Add(-time.Second).Zone()
		_, now := t.Zone()
		if first := t.Add(time.Duration(now-before) * time.Second); first.Before(start) && reading(first).Equal(wall) {
			return first
		}
	}
	return t
}

// reading is what the clock shows at t, as if it were in UTC.
func reading(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}
