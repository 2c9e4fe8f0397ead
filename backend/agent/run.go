package agent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"pie/backend/agent/wire"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/secret"
)

// Run runs one job and returns how it ended; it returns when the worker is done
// with it or dead. Host calls that the code left unfinished are canceled.
func (r *Runner) Run(ctx context.Context, j Job, h Host) Outcome {
	started := time.Now()
	outcome := r.run(ctx, &j, h)
	outcome.Duration = time.Since(started)
	return outcome
}

func (r *Runner) run(ctx context.Context, j *Job, h Host) Outcome {
	complete(j)
	if err := CheckInput(j.Input); err != nil {
		return Outcome{Status: history.Failed, Error: fault.Public(err)}
	}
	p, err := r.acquire(ctx, j.Agent, j.TimeZone)
	if err != nil {
		if ctx.Err() != nil {
			return canceled(nil)
		}
		r.options.Log.Error("starting worker", "error", err)
		return Outcome{Status: history.Failed, Error: fault.Public(fault.Wrap(err, fault.Internal,
			"The agent's process could not be started.", "Try again; if it stays, restart the computer."))}
	}
	c := &conversation{
		process: p, job: j, host: h, scrubber: scrubber(j.Secrets), slots: make(chan struct{}, wire.MaxCalls),
		freed: make(chan struct{}, 1), report: r.options.Log,
	}
	outcome, keep := c.hold(ctx)
	r.release(p, keep)
	return outcome
}

func complete(j *Job) {
	if j.Function == "" {
		j.Function = "handler"
	}
	if len(j.Input) == 0 {
		j.Input = json.RawMessage("{}")
	}
	if len(j.UserConfig) == 0 {
		j.UserConfig = json.RawMessage("{}")
	}
	if j.Timeout <= 0 {
		j.Timeout = DefaultTimeout
	}
	if j.Memory <= 0 {
		j.Memory = DefaultMemory
	}
	if j.CodeName == "" {
		j.CodeName = "agent.js"
	}
	j.CodeLine = max(j.CodeLine, 1)
}

func scrubber(secrets map[string]secret.String) *secret.Scrubber {
	s := secret.NewScrubber()
	for _, value := range secrets {
		s.Add(value)
	}
	return s
}

// conversation is one run with one worker.
type conversation struct {
	process  *process
	job      *Job
	host     Host
	scrubber *secret.Scrubber
	slots    chan struct{} // calls in flight; while none is free the pipe is not read
	report   *slog.Logger

	calls    sync.WaitGroup
	bodies   atomic.Int64  // bytes of requests in flight
	freed    chan struct{} // a call has ended
	logs     []history.Log
	logBytes int
	logCut   bool
}

// hold starts the job and answers the worker until it is done. keep tells
// whether the worker may run again.
func (c *conversation) hold(ctx context.Context) (outcome Outcome, keep bool) {
	callCtx, cancel := context.WithCancel(ctx)
	limit := time.NewTimer(c.job.Timeout + killAfter)
	defer func() {
		cancel()
		keep = c.end(limit, keep)
	}()
	begun := make(chan error, 1)
	c.calls.Go(func() { begun <- c.begin() }) // aside: a worker that does not read must not hold the host
	for {
		select {
		case err := <-begun:
			if err != nil {
				return c.died(), false
			}
		case frame, open := <-c.process.frames:
			if !open {
				return c.died(), false
			}
			done, ok := c.take(callCtx, ctx, limit, frame)
			if done != nil {
				return c.settle(done, frame.Body)
			}
			if !ok {
				return c.stopped(ctx), false
			}
		case <-limit.C:
			return c.overtime(), false
		case <-ctx.Done():
			return canceled(c.logs), false
		}
	}
}

func (c *conversation) begin() error {
	j := c.job
	sum := sha256.Sum256([]byte(j.Code))
	head := wire.Job{
		Hash: hex.EncodeToString(sum[:]), Name: j.CodeName, Line: j.CodeLine, Function: j.Function, Input: j.Input,
		Secrets: map[string]string{}, UserConfig: j.UserConfig, Services: j.Services, TimeZone: j.TimeZone,
		Compiled: len(j.CodeMap) > 0, WallMS: j.Timeout.Milliseconds(), Memory: uint64(j.Memory), // #nosec G115 -- positive by complete
	}
	for name, value := range j.Secrets {
		head.Secrets[name] = value.Reveal()
	}
	var code []byte
	if c.process.code != head.Hash {
		code, head.Map = []byte(j.Code), j.CodeMap
	}
	c.process.code = head.Hash
	return c.process.send(wire.Start, 0, head, code)
}

