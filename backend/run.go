package backend

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"pie/backend/agent"
	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/plugin"
	"pie/backend/secret"
)

// Limits of a run.
const (
	toolTime       = 30 * time.Second
	automationTime = 120 * time.Second
	longestTime    = 15 * time.Minute
	askedTime      = 5 * time.Minute  // more for a run that may have to wait for the person
	keepTime       = 10 * time.Second // for writing down how a run ended
)

// RunRequest asks for one call of an agent's function.
type RunRequest struct {
	Agent    string
	Function string // handler when empty
	Account  string // label of the connections to use
	Trigger  string // manual when empty
	Input    json.RawMessage
	Timeout  time.Duration // the agent's own or the default when zero
	DryRun   bool          // writes wait in the outbox
	Attended bool          // somebody can be asked about a write, and the run waits for that

	callers    []string    // agents that wait for this run, the first one first
	background bool        // the first of them runs by itself
	runID      string      // that the run is to have, a new one when empty
	chain      []string    // agents whose events led to this run, the first one first
	heed       func(*desk) // hears of the run when it has ended
	witness    *witness    // notes what the run asks and is told; nil for most
}

// Run runs the agent and keeps the run in history, however it ends. It returns a
// fault only when the run could not begin: not_found, invalid (input), conflict
// (a required secret, changed files), locked.
func (b *Backend) Run(ctx context.Context, q RunRequest) (history.Run, error) {
	p, installed, err := b.Agents.Get(q.Agent)
	if err != nil {
		return history.Run{}, err
	}
	if p.Code == "" {
		return history.Run{}, fault.New(fault.Invalid, p.Name+" is a prompt without code, so there is nothing to run.", "Agents with code can be run.")
	}
	if err := b.build(ctx, p); err != nil {
		return history.Run{}, err
	}
	missing, err := b.MissingSecret(p)
	if err != nil {
		return history.Run{}, err
	}
	if missing != "" {
		return history.Run{}, fault.New(fault.Conflict, fmt.Sprintf("%s needs the value of %s before it can run.", p.Name, missing),
			fmt.Sprintf("Run: pie secret set %s %s", p.Name, missing))
	}
	job, err := b.job(ctx, p, installed, &q)
	if err != nil {
		return history.Run{}, err
	}
	run := history.Run{
		ID: job.RunID, Agent: p.Name, Function: job.Function, Trigger: q.Trigger, Status: history.Running,
		Input: job.Input, StartedAt: time.Now().UTC(),
	}
	if err := b.History.SaveRun(ctx, run); err != nil {
		return history.Run{}, err
	}
	b.options.Notify("run", run.ID)
	return b.perform(ctx, p, run, job, q)
}

// job is what the worker is given.
func (b *Backend) job(ctx context.Context, p *plugin.Package, installed plugin.Installed, q *RunRequest) (agent.Job, error) {
	if q.Function == "" {
		q.Function = "handler"
	}
	if q.Trigger == "" {
		q.Trigger = "manual"
	}
	input, err := givenInput(q.Input)
	if err != nil {
		return agent.Job{}, err
	}
	secrets, err := b.runSecrets(ctx, p)
	if err != nil {
		return agent.Job{}, err
	}
	asks := false
	if q.Attended && !q.DryRun {
		if asks, err = b.Connections.Asks(p.Name); err != nil {
			return agent.Job{}, err
		}
	}
	code, line, sourceMap := runnable(p)
	return agent.Job{
		RunID: cmp.Or(q.runID, history.NewID(time.Now())), Agent: p.Name, Code: code, CodeName: p.CodeName, CodeLine: line, CodeMap: sourceMap,
		Function: q.Function, Input: input, Secrets: secrets, UserConfig: installed.UserConfig,
		Services: p.ServiceKeys(), TimeZone: b.options.Env.TimeZone, Timeout: timeout(p, q, asks),
	}, nil
}

// givenInput is what a function gets that is given that: an object where it is nothing.
// Fault: invalid.
func givenInput(given json.RawMessage) (json.RawMessage, error) {
	input := bytes.TrimSpace(given)
	if len(input) == 0 || string(input) == "null" {
		input = []byte("{}")
	}
	return input, agent.CheckInput(input)
}

func timeout(p *plugin.Package, q *RunRequest, asks bool) time.Duration {
	limit, seconds := toolTime, p.Manifest.Timeout
	if p.Manifest.Automation != nil {
		limit = automationTime
		if seconds == 0 {
			seconds = p.Manifest.Automation.Timeout
		}
	}
	if seconds > 0 {
		limit = time.Duration(seconds * float64(time.Second))
	}
	if q.Timeout > 0 {
		limit = q.Timeout
	} else if asks {
		limit += askedTime
	}
	return min(limit, longestTime)
}

// runSecrets are the values that the code may read. The names of a client's id
// and secret are not among them: the code has no use for them.
func (b *Backend) runSecrets(ctx context.Context, p *plugin.Package) (map[string]secret.String, error) {
	out := map[string]secret.String{}
	for _, name := range p.RunSecrets() {
		value, err := b.Secrets.Get(ctx, p.Name, name)
		if err != nil {
			return nil, err
		}
		if !value.IsEmpty() {
			out[name] = value
		}
	}
	return out, nil
}

func (b *Backend) perform(ctx context.Context, p *plugin.Package, run history.Run, job agent.Job, q RunRequest) (history.Run, error) {
	session := b.Connections.Session(connection.RunRef{
		Agent: p.Name, RunID: run.ID, Account: q.Account, DryRun: q.DryRun,
		Attended: q.Attended, Background: q.Trigger == AutomationTrigger || q.background,
	})
	desk := &desk{b: b, run: run, request: q}
	h := &host{session: session, desk: desk}
	job.Calls = desk
	outcome := b.runnerFor(len(q.callers)).Run(ctx, job, q.witness.over(h, &job))
	run.Status, run.Result, run.Error = outcome.Status, outcome.Result, outcome.Error
	run.Logs, run.Requests = append(outcome.Logs, desk.notices()...), session.Requests()
	run.DurationMS = outcome.Duration.Milliseconds()
	// How it ended is written down also when the person stopped it.
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTime)
	defer cancel()
	err := b.History.SaveRun(keep, run)
	b.options.Notify("run", run.ID)
	if q.heed != nil {
		q.heed(desk)
	}
	if err == nil && len(q.callers) == 0 {
		b.runEnded(run, q.chain)
	}
	if err != nil {
		return run.Complete(), fmt.Errorf("keeping run: %w", err)
	}
	return run.Complete(), nil
}

// connected runs the agent's onConnect, if it has one, beside whatever goes on.
// Its failure stands in history and undoes nothing.
func (b *Backend) connected(c connection.Connection) {
	b.madeConnection(c)
	p, _, err := b.Agents.Get(c.Agent)
	if err != nil || !slices.Contains(p.Functions(), "onConnect") {
		return
	}
	input, err := json.Marshal(map[string]any{"triggeredBy": "connect", "service": c.Service, "account": c.Label})
	if err != nil {
		return
	}
	b.hooks.Go(func() {
		_, err := b.Run(b.life, RunRequest{Agent: c.Agent, Function: "onConnect", Account: c.Label, Trigger: "connect", Input: input})
		if err != nil {
			b.options.Log.Warn("running onConnect", "agent", c.Agent, "error", err)
		}
	})
}

func quote(text string) string { return strconv.Quote(text) }
