// Package worker is the process that runs agents: JavaScript in goja, locked
// down before the first line of an agent is read. It has no files, no network,
// no environment and no secrets but those of the run; whatever the code wants of
// the world it asks its host for, by frames on standard input and output.
//
// Each run has a fresh runtime; only compiled programs are kept between runs,
// and a worker serves one agent. It ends when its input does.
package worker

import (
	"bufio"
	"encoding/json"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"

	_ "time/tzdata" // the process cannot read the system's files

	"pie/backend/agent/wire"
	"pie/backend/agent/worker/lockdown"
)

// Exit codes of a worker, beside lockdown.ExitMemory.
const (
	exitOK       = 0
	exitLockdown = 78
	exitProtocol = 79
)

const (
	mostPrograms = 8
	collectAt    = 300     // per cent of growth, from 12 MB on
	collectOver  = 8 << 20 // bytes that runs have left, of which the next needs some
)

// Main locks the process down, then serves jobs until its input ends. It returns
// the exit code.
func Main() int {
	out := os.Stdout
	os.Stdout = os.Stderr // whatever prints must not break the frames
	in := stdin()
	_ = time.Local.String() // looked up now, by TZ, while the system may still be asked
	if _, err := lockdown.Apply(lockdown.Options{}); err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		return exitLockdown
	}
	runtime.GOMAXPROCS(1)         // a run is one thread of work; others make it wait for each other
	debug.SetGCPercent(collectAt) // small heaps are not worth collecting often; the memory limit still holds
	w := &worker{out: out, frames: make(chan wire.Frame, wire.MaxCalls), programs: map[string]*program{}}
	go w.read(in)
	if w.send(wire.Ready, 0, struct{}{}, nil) != nil {
		return exitProtocol
	}
	w.prepare(time.Local.String()) //nolint:gosmopolitan // the person's zone is wanted
	for frame := range w.frames {
		if frame.Kind == wire.Compile {
			if !w.compiled(frame) {
				return exitProtocol
			}
			continue
		}
		if frame.Kind != wire.Start {
			continue // a late answer to a run that is over
		}
		var job wire.Job
		if json.Unmarshal(frame.Head, &job) != nil {
			return exitProtocol
		}
		outcome, result := w.run(job, frame.Body)
		if w.send(wire.Done, 0, outcome, result) != nil {
			return exitProtocol
		}
		collect()
		w.prepare(job.TimeZone)
	}
	return exitOK
}

type worker struct {
	out      *os.File
	sending  sync.Mutex
	frames   chan wire.Frame
	programs map[string]*program // by hash of the code
	lastCall uint32
	watchdog *lockdown.Watchdog

	ready   *run // for the next job, made while nobody waits
	now     sync.Mutex
	running *run
}

// current names the run that the watchdog would interrupt.
func (w *worker) current(r *run) {
	w.now.Lock()
	w.running = r
	w.now.Unlock()
}

func (w *worker) overweight() {
	w.now.Lock()
	defer w.now.Unlock()
	if w.running != nil {
		w.running.vm.Interrupt(interruptMemory)
	}
}

// read ends the process with its input: the host is gone then, whatever the
// code is doing.
func (w *worker) read(in *os.File) {
	buffered := bufio.NewReaderSize(in, 64<<10)
	for {
		frame, err := wire.Read(buffered)
		if err != nil {
			os.Exit(exitOK)
		}
		w.frames <- frame
	}
}

func (w *worker) send(kind wire.Kind, id uint32, head any, body []byte) error {
	w.sending.Lock()
	defer w.sending.Unlock()
	return wire.Write(w.out, kind, id, head, body)
}

// prepare makes the runtime of the next run. That it fails is a fault of this
// program, of which its tests would tell.
func (w *worker) prepare(zone string) {
	made, err := newRun(w, zone)
	if err != nil {
		panic(err)
	}
	w.ready = made
}

// run runs one job; a panic of the engine is the end of that run only.
func (w *worker) run(job wire.Job, code []byte) (outcome wire.Outcome, result []byte) {
	defer func() {
		if r := recover(); r != nil {
			outcome, result = crashed(r), nil
		}
	}()
	if w.ready == nil || w.ready.zone != job.TimeZone {
		w.prepare(job.TimeZone)
	}
	r := w.ready
	w.ready = nil
	r.job = job
	defer r.close()
	timer := time.AfterFunc(time.Duration(job.WallMS)*time.Millisecond, func() { r.vm.Interrupt(interruptTime) })
	defer timer.Stop()
	if w.watchdog == nil {
		w.watchdog = lockdown.Watch(job.Memory, 2*job.Memory, w.overweight)
	}
	w.watchdog.Reset()
	defer w.watchdog.Rest()
	w.current(r)
	defer w.current(nil)
	outcome, result = r.perform(code)
	outcome.Heap = heapBytes()
	return outcome, result
}

// collect takes away what a run has left, between runs: next to nothing is alive
// then, so that it costs little, and the next run may not have to.
func collect() {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Uint64() > collectOver {
		runtime.GC()
	}
}

// heapBytes is what was alive at the last collection. Garbage does not count, so
// a worker is not replaced for having been busy.
func heapBytes() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