// take handles one frame. done is set when the run is over; ok is false when it
// must be stopped from outside.
func (c *conversation) take(callCtx, ctx context.Context, limit *time.Timer, f wire.Frame) (done *wire.Outcome, ok bool) {
	switch f.Kind {
	case wire.Log:
		var line wire.Line
		if json.Unmarshal(f.Head, &line) == nil {
			c.log(line)
		}
	case wire.Call:
		var q wire.Request
		if json.Unmarshal(f.Head, &q) != nil {
			return nil, true
		}
		if !c.admit(ctx, limit, int64(len(f.Body))) {
			return nil, false
		}
		if q.Op == "notify" {
			callCtx = ctx // what the person is told needs no waiting for
		}
		c.calls.Go(func() {
			defer c.leave(int64(len(f.Body)))
			c.answer(callCtx, f.ID, q, f.Body)
		})
	case wire.Done:
		done = &wire.Outcome{}
		if json.Unmarshal(f.Head, done) != nil {
			return nil, true
		}
		return done, true
	case wire.Ready, wire.Start, wire.Reply, wire.Compile, wire.Compiled:
	}
	return nil, true
}

// answer does one call for the worker.
func (c *conversation) answer(ctx context.Context, id uint32, q wire.Request, body []byte) {
	answer, content, err := c.perform(ctx, q, body)
	if err != nil {
		problem := fault.Public(err)
		answer = wire.Answer{Fault: &wire.Fault{Code: string(problem.Code), Message: problem.Message, Hint: problem.Hint}}
	}
	if ctx.Err() != nil {
		return // the run is over
	}
	_ = c.process.send(wire.Reply, id, answer, content)
}

func (c *conversation) perform(ctx context.Context, q wire.Request, body []byte) (wire.Answer, []byte, error) {
	switch q.Op {
	case "fetch":
		res, err := c.host.Fetch(ctx, q.Service, Request{Method: q.Method, URL: q.URL, Headers: q.Headers, Body: body})
		if err == nil && len(res.Body) > wire.MaxBody {
			err = fault.New(fault.Limited, "The answer is larger than 10 MB.", "Ask the service for less at a time.")
		}
		return wire.Answer{Status: res.Status, Headers: res.Headers}, res.Body, err
	case "connection":
		known, err := c.host.Connection(ctx, q.Service)
		if err != nil {
			return wire.Answer{}, nil, err
		}
		if known.Scopes == nil {
			known.Scopes = []string{}
		}
		encoded, err := json.Marshal(known)
		return wire.Answer{Connection: encoded}, nil, err
	case "notify":
		ctx, cancel := context.WithTimeout(ctx, c.job.Timeout)
		defer cancel()
		text := c.scrubber.Text(wire.Cut(string(body), wire.MaxNotice))
		return wire.Answer{}, nil, c.host.Notify(ctx, Notification{Title: c.scrubber.Text(wire.Cut(q.Title, 256)), Text: text, Cut: q.Cut})
	}
	if c.job.Calls != nil {
		return c.further(ctx, q, body)
	}
	return wire.Answer{}, nil, fault.New(fault.Invalid, fmt.Sprintf("There is no call %q.", q.Op), "")
}

func (c *conversation) log(line wire.Line) {
	if c.logCut {
		return
	}
	text := c.scrubber.Text(line.Text)
	if c.logBytes+len(text) > wire.MaxLogs || len(c.logs) >= 10_000 {
		c.logCut = true
		line.Level, text = "warn", "More was logged than the 256 KB of a run; the rest is left out."
	}
	c.logBytes += len(text)
	entry := history.Log{At: time.Now().UTC(), Level: line.Level, Text: text}
	c.logs = append(c.logs, entry)
	if c.job.OnLog != nil {
		c.job.OnLog(entry)
	}
}
