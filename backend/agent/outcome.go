package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"pie/backend/agent/wire"
	"pie/backend/fault"
	"pie/backend/history"
)

func canceled(logs []history.Log) Outcome {
	return Outcome{Status: history.Canceled, Logs: logs, Error: &fault.Problem{
		Code: fault.Canceled, Message: "The run was stopped by you.", Hint: "What it had sent by then stands.",
	}}
}

// settle gives a finished run its status.
func (c *conversation) settle(done *wire.Outcome, result []byte) (Outcome, bool) {
	out := Outcome{Logs: c.logs}
	keep := done.Heap < mostHeap
	switch done.End {
	case wire.EndOK:
		if !json.Valid(result) {
			return c.broken(), false
		}
		if len(result) > wire.MaxResult {
			return c.limited("The result is larger than 1 MB.", "Return less, or a summary."), false
		}
		out.Result = result
		return c.returned(out), keep
	case wire.EndThrown:
		return c.thrown(out, done.Fault), keep
	case wire.EndTime:
		return c.overtime(), false
	case wire.EndMemory:
		return c.overweight(), false
	case wire.EndResult:
		return c.limited("The result is larger than 1 MB.", "Return less, or a summary."), keep
	}
	return c.broken(), false
}

// returned reads the platform's own convention: {error: true, message,
// requiresAuth}. The result is kept in every case.
func (c *conversation) returned(out Outcome) Outcome {
	var said struct {
		Error        any `json:"error"`
		Message      any `json:"message"`
		RequiresAuth any `json:"requiresAuth"`
	}
	out.Status = history.OK
	if json.Unmarshal(out.Result, &said) != nil || said.Error != true {
		return out
	}
	message, _ := said.Message.(string)
	if said.RequiresAuth == true {
		out.Status = history.RequiresAuth
		out.Error = &fault.Problem{Code: fault.Reconnect, Message: c.clean(message, "The agent needs to be connected first."), Hint: "Run: pie connect " + c.job.Agent}
		return out
	}
	out.Status = history.Failed
	out.Error = &fault.Problem{Code: fault.Script, Message: c.clean(message, "The agent reported an error without a message."), Hint: "The agent itself says so."}
	return out
}

// thrown: a fault of the host keeps its code, and a missing connection asks for
// one; everything else is the script's.
func (c *conversation) thrown(out Outcome, f *wire.Fault) Outcome {
	if f == nil {
		f = &wire.Fault{}
	}
	out.Status = history.Failed
	code := fault.Script
	for _, known := range fault.Codes() {
		if string(known) == f.Code {
			code = known
		}
	}
	if code == fault.Reconnect {
		out.Status = history.RequiresAuth
	}
	out.Error = &fault.Problem{Code: code, Message: c.clean(f.Message, "The agent's code failed without a message."), Hint: wire.Cut(c.scrubber.Text(f.Hint), wire.MaxText)}
	return out
}

func (c *conversation) clean(message, otherwise string) string {
	if message == "" {
		return otherwise
	}
	return wire.Cut(c.scrubber.Text(message), wire.MaxText)
}

func (c *conversation) limited(message, hint string) Outcome {
	return Outcome{Status: history.Stopped, Logs: c.logs, Error: &fault.Problem{Code: fault.Limited, Message: message, Hint: hint}}
}

func (c *conversation) overtime() Outcome {
	return c.limited(fmt.Sprintf("The run was stopped at its time limit of %s.", spoken(c.job.Timeout)),
		"Do less in one run, or give the agent more time with timeout in its manifest.")
}

func (c *conversation) overweight() Outcome {
	return c.limited(fmt.Sprintf("The run was stopped at its memory limit of %d MB.", c.job.Memory>>20), "Work on less data at a time.")
}

func (c *conversation) broken() Outcome {
	return Outcome{Status: history.Failed, Logs: c.logs, Error: &fault.Problem{
		Code: fault.Internal, Message: "The agent's process ended before the run was over.", Hint: "Try again; if it stays, the agent's code does something the program cannot run.",
	}}
}

// stopped is for a run that was ended while it waited for a call.
func (c *conversation) stopped(ctx context.Context) Outcome {
	if errors.Is(ctx.Err(), context.Canceled) {
		return canceled(c.logs)
	}
	return c.overtime()
}

// died says why the worker ended by itself.
func (c *conversation) died() Outcome {
	c.process.kill()
	cause := c.process.death()
	c.report.Warn("worker ended by itself", "agent", c.job.Agent, "cause", cause,
		"state", c.process.cmd.ProcessState.String(), "output", c.scrubber.Text(c.process.stderr.String()))
	switch cause {
	case wire.EndMemory:
		return c.overweight()
	case deathBreakout:
		return c.limited("The run was stopped because its process asked the system for something no agent needs.", "Do not run this agent again unless you know why it did.")
	case deathStack:
		return c.limited("The run was stopped because its data or code is nested too deeply.", "Work on data that is less deeply nested.")
	}
	return c.broken()
}

func spoken(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	if d%time.Second != 0 {
		return fmt.Sprintf("%.1f seconds", d.Seconds())
	}
	return fmt.Sprintf("%d seconds", int(d.Seconds()))
}
