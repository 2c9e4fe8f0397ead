package plugin

import (
	"strconv"
	"strings"
	"time"
)

// Bounds of an interval.
const (
	shortestInterval = time.Minute
	longestInterval  = 366 * 24 * time.Hour
)

// OnStart is the schedule of what runs whenever the application starts.
const OnStart = "start"

// ParseInterval reads "15m" or a number of seconds. The problem completes a
// sentence that begins with the interval, and is "" when there is none.
func ParseInterval(text string) (every time.Duration, problem string) {
	every, err := time.ParseDuration(text)
	if err != nil {
		seconds, wrong := strconv.ParseFloat(text, 64)
		if wrong != nil || seconds != seconds {
			return 0, "is no interval; write it like 15m, or as a number of seconds"
		}
		every = time.Duration(min(max(seconds, 0), 1e9) * float64(time.Second))
	}
	if every < shortestInterval || every > longestInterval {
		return 0, "is out of range; an interval lasts from one minute to one year"
	}
	return every.Truncate(time.Second), ""
}

// Schedule is when the author wants it to run: a cron expression, an interval
// such as 15m, or OnStart. It is "" where the occasion is no matter of time.
func (t Trigger) Schedule() string {
	switch t.Type {
	case "cron":
		text, _ := t.Default.(string)
		return strings.Join(strings.Fields(text), " ")
	case "interval":
		every, problem := ParseInterval(t.interval())
		if problem != "" {
			return ""
		}
		return short(every)
	case OnStart:
		return OnStart
	}
	return ""
}

// interval is the default as text, "" when there is none.
func (t Trigger) interval() string {
	switch value := t.Default.(type) {
	case string:
		return value
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	return ""
}

// short is the duration without parts that are zero at its end: 15m, 1h30m, 2h.
func short(d time.Duration) string {
	text := d.String()
	if d%time.Minute == 0 {
		text = strings.TrimSuffix(text, "0s")
	}
	if d%time.Hour == 0 {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
