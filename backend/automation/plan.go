package automation

import (
	"hash/fnv"
	"slices"
	"time"

	"pie/backend/history"
)

const (
	grace      = 2 * time.Minute // a time is missed when it passed longer ago
	window     = 24 * time.Hour  // that MissedAll makes up for
	wrongClock = 24 * time.Hour  // a clock set back further than this was wrong before
	mostCount  = 1000
	mostTries  = 4
	longestAsk = 24 * time.Hour   // that a server may ask for; what is put off longer is not tried again
	consider   = 30 * time.Second // before a run that makes up for missed times, so that a person can edit it
)

// passed finds the times after from and up to to: the latest and how many, of
// which it counts mostCount.
func passed(s Schedule, from, to time.Time) (latest time.Time, count int) {
	for at := s.Next(from); !at.IsZero() && !at.After(to); at = s.Next(at) {
		latest, count = at, count+1
		if count == mostCount {
			return lastOf(s, latest, to), count
		}
	}
	return latest, count
}

// lastOf is the last time up to to, found from near to far so that a year of
// minutes is not walked; known is one of the times.
func lastOf(s Schedule, known, to time.Time) time.Time {
	for _, span := range []time.Duration{time.Hour, 24 * time.Hour, 31 * 24 * time.Hour, 366 * 24 * time.Hour} {
		from := later(known, to.Add(-span))
		at := s.Next(from)
		if at.IsZero() || at.After(to) {
			if from.Equal(known) {
				return known
			}
			continue
		}
		for next := at; !next.IsZero() && !next.After(to); next = s.Next(next) {
			at = next
		}
		return at
	}
	return known
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// owe keeps a row to be written; rows of the same kind become one.
func (r *Record) owe(id, status, reason string, at time.Time, count int) {
	if count == 0 {
		return
	}
	if n := len(r.Owed); n > 0 && r.Owed[n-1].Status == status && r.Owed[n-1].Reason == reason {
		r.Owed[n-1].At, r.Owed[n-1].Count = at, r.Owed[n-1].Count+count
		return
	}
	r.Owed = append(r.Owed, Note{ID: id, Status: status, At: at, Count: count, Reason: reason})
}

// settle forgets what was pending.
func (r *Record) settle() {
	r.Pending, r.Item, r.Held, r.Waits, r.Attempts = time.Time{}, 0, nil, "", 0
}

// hold lets what is pending wait.
func (r *Record) hold(now time.Time, d time.Duration) {
	if d > 0 {
		r.Held = &Held{now, now.Add(d)}
	}
}

// held tells until when it waits, the zero time when it does not.
func (r *Record) held(now time.Time) time.Time {
	if r.Held == nil || !r.Held.Until.After(now) {
		return time.Time{}
	}
	if now.Before(r.Held.Since) { // the clock was set back
		r.Held = &Held{now, now.Add(r.Held.Until.Sub(r.Held.Since))}
	}
	return r.Held.Until
}

// plan brings the record up to now. When something is to run, it is pending and
// due is true, whatever it then waits for.
func (r *Record) plan(id string, s Schedule, now time.Time) (due bool) {
	if r.Cursor.After(now.Add(wrongClock)) {
		r.Cursor = now
	}
	if latest, count := passed(s, r.Cursor, now); count > 0 {
		r.take(id, s, now, latest, count)
	}
	if r.Begun == nil && r.Pending.IsZero() && len(r.Queue) > 0 {
		r.Pending, r.Item, r.Queue = r.Queue[0].At, r.Queue[0].Item, r.Queue[1:]
	}
	return r.Begun == nil && !r.Pending.IsZero() && r.held(now).IsZero()
}

// take deals with count times that have passed, the last of them latest.
func (r *Record) take(id string, s Schedule, now, latest time.Time, count int) {
	switch {
	case r.Choice.Missed == MissedAll && (r.Begun != nil || !r.Pending.IsZero()):
		return // one after the other
	case r.Choice.Missed == MissedAll:
		r.takeOldest(id, s, now, latest, count)
		return
	case r.Begun != nil && r.Choice.Overlap == OverlapSkip:
		r.owe(id, history.Skipped, "The run before had not ended.", latest, count)
	case r.Begun != nil:
		if !r.Pending.IsZero() {
			count++
		}
		r.owe(id, history.Skipped, "A later run was queued already.", latest, count-1)
		r.settle()
		r.Pending = latest
	default:
		r.takeLatest(id, now, latest, count)
	}
	r.Cursor = latest
}

// why tells for what reason times passed without a run.
func (r *Record) why() string {
	switch r.Waits {
	case ForVault:
		return "The vault was locked."
	case ForNetwork:
		return "The network was not there."
	case ForBattery:
		return "The computer was saving its battery."
	case ForPerson:
		return "It was held back."
	}
	return "PIE Desktop was not running, or the computer slept."
}

// takeLatest makes one run of all times, or of the one that is not missed.
func (r *Record) takeLatest(id string, now, latest time.Time, count int) {
	reason, waits, held := r.why(), r.Waits, r.Held
	late := now.Sub(latest) > grace
	if !r.Pending.IsZero() && r.Attempts == 0 {
		count++ // it never ran
	}
	if r.Choice.Missed == MissedSkip && late && waits == "" {
		r.owe(id, history.Missed, reason, latest, count)
		r.settle()
		r.absent(now, latest, count, true, reason)
		return
	}
	fresh := r.Pending.IsZero() || r.Attempts > 0
	r.owe(id, history.Missed, reason+" A later run made up for it.", latest, count-1)
	r.settle()
	r.Pending, r.Waits = latest, waits
	if late || waits != "" {
		r.absent(now, latest, count-1, false, reason)
	}
	switch {
	case !fresh:
		r.Held = held
	case late:
		r.hold(now, consider)
	default:
		r.hold(now, r.jitter(id, latest))
	}
}

// takeOldest makes a run of the oldest time within the window.
func (r *Record) takeOldest(id string, s Schedule, now, latest time.Time, count int) {
	first := s.Next(r.Cursor)
	if now.Sub(first) > window {
		edge := now.Add(-window)
		late, gone := passed(s, r.Cursor, edge)
		reason := "It was due more than a day before it could run."
		r.owe(id, history.Missed, reason, late, min(gone, count))
		r.absent(now, late, min(gone, count), true, reason)
		r.Cursor = edge
		if first = s.Next(edge); first.IsZero() || first.After(now) {
			return
		}
	}
	if now.Sub(latest) > grace && (r.Absent == nil || r.Absent.Until.Before(latest)) {
		r.absent(now, latest, 0, false, r.why())
		r.hold(now, consider)
	} else if now.Sub(first) <= grace {
		r.hold(now, r.jitter(id, first))
	}
	r.Pending, r.Cursor = first, first
}

// jitter is by how much the run of a time is put off: the same each time it is
// asked, and other for each automation and time.
func (r *Record) jitter(id string, at time.Time) time.Duration {
	if r.Choice.Jitter <= 0 {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(id + at.UTC().Format(time.RFC3339)))
	return time.Duration(h.Sum64() % uint64(r.Choice.Jitter)).Truncate(time.Second) // #nosec G115 -- positive, at most an hour
}

// begin writes down that what is pending is being run.
func (r *Record) begin(id string, now time.Time) Due {
	due := Due{ID: id, RunID: history.NewID(now), At: r.Pending, Account: r.Choice.Account, Attempt: r.Attempts + 1}
	r.Begun = &Begun{due.At, due.Attempt, due.RunID, r.Item}
	r.settle()
	return due
}

// clone is a copy that can be changed without changing r.
func (r *Record) clone() Record {
	c := *r
	c.Owed, c.Queue = slices.Clone(r.Owed), slices.Clone(r.Queue)
	if r.Absent != nil {
		absent := *r.Absent
		c.Absent = &absent
	}
	return c
}
