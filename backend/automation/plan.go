package automation

import (
	"time"

	"pie/backend/fault"
	"pie/backend/history"
)

const (
	grace      = 2 * time.Minute // a time is missed when it passed longer ago
	window     = 24 * time.Hour  // that MissedAll makes up for
	wrongClock = 24 * time.Hour  // a clock set back further than this was wrong before
	mostCount  = 1000
	mostTries  = 4
)

// backoff is how long to wait after each attempt that met a fault which can heal.
func backoff(attempt int) time.Duration {
	return []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}[min(attempt, mostTries-1)-1]
}

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
	r.Pending, r.Retry, r.Waiting, r.Attempts = time.Time{}, time.Time{}, false, 0
}

// plan brings the record up to now. When something is to run, it is pending and
// due is true. ready tells whether the vault is open.
func (r *Record) plan(id string, s Schedule, now time.Time, ready bool) (due bool) {
	if r.Cursor.After(now.Add(wrongClock)) {
		r.Cursor = now
	}
	if r.Retry.After(now.Add(backoff(mostTries))) {
		r.Retry = now
	}
	if latest, count := passed(s, r.Cursor, now); count > 0 {
		r.take(id, s, now, latest, count)
	}
	return r.Begun == nil && !r.Pending.IsZero() && (!r.Waiting || ready) && !r.Retry.After(now)
}

// take deals with count times that have passed, the last of them latest.
func (r *Record) take(id string, s Schedule, now, latest time.Time, count int) {
	switch {
	case r.Choice.Missed == MissedAll && (r.Begun != nil || !r.Pending.IsZero()):
		return // one after the other
	case r.Choice.Missed == MissedAll:
		r.takeOldest(id, s, now, count)
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

// takeLatest makes one run of all times, or of the one that is not missed.
func (r *Record) takeLatest(id string, now, latest time.Time, count int) {
	reason := "PIE Desktop was not running, or the computer slept."
	if r.Waiting {
		reason = "The vault was locked."
	}
	waiting := r.Waiting
	if !r.Pending.IsZero() && r.Attempts == 0 {
		count++ // it never ran
	}
	if r.Choice.Missed == MissedSkip && now.Sub(latest) > grace && !waiting {
		r.owe(id, history.Missed, reason, latest, count)
		r.settle()
		return
	}
	r.owe(id, history.Missed, reason+" A later run made up for it.", latest, count-1)
	r.settle()
	r.Pending, r.Waiting = latest, waiting
}

// takeOldest makes a run of the oldest time within the window.
func (r *Record) takeOldest(id string, s Schedule, now time.Time, count int) {
	first := s.Next(r.Cursor)
	if now.Sub(first) > window {
		edge := now.Add(-window)
		late, gone := passed(s, r.Cursor, edge)
		r.owe(id, history.Missed, "It was due more than a day before it could run.", late, min(gone, count))
		r.Cursor = edge
		if first = s.Next(edge); first.IsZero() || first.After(now) {
			return
		}
	}
	r.Pending, r.Cursor = first, first
}

// begin writes down that the pending time is being run.
func (r *Record) begin(id string) Due {
	due := Due{ID: id, At: r.Pending, Account: r.Choice.Account, Attempt: r.Attempts + 1}
	r.Begun = &Begun{due.At, due.Attempt}
	r.settle()
	return due
}

// finish writes down how a run ended, and whether it is to be tried again.
func (r *Record) finish(due Due, o Outcome, err error, now time.Time) {
	r.Begun = nil
	heals := err == nil && o.Status == history.Failed && canHeal(o.Code) && !o.Wrote
	switch {
	case fault.Is(err, fault.Locked):
		if r.Pending.IsZero() {
			r.Pending, r.Attempts = due.At, due.Attempt-1
		}
		r.Waiting, r.Retry = true, now.Add(tick)
		return
	case err != nil:
		r.owe(due.ID, history.Skipped, fault.Public(err).Message, due.At, 1)
		heals = canHeal(fault.CodeOf(err))
		if fault.Is(err, fault.NotFound) {
			r.Enabled = false
		}
	default:
		r.Last = &Last{Due: due.At, Status: o.Status, RunID: o.RunID}
	}
	if heals && r.Enabled && r.Pending.IsZero() && due.Attempt < mostTries {
		r.Pending, r.Retry, r.Attempts = due.At, now.Add(backoff(due.Attempt)), due.Attempt
	}
}

func canHeal(code fault.Code) bool { return code == fault.Offline || code == fault.Limited }
