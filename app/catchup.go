package app

import (
	"slices"
	"strings"
	"time"

	"pie/backend/automation"
	"pie/backend/history"
)

// CatchUp is what became of the times that passed while nothing could run, and of
// runs that only the person may repeat. Each list is in the order of ids; all are
// empty when there is nothing to tell.
type CatchUp struct {
	Since       *time.Time  `json:"since"` // when the first of the times passed, null when none did
	Until       *time.Time  `json:"until"`
	Missed      []Gap       `json:"missed"`        // for which one run stands, or has stood
	WillRunOnce []WillRun   `json:"will_run_once"` // can be changed with Decide
	Skipped     []Gap       `json:"skipped"`       // that were left out
	Ask         []AskAgain  `json:"ask"`           // may have changed something; Decide says whether it runs again
	Queued      []QueuedFor `json:"queued"`        // what happened and is still to be run
}

// Gap is a number of times of one automation that had no run of their own.
type Gap struct {
	ID     string    `json:"id"`
	Agent  string    `json:"agent"`
	Count  int       `json:"count"`
	Last   time.Time `json:"last"`
	Reason string    `json:"reason"`
}

// WillRun is a run that is due and has not begun.
type WillRun struct {
	ID        string     `json:"id"`
	Agent     string     `json:"agent"`
	Due       time.Time  `json:"due"`
	StandsFor int        `json:"stands_for"` // times, itself included
	Attempt   int        `json:"attempt"`    // from 1
	At        *time.Time `json:"at"`         // when it begins at the earliest, null for as soon as it can
	Waits     string     `json:"waits"`      // "" | vault | network | battery | person
}

// AskAgain is a run that did not end well after it may have changed something, or
// whose end is not known.
type AskAgain struct {
	ID     string             `json:"id"`
	Agent  string             `json:"agent"`
	Due    time.Time          `json:"due"`
	Run    string             `json:"run"`
	Status string             `json:"status"`
	Sent   []history.AuditRow `json:"sent"` // the requests that may have changed something
}

// QueuedFor is how much waits for one automation behind the run that is due.
type QueuedFor struct {
	ID    string `json:"id"`
	Agent string `json:"agent"`
	Count int    `json:"count"`
}

// DecideRequest changes what becomes of a run that is due or is asked about.
type DecideRequest struct {
	ID       string `json:"id"`
	Decision string `json:"decision"` // run | skip | hold
}

// CatchUp tells what was missed, what will run once, what was skipped and why,
// and what the person is asked about.
func (s *Automations) CatchUp() (CatchUp, error) {
	all, err := s.backend.Automations.All()
	if err != nil {
		return CatchUp{}, err
	}
	ids := []string{}
	for id := range all {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	out := CatchUp{Missed: []Gap{}, WillRunOnce: []WillRun{}, Skipped: []Gap{}, Ask: []AskAgain{}, Queued: []QueuedFor{}}
	for _, id := range ids {
		allowed := all[id].Under == "" || all[all[id].Under].Enabled
		if err := s.catchUp(&out, id, all[id], allowed); err != nil {
			return CatchUp{}, err
		}
	}
	return out, nil
}

func (s *Automations) catchUp(out *CatchUp, id string, r automation.Record, allowed bool) error {
	agent, _, _ := strings.Cut(id, "/")
	missed := 0
	if a := r.Absent; a != nil {
		missed = a.Missed
		if out.Since == nil || a.Since.Before(*out.Since) {
			out.Since = &a.Since
		}
		if out.Until == nil || a.Until.After(*out.Until) {
			out.Until = &a.Until
		}
		if a.Missed > 0 {
			out.Missed = append(out.Missed, Gap{id, agent, a.Missed, a.Until, a.Reason})
		}
		if a.Skipped > 0 {
			out.Skipped = append(out.Skipped, Gap{id, agent, a.Skipped, a.Until, a.Reason})
		}
	}
	if !r.Pending.IsZero() && allowed {
		w := WillRun{ID: id, Agent: agent, Due: r.Pending, StandsFor: missed + 1, Attempt: r.Attempts + 1, Waits: r.Waits}
		if r.Held != nil {
			w.At = &r.Held.Until
		}
		out.WillRunOnce = append(out.WillRunOnce, w)
	}
	if len(r.Queue) > 0 {
		out.Queued = append(out.Queued, QueuedFor{id, agent, len(r.Queue)})
	}
	if r.Ask != nil {
		sent, err := s.backend.SentWrites(history.Run{ID: r.Ask.RunID, Agent: agent, StartedAt: r.Ask.Due})
		if err != nil {
			return err
		}
		out.Ask = append(out.Ask, AskAgain{id, agent, r.Ask.Due, r.Ask.RunID, r.Ask.Status, sent})
	}
	return nil
}

// Decide changes what becomes of the run of an automation that is due and has not
// begun, or that is asked about. Faults: invalid, not_found when there is none.
func (s *Automations) Decide(q DecideRequest) (CatchUp, error) {
	a, err := s.one(q.ID)
	if err != nil {
		return CatchUp{}, err
	}
	if err := s.backend.Automations.Decide(a.ID, q.Decision); err != nil {
		return CatchUp{}, err
	}
	return s.CatchUp()
}

// CaughtUp takes what was missed and skipped off the card: the person has read it.
func (s *Automations) CaughtUp() error { return s.backend.Automations.Read() }
