package automation

import (
	"time"

	"pie/backend/fault"
	"pie/backend/history"
)

// Troubles that a person is told of, once each until it is over.
const (
	TroubleFailed = "failed"  // it failed twice, one run after the other
	TroubleSignIn = "sign_in" // its account has to be connected again
	TroubleLocked = "locked"  // it waits for the vault
	TroubleAsk    = "ask"     // it may have changed something, and was not run again
	TroubleTasks  = "tasks"   // an agent made a task, and the person has not said whether it may
)

// Ask is a run that did not end well after it may have changed something, or
// whose end is not known. Only the person says whether it is to be run again.
type Ask struct {
	Due    time.Time `json:"due"`
	RunID  string    `json:"run"`
	Status string    `json:"status"`
	Item   uint64    `json:"item,omitempty"`
}

// backoff is how long to wait after each attempt that met a fault which can heal.
func backoff(attempt int) time.Duration {
	return []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}[min(attempt, mostTries-1)-1]
}

// finish writes down how a run ended, and whether it is to be tried again. It
// returns a trouble that the person is to be told of, and whether what was posted
// for the run is used up.
func (r *Record) finish(due Due, o Outcome, err error, now time.Time) (trouble string, used bool) {
	item := uint64(0)
	if r.Begun != nil {
		item = r.Begun.Item
	}
	r.Begun = nil
	switch {
	case fault.Is(err, fault.Locked):
		r.again(due, item, due.Attempt-1)
		r.Waits = ForVault
		r.hold(now, tick)
		return r.tell(TroubleLocked), false
	case fault.Is(err, fault.NotFound):
		r.Enabled = false
	case err != nil: // nothing ran
	default:
		r.Last = &Last{Due: due.At, Status: o.Status, RunID: o.RunID}
	}
	heals := err != nil && canHeal(fault.CodeOf(err)) || err == nil && o.heals()
	if heals && o.Wrote {
		r.Ask = &Ask{due.At, o.RunID, o.Status, item}
		return r.tell(TroubleAsk), false
	}
	if heals && r.Choice.Retry != RetryNever && r.Enabled && r.Pending.IsZero() && due.Attempt < mostTries && o.RetryAfter <= longestAsk {
		r.again(due, item, due.Attempt)
		r.hold(now, max(backoff(due.Attempt), o.RetryAfter))
		return "", false
	}
	if err != nil {
		r.owe(due.ID, history.Skipped, fault.Public(err).Message, due.At, 1)
	}
	return r.ended(o.Status), true
}

// again lets the time run once more, unless a later one is pending already.
func (r *Record) again(due Due, item uint64, attempts int) {
	if r.Pending.IsZero() {
		r.Pending, r.Item, r.Attempts = due.At, item, attempts
	}
}

// ended counts runs that failed one after the other.
func (r *Record) ended(status string) (trouble string) {
	switch status {
	case history.OK:
		r.Streak, r.Told = 0, ""
	case history.RequiresAuth:
		return r.tell(TroubleSignIn)
	case history.Failed, history.Stopped:
		if r.Streak++; r.Streak >= 2 {
			return r.tell(TroubleFailed)
		}
	}
	return ""
}

// tell returns the trouble the first time, and "" while the person knows of it.
func (r *Record) tell(trouble string) string {
	if r.Told == trouble && trouble != TroubleAsk {
		return ""
	}
	r.Told = trouble
	return trouble
}

// heals tells whether another attempt may end better.
func (o Outcome) heals() bool {
	return o.Status == history.Failed && (canHeal(o.Code) || o.Busy)
}

func canHeal(code fault.Code) bool { return code == fault.Offline || code == fault.Limited }
