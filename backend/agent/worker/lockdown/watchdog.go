package lockdown

import (
	"os"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// ExitMemory is the exit code of a process that passed its memory limit.
const ExitMemory = 77

const (
	watchEvery    = 5 * time.Millisecond
	ticksOverSoft = 50
)

// Watchdog ends the process when its heap passes a limit.
type Watchdog struct {
	soft, hard uint64
	onSoft     func()
	ticker     *time.Ticker
	told       atomic.Bool
	over       atomic.Int32
}

// Watch starts the watchdog. Above soft bytes of heap onSoft is called once, to
// stop the script; at hard bytes, or after 50 looks of 5 ms above soft, the
// process ends with ExitMemory. One allocation that is larger than what is free
// passes between two looks: Options.DataBytes is there for that.
func Watch(soft, hard uint64, onSoft func()) *Watchdog {
	w := &Watchdog{soft: soft, hard: hard, onSoft: onSoft, ticker: time.NewTicker(watchEvery)}
	go w.watch()
	return w
}

// Reset arms it for the next run, after Rest too.
func (w *Watchdog) Reset() {
	w.told.Store(false)
	w.over.Store(0)
	w.ticker.Reset(watchEvery)
}

// Rest lets it sleep until Reset, so that an idle worker does not wake the
// machine.
func (w *Watchdog) Rest() { w.ticker.Stop() }

func (w *Watchdog) watch() {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	for range w.ticker.C {
		metrics.Read(sample)
		w.look(sample[0].Value.Uint64())
	}
}

func (w *Watchdog) look(heap uint64) {
	if heap < w.soft {
		w.over.Store(0)
		return
	}
	if heap >= w.hard || w.over.Add(1) > ticksOverSoft {
		os.Exit(ExitMemory)
	}
	if w.told.CompareAndSwap(false, true) {
		w.onSoft()
	}
}
