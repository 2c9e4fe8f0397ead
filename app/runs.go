package app

import (
	"encoding/json"
	"time"

	"pie/backend"
	"pie/backend/history"
)

// Runs is the service of runs and of the audit.
type Runs struct {
	backend *backend.Backend
	ops     *Operations
}

// RunRequest asks for one call of an agent's function.
type RunRequest struct {
	Op        string          `json:"op"`
	Agent     string          `json:"agent"`
	Function  string          `json:"function"`
	Account   string          `json:"account"`
	Input     json.RawMessage `json:"input"`
	TimeoutMS int64           `json:"timeout_ms"`
	DryRun    bool            `json:"dry_run"`  // writes wait in the outbox
	Attended  bool            `json:"attended"` // the caller answers the outbox's questions meanwhile
}

// ListRequest asks for the newest of a list, of all agents when Agent is empty.
type ListRequest struct {
	Agent string `json:"agent"`
	Limit int    `json:"limit"` // 100 when zero, 1,000 at most
}

// RunRef names a run.
type RunRef struct {
	ID string `json:"id"`
}

// Run runs an agent and returns the run however it ended; a fault only when it
// could not begin.
func (s *Runs) Run(q RunRequest) (history.Run, error) {
	ctx, done, err := s.ops.begin(q.Op)
	if err != nil {
		return history.Run{}, err
	}
	defer done()
	return s.backend.Run(ctx, backend.RunRequest{
		Agent: q.Agent, Function: q.Function, Account: q.Account, Input: q.Input,
		Timeout: time.Duration(q.TimeoutMS) * time.Millisecond, DryRun: q.DryRun, Attended: q.Attended,
	})
}

// List returns the newest runs.
func (s *Runs) List(q ListRequest) ([]history.Run, error) {
	return s.backend.Runs(q.Agent, limit(q.Limit))
}

// FindRequest asks for a part of the list of runs. What is empty wants all.
type FindRequest struct {
	Agent    string   `json:"agent"`
	Statuses []string `json:"statuses"`
	Triggers []string `json:"triggers"`
	Before   string   `json:"before"` // next of the part before
	Limit    int      `json:"limit"`  // 100 when zero, 1,000 at most
}

// Find returns the newest runs that are wanted, for a list: {rows: [{id, agent,
// function, trigger, status, started_at, duration_ms, requests}], next}. It needs
// no key.
func (s *Runs) Find(q FindRequest) (history.Page, error) {
	return s.backend.History.Find(history.Filter{
		Agent: q.Agent, Statuses: q.Statuses, Triggers: q.Triggers, Before: q.Before, Limit: limit(q.Limit),
	})
}

// RunDetail is a run with what it was given; the input is null where none is kept.
type RunDetail struct {
	history.Run

	Input json.RawMessage `json:"input"`
}

// Get returns one run. Faults: not_found, locked.
func (s *Runs) Get(q RunRef) (RunDetail, error) {
	run, err := s.backend.FindRun(q.ID)
	return RunDetail{run, run.Input}, err
}

// Audit returns the newest requests that were sent or blocked.
func (s *Runs) Audit(q ListRequest) ([]history.AuditRow, error) {
	return s.backend.History.Audit(q.Agent, limit(q.Limit))
}

func limit(n int) int {
	if n <= 0 {
		return 100
	}
	return min(n, 1000)
}
