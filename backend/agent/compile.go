package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"pie/backend/agent/wire"
	"pie/backend/fault"
)

// Source is what an author wrote: texts by clean relative path.
type Source struct {
	Files map[string][]byte
	Entry string
	Line  int // of the entry's file on which its text begins, from 1
}

// Finding is one thing about a place in the author's code. Line and Column count
// from 1 and are 0 where there is no place. Level is error, warning or note.
type Finding = wire.Finding

// Levels of a finding. With an error the agent cannot be installed.
const (
	LevelError   = wire.LevelError
	LevelWarning = wire.LevelWarning
	LevelNote    = wire.LevelNote
)

// Compiled is code for runs: Job takes Code and Map. Both are empty where the
// source runs as it is, and where a finding is an error.
type Compiled struct {
	Code     string
	Map      []byte
	Findings []Finding
}

const compileTime = 30 * time.Second

// Err is the fault that the first error among the findings makes. Fault: invalid.
func (c Compiled) Err() error {
	for _, f := range c.Findings {
		if f.Level != LevelError {
			continue
		}
		place := f.File
		if f.Line > 0 {
			place = fmt.Sprintf("%s, line %d, column %d", f.File, f.Line, f.Column)
		}
		return fault.New(fault.Invalid, place+": "+f.Message, f.Fix)
	}
	return nil
}

// Compile makes of the source what runs take, in a worker process of its own:
// the compiler reads a stranger's text. It sees the files of the source and no
// others. What the author must correct is among the findings. Faults: limited
// (time, memory, depth), canceled, internal.
func (r *Runner) Compile(ctx context.Context, s Source) (Compiled, error) {
	p, err := r.acquire(ctx, "", "UTC")
	if err != nil {
		if ctx.Err() != nil {
			return Compiled{}, fault.Wrap(ctx.Err(), fault.Canceled, "Compiling was stopped.", "")
		}
		return Compiled{}, fault.Wrap(err, fault.Internal, "The compiler's process could not be started.", "Try again; if it stays, restart the computer.")
	}
	defer r.release(p, false)
	if err := p.send(wire.Compile, 0, wire.Source{Files: s.Files, Entry: s.Entry, Line: max(s.Line, 1)}, nil); err != nil {
		if errors.Is(err, wire.ErrFrame) {
			return Compiled{}, fault.New(fault.Limited, "The agent's files are too large to be compiled.", "Take large files out of it.")
		}
		return Compiled{}, uncompiled(p)
	}
	limit := time.NewTimer(compileTime)
	defer limit.Stop()
	for {
		select {
		case frame, open := <-p.frames:
			if !open {
				return Compiled{}, uncompiled(p)
			}
			if frame.Kind != wire.Compiled {
				continue
			}
			var b wire.Build
			if err := json.Unmarshal(frame.Head, &b); err != nil {
				return Compiled{}, uncompiled(p)
			}
			return Compiled{Code: string(frame.Body), Map: b.Map, Findings: b.Findings}, nil
		case <-limit.C:
			return Compiled{}, fault.New(fault.Limited, "The code could not be compiled within 30 seconds.", "Make it smaller.")
		case <-ctx.Done():
			return Compiled{}, fault.Wrap(ctx.Err(), fault.Canceled, "Compiling was stopped.", "")
		}
	}
}

// uncompiled says why a compiler ended by itself.
func uncompiled(p *process) error {
	p.kill()
	switch p.death() {
	case wire.EndMemory:
		return fault.New(fault.Limited, "The code takes too much memory to be compiled.", "Make it smaller.")
	case deathStack:
		return fault.New(fault.Limited, "The code is nested too deeply to be compiled.", "Take the deepest parts out into functions or data.")
	case deathBreakout:
		return fault.New(fault.Limited, "Compiling was stopped because its process asked the system for something no compiler needs.", "Do not install this agent unless you know why it did.")
	}
	return fault.New(fault.Internal, "The compiler's process ended before it was done.", "Find the part of the code that it cannot take by leaving others out.")
}
