package automation_test

import (
	"slices"
	"testing"
	"time"

	"pie/backend/automation"
	"pie/backend/fault"
)

func zones() []string {
	return []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo"}
}

func parse(tb testing.TB, text, zone string, anchor time.Time) automation.Schedule {
	tb.Helper()
	s, err := automation.ParseSchedule(text, zone, anchor)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func between(s automation.Schedule, from, to time.Time) []time.Time {
	var out []time.Time
	for at := s.Next(from); !at.IsZero() && !at.After(to); at = s.Next(at) {
		out = append(out, at.UTC())
	}
	return out
}

// firstOfEachDay watches a clock minute by minute: what is planned for hh:mm
// happens in the first minute of a date that reads hh:mm or later.
func firstOfEachDay(place *time.Location, from, to time.Time, hour, minute int) []time.Time {
	var out []time.Time
	last := 0
	for at := from.Add(-48 * time.Hour); !at.After(to); at = at.Add(time.Minute) {
		wall := at.In(place)
		date := wall.Year()*1000 + wall.YearDay()
		if date > last && wall.Hour()*60+wall.Minute() >= hour*60+minute {
			last = date
			if at.After(from) {
				out = append(out, at.UTC())
			}
		}
	}
	return out
}

func TestDailyTimesThroughClockChanges(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 1, 1, 0, 30, 0, 0, time.UTC)
	for _, zone := range zones() {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			place, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			to := from.AddDate(1, 0, 0)
			for text, at := range map[string][2]int{"30 2 * * *": {2, 30}, "15 0 * * *": {0, 15}, "45 1 * * *": {1, 45}, "30 23 * * *": {23, 30}, "0 12 * * *": {12, 0}} {
				got := between(parse(t, text, zone, from), from, to)
				if want := firstOfEachDay(place, from, to, at[0], at[1]); !slices.Equal(got, want) {
					t.Errorf("%s: %d times, want %d: %v", text, len(got), len(want), differ(got, want))
				}
			}
		})
	}
}

func differ(got, want []time.Time) []time.Time {
	var out []time.Time
	for _, at := range got {
		if !slices.Contains(want, at) {
			out = append(out, at)
		}
	}
	for _, at := range want {
		if !slices.Contains(got, at) {
			out = append(out, at)
		}
	}
	return out
}

func TestHourlyTimesGoByWhatPasses(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 3, 1, 0, 0, 30, 0, time.UTC)
	for _, zone := range zones() {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			place, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			to := from.AddDate(0, 9, 0)
			var want []time.Time
			for at := from.Truncate(time.Minute).Add(time.Minute); !at.After(to); at = at.Add(time.Minute) {
				wall := at.In(place)
				if wall.Minute()%20 == 7 && (wall.Weekday() == time.Sunday || wall.Weekday() == time.Saturday) {
					want = append(want, at)
				}
			}
			if got := between(parse(t, "7/20 * * * 0,6", zone, from), from, to); !slices.Equal(got, want) {
				t.Errorf("%d times, want %d: %v", len(got), len(want), differ(got, want))
			}
		})
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, zone, after, want string }{
		"leap day":                   {"0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
		"leap day past a century":    {"0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"},
		"every minute of a leap day": {"* * 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
		"leap day on a Sunday":       {"0 0 29 2 */7", "UTC", "2026-01-01T00:00:00Z", "2032-02-29T00:00:00Z"},
		"either day":                 {"0 9 13 * 5", "UTC", "2026-06-05T10:00:00Z", "2026-06-12T09:00:00Z"},
		"skipped hour":               {"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
		"skipped hour, several":      {"*/10 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"},
		"repeated hour":              {"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
		"repeated hour, once":        {"30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
		"a day that was left out":    {"0 12 30 12 *", "Pacific/Apia", "2011-12-29T00:00:00Z", "2011-12-30T10:00:00Z"},
		"interval":                   {"15m", "UTC", "2026-01-01T00:20:00Z", "2026-01-01T00:30:00Z"},
		"interval on its time":       {"900", "UTC", "2026-01-01T00:30:00Z", "2026-01-01T00:45:00Z"},
		"interval before its anchor": {"15m", "UTC", "2025-01-01T00:00:00Z", "2026-01-01T00:15:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := parse(t, c.text, c.zone, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
			after, err := time.Parse(time.RFC3339, c.after)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Next(after).UTC().Format(time.RFC3339); got != c.want {
				t.Errorf("next is %s, want %s", got, c.want)
			}
		})
	}
}

func TestScheduleThatIsNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string][2]string{
		"nothing": {"", "UTC"}, "a word": {"tomorrow", "UTC"}, "30 February": {"0 0 30 2 *", "UTC"},
		"no zone on earth": {"0 7 * * *", "Mars/Olympus"}, "a zone without a name": {"0 7 * * *", "Local"}, "too often": {"5s", "UTC"},
	} {
		if _, err := automation.ParseSchedule(c[0], c[1], time.Time{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if next := parse(t, "start", "UTC", time.Time{}).Next(time.Now()); !next.IsZero() {
		t.Errorf("start is due at %v", next)
	}
}
