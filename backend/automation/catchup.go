package automation

import (
	"time"

	"pie/backend/fault"
	"pie/backend/history"
)

// Absent is what became of the times that passed while nothing could run, since
// the person last read of it.
type Absent struct {
	Since   time.Time `json:"since"`   // up to when all was dealt with
	Until   time.Time `json:"until"`   // the last of the times
	Missed  int       `json:"missed"`  // for which another run stands
	Skipped int       `json:"skipped"` // that were left out, as was chosen
	Reason  string    `json:"reason"`
}

// absent adds count times, the last of them at, to what the person is to read.
func (r *Record) absent(now, at time.Time, count int, skipped bool, reason string) {
	a := Absent{Since: r.Cursor, Reason: reason}
	if r.Absent != nil && now.Sub(r.Absent.Until) < 366*24*time.Hour {
		a = *r.Absent
	}
	a.Until, a.Reason = at, reason
	if skipped {
		a.Skipped += count
	} else {
		a.Missed += count
	}
	r.Absent = &a
}

// What a person decides about a run that is pending.
const (
	DecideRun  = "run"  // at once
	DecideSkip = "skip" // leave it out
	DecideHold = "hold" // until it is decided otherwise
)

// Decide changes what becomes of the run of an automation that is pending, or of
// the one that it asks about. Faults: invalid, not_found when there is none.
func (l *Loop) Decide(id, decision string) error {
	if decision != DecideRun && decision != DecideSkip && decision != DecideHold {
		return fault.New(fault.Invalid, "There is no such decision.", "Use run, skip or hold.")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	done := false
	var used uint64
	err := l.edit(id, func(r *Record) { done, used = r.decide(id, decision) })
	if err != nil {
		return err
	}
	if !done {
		return fault.New(fault.NotFound, "No run of "+id+" is waiting.", "See what there is: pie automation catchup")
	}
	if used > 0 {
		l.drop(id, used)
	}
	l.changed(id)
	return nil
}

// decide applies the decision; used is what was posted and is not needed now.
func (r *Record) decide(id, decision string) (done bool, used uint64) {
	if r.Ask != nil && decision != DecideHold {
		ask := *r.Ask
		r.Ask = nil
		if decision == DecideRun && r.Pending.IsZero() {
			r.Pending, r.Item = ask.Due, ask.Item
			return true, 0
		}
		return true, ask.Item
	}
	if r.Pending.IsZero() {
		return false, 0
	}
	switch decision {
	case DecideRun:
		r.Held, r.Waits = nil, ""
	case DecideHold:
		r.Held, r.Waits = nil, ForPerson
	case DecideSkip:
		r.owe(id, history.Skipped, "You left it out.", r.Pending, 1)
		used = r.Item
		r.settle()
	}
	return true, used
}

// Read forgets what became of times that were missed: the person has read it.
func (l *Loop) Read() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range l.ids() {
		if l.entries[id].record.Absent == nil {
			continue
		}
		if err := l.edit(id, func(r *Record) { r.Absent = nil }); err != nil {
			return err
		}
	}
	l.changed("")
	return nil
}
