// Package automation owns what runs when: schedules, the loop that finds what is
// due, and the policies for what was missed or would overlap.
//
// For each automation one record says what the person chose and how far its
// times are dealt with. That a run is begun is written before it begins, and how
// it ended in a step of its own afterwards, so a crash leaves an interrupted run
// behind and never a second one. Nothing is called the last run that did not run.
package automation

import (
	"context"
	"time"

	"pie/backend/fault"
	"pie/backend/store"
)

// Policies for times that passed while nothing could run.
const (
	MissedSkip = "skip" // leave them out
	MissedOnce = "once" // one run for all of them
	MissedAll  = "all"  // a run for each of the last day, one after the other
)

// Policies for a time that comes while the run before still goes on.
const (
	OverlapSkip  = "skip"
	OverlapQueue = "queue" // run once more when it has ended
)

// Runner does what the loop decides.
type Runner interface {
	// Run runs the agent. An error means that it could not begin.
	Run(ctx context.Context, due Due) (Outcome, error)
	// Note keeps a row about times at which nothing ran.
	Note(ctx context.Context, note Note) error
	// Ready tells whether the vault is open, without opening it.
	Ready() bool
}

// Due is one time at which an automation is to run.
type Due struct {
	ID      string // agent/0
	At      time.Time
	Account string
	Attempt int // from 1
}

// Outcome is how a run ended.
type Outcome struct {
	RunID  string
	Status string     // of package history
	Code   fault.Code // of its error
	Wrote  bool       // a request that changes something may have reached a server
}

// Note is a row about times at which nothing ran.
type Note struct {
	ID     string    `json:"id"`
	Status string    `json:"status"` // missed or skipped, of package history
	At     time.Time `json:"at"`     // the last of the times
	Count  int       `json:"count"`  // of times, from 1
	Reason string    `json:"reason"`
}

// Choice is what the person chose for an automation.
type Choice struct {
	Schedule string `json:"schedule"` // cron expression, interval, or start
	Zone     string `json:"zone"`     // IANA name
	Missed   string `json:"missed"`   // once when empty
	Overlap  string `json:"overlap"`  // skip when empty
	Account  string `json:"account"`
}

// Last is the last run.
type Last struct {
	Due    time.Time `json:"due"`
	Status string    `json:"status"`
	RunID  string    `json:"run"`
}

// Record is what is known of one automation. It is there once the person has
// turned it on.
type Record struct {
	Enabled  bool      `json:"enabled"`
	Choice   Choice    `json:"choice"`
	Anchor   time.Time `json:"anchor"`   // when it was turned on
	Cursor   time.Time `json:"cursor"`   // every time up to here is dealt with
	Begun    *Begun    `json:"begun"`    // the run under way
	Last     *Last     `json:"last"`     // nil until something ran
	Pending  time.Time `json:"pending"`  // a time that is still to be run
	Waiting  bool      `json:"waiting"`  // it waits for the vault
	Retry    time.Time `json:"retry"`    // it waits until then
	Attempts int       `json:"attempts"` // that it has had
	Owed     []Note    `json:"owed"`     // rows not yet kept
}

// Begun says that a run was begun and for which time.
type Begun struct {
	Due     time.Time `json:"due"`
	Attempt int       `json:"attempt"`
}

func records() store.Table[Record] { return store.Table[Record]{Bucket: "automations", Version: 1} }

// check gives the choice its defaults. Fault: invalid.
func (c *Choice) check(anchor time.Time) error {
	if c.Missed == "" {
		c.Missed = MissedOnce
	}
	if c.Overlap == "" {
		c.Overlap = OverlapSkip
	}
	if c.Missed != MissedSkip && c.Missed != MissedOnce && c.Missed != MissedAll {
		return fault.New(fault.Invalid, "There is no such policy for missed runs.", "Use skip, once or all.")
	}
	if c.Overlap != OverlapSkip && c.Overlap != OverlapQueue {
		return fault.New(fault.Invalid, "There is no such policy for runs that overlap.", "Use skip or queue.")
	}
	_, err := ParseSchedule(c.Schedule, c.Zone, anchor)
	return err
}
