package lockdown_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"
)

// probes are all attempts by name: those that any system must allow or end, and
// those of this one.
func probes() map[string]attempt {
	all := map[string]attempt{
		"memory above hard": allocateTo(hard + 32<<20),
		"memory above soft": allocateTo(soft + 32<<20),
		"soft once":         softOnce,
		"rest":              resting,
		"memory after rest": awake,
		"endless recursion": func(string, func(func() error) error) error { descend(1 << 40); return nil },
	}
	maps.Copy(all, needed())
	maps.Copy(all, ofSystem())
	return all
}

// needed are what a worker does all day.
func needed() map[string]attempt {
	return map[string]attempt{
		"read input":        readInput,
		"goroutines":        manyGoroutines,
		"threads":           manyThreads,
		"collection":        collect,
		"preemption":        preempt,
		"timers":            timers,
		"random":            random,
		"time zones":        zones,
		"deep recursion":    func(string, func(func() error) error) error { descend(100_000); return nil },
		"fault recovered":   recoverFault,
		"older thread":      func(_ string, earlier func(func() error) error) error { return earlier(func() error { return nil }) },
		"much memory":       func(string, func(func() error) error) error { return touch(200 << 20) },
		"memory given back": giveBack,
	}
}

// TestNeeded proves that what a worker needs is left to it.
func TestNeeded(t *testing.T) {
	t.Parallel()
	for _, name := range slices.Sorted(maps.Keys(needed())) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := run(t, name, nil, ""); got.said != works || !got.state.Success() {
				t.Error(got)
			}
		})
	}
}

func TestEndlessRecursionEnds(t *testing.T) {
	t.Parallel()
	got := run(t, "endless recursion", nil, "")
	if got.state.ExitCode() != 2 || !strings.Contains(got.stderr, "goroutine stack exceeds 67108864-byte limit") {
		t.Error(got)
	}
}

func readInput(string, func(func() error) error) error {
	text, err := io.ReadAll(os.Stdin)
	if err == nil && string(text) != "hello" {
		return fmt.Errorf("read %q", text)
	}
	return err
}

func manyGoroutines(string, func(func() error) error) error {
	var group sync.WaitGroup
	release := make(chan struct{})
	for range 10_000 {
		group.Go(func() { <-release })
	}
	runtime.Gosched()
	close(release)
	group.Wait()
	return nil
}

// manyThreads blocks goroutines that hold a thread each.
func manyThreads(string, func(func() error) error) error {
	const count = 32
	var running, done sync.WaitGroup
	release := make(chan struct{})
	running.Add(count)
	for range count {
		done.Go(func() {
			runtime.LockOSThread() // and not unlocked: the thread ends too
			running.Done()
			<-release
		})
	}
	running.Wait()
	runtime.GC()
	close(release)
	done.Wait()
	return nil
}

func collect(string, func(func() error) error) error {
	var keep [64][]byte
	for i := range 4096 {
		keep[i%len(keep)] = make([]byte, 256<<10)
		keep[i%len(keep)][0] = 1
	}
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	if stats.NumGC == 0 {
		return errors.New("no collection")
	}
	return nil
}

// preempt needs a signal to a thread of its own: without it the collection would
// wait for a loop that never ends.
func preempt(string, func(func() error) error) error {
	var stop bool
	for range runtime.GOMAXPROCS(0) + 1 {
		go func() {
			for n := 0; ; n++ {
				if n == -1 {
					stop = true
				}
			}
		}()
	}
	for range 10 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	_ = &stop
	return nil
}

func timers(string, func(func() error) error) error {
	fired := make(chan struct{})
	time.AfterFunc(time.Millisecond, func() { close(fired) })
	<-fired
	time.Sleep(20 * time.Millisecond)
	return nil
}

func random(string, func(func() error) error) error {
	_, err := rand.Read(make([]byte, 1<<20))
	return err
}

func zones(string, func(func() error) error) error {
	place, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		return err
	}
	if got := time.Unix(0, 0).In(place).Format(time.TimeOnly); got != "05:30:00" {
		return errors.New(got)
	}
	return nil
}

//go:noinline
func descend(depth int) int {
	var frame [8]int
	frame[depth%len(frame)] = depth
	if depth == 0 {
		return 0
	}
	return descend(depth-1) + frame[depth%len(frame)]
}

func recoverFault(string, func(func() error) error) (err error) {
	defer func() {
		if recover() == nil {
			err = errors.New("no panic")
		}
	}()
	var none *struct{ n int }
	_ = none.n
	return nil
}

// touch uses memory, page by page.
func touch(size int) error {
	memory := make([]byte, size)
	for i := 0; i < len(memory); i += 4096 {
		memory[i] = 1
	}
	runtime.KeepAlive(memory)
	return nil
}

func giveBack(string, func(func() error) error) error {
	for range 8 {
		if err := touch(100 << 20); err != nil {
			return err
		}
		debug.FreeOSMemory()
	}
	return nil
}

// startThread makes a thread that lives before the lock and does what it is told.
func startThread() func(func() error) error {
	work, answers, ready := make(chan func() error), make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		close(ready)
		for do := range work {
			answers <- do()
		}
	}()
	<-ready
	return func(do func() error) error {
		work <- do
		return <-answers
	}
}

func TestUnknownLayersChangeNothing(t *testing.T) {
	t.Parallel()
	got, plain := run(t, "timers", []string{"none such"}, ""), run(t, "timers", nil, "")
	if got.said != works || !slices.Equal(got.layers, plain.layers) {
		t.Error(got, plain)
	}
}
