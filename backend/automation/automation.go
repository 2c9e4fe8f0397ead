// Package automation owns what runs when: schedules, the loop that finds what is
// due, and the policies for what was missed, would overlap, has to wait or is to
// be tried again.
//
// For each automation one record says what the person chose and how far its
// times are dealt with. That a run is begun is written before it begins, and how
// it ended in a step of its own afterwards, so a crash leaves an interrupted run
// behind and never a second one. Nothing is called the last run that did not run,
// and what may have changed something is never run again by itself.
//
// A task is an automation that an agent made for itself. It stands under a record
// that only the person turns on, and what it is to do is kept beside it, sealed.
package automation

import (
	"context"
	"slices"
	"strings"
	"time"

	"pie/backend/fault"
	"pie/backend/plugin"
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

// Policies for a run that failed for a reason which may pass.
const (
	RetryLater = "later" // a few times, further and further apart
	RetryNever = "never"
)

// What a run that is due waits for.
const (
	ForVault   = "vault"
	ForNetwork = "network" // there is none, or it wants a sign-in of its own
	ForBattery = "battery" // the computer saves its battery
	ForPerson  = "person"  // who wanted to decide
)

// Policies for the network and the battery.
const (
	Wait   = "wait"
	Ignore = "ignore"
)

// MostJitter is the longest that a run is put off at random.
const MostJitter = time.Hour

// Runner does what the loop decides.
type Runner interface {
	// Run runs the agent. An error means that it could not begin.
	Run(ctx context.Context, due Due) (Outcome, error)
	// Note keeps a row, unless the run that it is about has one.
	Note(ctx context.Context, note Note) error
	// Ready tells whether the vault is open, without opening it.
	Ready() bool
}

// Surroundings tell of the computer. They are asked only when a run that is due
// depends on them.
type Surroundings interface {
	Online(ctx context.Context) bool // and not behind a captive portal
	Saving(ctx context.Context) bool // the battery
}

// Due is one time, or one thing that happened, for which an automation is to run.
type Due struct {
	ID      string // agent/0
	RunID   string // that the run is to have
	At      time.Time
	Account string
	Attempt int    // from 1
	Payload []byte // as it was posted, nil for a time
}

// Outcome is how a run ended.
type Outcome struct {
	RunID      string
	Status     string        // of package history
	Code       fault.Code    // of its error
	Wrote      bool          // a request that changes something may have reached a server
	Busy       bool          // the last answer of a server was that it cannot now
	RetryAfter time.Duration // that it asked for, zero when it asked for none
}

// Note is a row about times at which nothing ran, or about a run that was begun
// when the program ended.
type Note struct {
	ID     string    `json:"id"`
	RunID  string    `json:"run,omitempty"` // of the run that was begun, which may have a row already
	Status string    `json:"status"`        // missed, skipped or interrupted, of package history
	At     time.Time `json:"at"`            // the last of the times
	Count  int       `json:"count"`         // of times, from 1
	Reason string    `json:"reason"`
}

// Choice is what the person chose for an automation. Network, Battery and Jitter
// say when a run that is due has to wait.
type Choice struct {
	Schedule string        `json:"schedule"` // cron expression, interval, start, at TIME, or when WHAT for what is posted
	Zone     string        `json:"zone"`     // IANA name
	Missed   string        `json:"missed"`   // once when empty
	Overlap  string        `json:"overlap"`  // skip when empty
	Retry    string        `json:"retry"`    // later when empty
	Account  string        `json:"account"`
	Network  string        `json:"network"` // wait until it is there, or ignore (when empty)
	Battery  string        `json:"battery"` // wait while it is being saved, or ignore (when empty)
	Jitter   time.Duration `json:"jitter"`  // each run is put off by up to that much
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
	Anchor   time.Time `json:"anchor"`          // when it was turned on
	Cursor   time.Time `json:"cursor"`          // every time up to here is dealt with
	Begun    *Begun    `json:"begun"`           // the run under way
	Last     *Last     `json:"last"`            // nil until something ran
	Pending  time.Time `json:"pending"`         // a time that is still to be run
	Item     uint64    `json:"item,omitempty"`  // what was posted and is pending, 0 for a time
	Waits    string    `json:"waits,omitempty"` // for what
	Held     *Held     `json:"held,omitempty"`  // it waits until then
	Attempts int       `json:"attempts"`        // that it has had
	Owed     []Note    `json:"owed"`            // rows not yet kept
	Queue    []Posted  `json:"queue,omitempty"` // what happened and is still to be run
	Posts    uint64    `json:"posts,omitempty"` // the number of the last one
	Streak   int       `json:"streak,omitempty"`
	Told     string    `json:"told,omitempty"`   // of which trouble the person was told
	Absent   *Absent   `json:"absent,omitempty"` // what became of times while nothing could run
	Ask      *Ask      `json:"ask,omitempty"`    // a run that only the person may repeat
	Under    string    `json:"under,omitempty"`  // of a task: the record that must be on as well
	Made     time.Time `json:"made,omitzero"`    // of a task
}

// Begun says that a run was begun and for which time.
type Begun struct {
	Due     time.Time `json:"due"`
	Attempt int       `json:"attempt"`
	RunID   string    `json:"run,omitempty"`
	Item    uint64    `json:"item,omitempty"`
}

// Held is a wait. A clock that is set back before Since makes it no longer.
type Held struct {
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
}

// Posted is a thing that happened; what came with it is kept beside the records.
type Posted struct {
	Item uint64    `json:"item"`
	At   time.Time `json:"at"`
}

func records() store.Table[Record] { return store.Table[Record]{Bucket: "automations", Version: 1} }

// check gives the choice its defaults. Fault: invalid.
func (c *Choice) check(anchor time.Time) error {
	for _, p := range []struct {
		value *string
		among []string
		what  string
	}{
		{&c.Missed, []string{MissedOnce, MissedSkip, MissedAll}, "missed runs"},
		{&c.Overlap, []string{OverlapSkip, OverlapQueue}, "runs that overlap"},
		{&c.Retry, []string{RetryLater, RetryNever}, "runs that failed"},
		{&c.Network, []string{Ignore, Wait}, "the network"},
		{&c.Battery, []string{Ignore, Wait}, "the battery"},
	} {
		if err := oneOf(p.value, p.among, p.what); err != nil {
			return err
		}
	}
	if c.Jitter < 0 || c.Jitter > MostJitter {
		return fault.New(fault.Invalid, "A run cannot be put off by that much.", "Use a time from 0 to 1h.")
	}
	if c.posted() {
		return nil
	}
	_, err := ParseSchedule(c.Schedule, c.Zone, anchor)
	return err
}

// posted tells whether it runs for what is posted, and at no time.
func (c *Choice) posted() bool { return plugin.IsOccasion(c.Schedule) }

// oneOf makes an empty value the first of among. Fault: invalid.
func oneOf(value *string, among []string, what string) error {
	if *value == "" {
		*value = among[0]
	}
	if !slices.Contains(among, *value) {
		return fault.New(fault.Invalid, "There is no such policy for "+what+".", "Use one of: "+strings.Join(among, ", ")+".")
	}
	return nil
}
