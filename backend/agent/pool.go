package agent

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"
)

// Options of NewRunner.
type Options struct {
	Executable string   // the running program when empty
	Args       []string // "worker" when nil
	Log        *slog.Logger
	Busy       int // workers at once, one more than there are cores and three at least when zero
}

// When a worker has done enough.
const (
	mostRuns  = 100
	mostIdle  = 10 * time.Minute
	mostHeap  = 48 << 20
	mostStale = 4 // idle workers kept, of all agents
)

// Runner runs jobs in worker processes.
type Runner struct {
	options Options
	busy    chan struct{} // one for each worker at work; waiters are served in order

	mu     sync.Mutex
	idle   []*process // oldest first
	spare  *process
	warm   bool
	zone   string // of the last run, for spares
	closed bool
	spawns sync.WaitGroup
}

// NewRunner makes a Runner; no process is started yet.
func NewRunner(o Options) *Runner {
	if o.Args == nil {
		o.Args = []string{"worker"}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Busy == 0 {
		o.Busy = max(2, runtime.NumCPU()) + 1 // one waits for an answer as a rule
	}
	return &Runner{options: o, busy: make(chan struct{}, o.Busy)}
}

// Warm keeps one worker ready from now on, for programs that stay: a run then
// waits for no process to start.
func (r *Runner) Warm() {
	r.mu.Lock()
	r.warm = true
	r.mu.Unlock()
	r.refill()
}

func (r *Runner) refill() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.warm || r.closed || r.spare != nil {
		return
	}
	zone := r.zone
	r.spawns.Go(func() {
		p, err := r.start(zone)
		if err != nil {
			r.options.Log.Error("starting spare worker", "error", err)
			return
		}
		r.mu.Lock()
		taken := r.spare != nil || r.closed
		if !taken {
			r.spare = p
		}
		r.mu.Unlock()
		if taken {
			p.kill()
		}
	})
}

func (r *Runner) start(zone string) (*process, error) {
	executable := r.options.Executable
	if executable == "" {
		var err error
		if executable, err = self(); err != nil {
			return nil, err
		}
	}
	return spawn(executable, r.options.Args, zone)
}

var errClosed = errors.New("runner is closed")

// acquire waits for its turn and takes a worker that is the agent's or nobody's.
func (r *Runner) acquire(ctx context.Context, agent, zone string) (*process, error) {
	select {
	case r.busy <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p, err := r.take(agent, zone)
	if err == nil && p == nil {
		p, err = r.start(zone)
	}
	if err != nil {
		<-r.busy
		return nil, err
	}
	p.agent = agent
	r.refill()
	return p, nil
}

func (r *Runner) take(agent, zone string) (*process, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errClosed
	}
	r.idle = slices.DeleteFunc(r.idle, (*process).dead)
	for i, p := range slices.Backward(r.idle) {
		if p.agent == agent && p.zone == zone && p.retire.Stop() {
			r.idle = append(r.idle[:i:i], r.idle[i+1:]...)
			return p, nil
		}
	}
	r.zone = zone
	p := r.spare
	if p == nil || p.zone != zone {
		return nil, nil //nolint:nilnil // none fits; the caller starts one
	}
	r.spare = nil
	if p.dead() {
		return nil, nil //nolint:nilnil // likewise
	}
	return p, nil
}

// release keeps a worker for its agent's next run, or ends it.
func (r *Runner) release(p *process, keep bool) {
	defer func() { <-r.busy }()
	p.runs++
	var surplus *process
	r.mu.Lock()
	if keep = keep && !r.closed && p.runs < mostRuns; keep {
		p.retire = time.AfterFunc(mostIdle, func() { r.retire(p) })
		r.idle = append(r.idle, p)
		if len(r.idle) > mostStale && r.idle[0].retire.Stop() {
			surplus, r.idle = r.idle[0], r.idle[1:]
		}
	}
	r.mu.Unlock()
	if !keep {
		p.kill()
	}
	if surplus != nil {
		surplus.kill()
	}
}

func (r *Runner) retire(p *process) {
	r.mu.Lock()
	for i, each := range r.idle {
		if each == p {
			r.idle = append(r.idle[:i:i], r.idle[i+1:]...)
			break
		}
	}
	r.mu.Unlock()
	p.kill()
}

// Close ends all workers that are idle; those at work end with their runs.
func (r *Runner) Close() error {
	r.mu.Lock()
	r.closed = true
	gone := r.idle
	if r.spare != nil {
		gone = append(gone, r.spare)
	}
	r.idle, r.spare = nil, nil
	r.mu.Unlock()
	for _, p := range gone {
		p.kill()
	}
	r.spawns.Wait()
	return nil
}
