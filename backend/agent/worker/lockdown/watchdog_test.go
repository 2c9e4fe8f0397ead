package lockdown_test

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"pie/backend/agent/worker/lockdown"
)

const soft, hard = 32 << 20, 96 << 20

func TestMemoryEndsProcess(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"memory above hard", "memory above soft", "memory after rest"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := run(t, name, nil, ""); got.state.ExitCode() != lockdown.ExitMemory {
				t.Error(got)
			}
		})
	}
}

func TestSoftIsToldOnce(t *testing.T) {
	t.Parallel()
	if got := run(t, "soft once", nil, ""); got.said != works {
		t.Error(got)
	}
}

func TestWatchdogRests(t *testing.T) {
	t.Parallel()
	if got := run(t, "rest", nil, ""); got.said != works {
		t.Error(got)
	}
}

// allocateTo holds size bytes, made in small pieces, and waits for the end.
func allocateTo(size int) attempt {
	return func(string, func(func() error) error) error {
		lockdown.Watch(soft, hard, func() {})
		held := make([][]byte, 0, size>>16)
		for range size >> 16 {
			held = append(held, make([]byte, 1<<16))
		}
		time.Sleep(2 * time.Minute)
		runtime.KeepAlive(held)
		return errors.New("still here")
	}
}

// hold has so much for so long.
func hold(size int, wait func()) {
	held := make([]byte, size)
	wait()
	runtime.KeepAlive(held)
}

// someLooks is time for several looks of the watchdog.
func someLooks() { time.Sleep(20 * time.Millisecond) }

// softOnce passes soft, stays there for some looks, goes below and comes back;
// then the next run begins and does the same.
func softOnce(string, func(func() error) error) error {
	var told atomic.Int32
	heard := make(chan struct{}, 8)
	dog := lockdown.Watch(soft, 1<<40, func() { told.Add(1); heard <- struct{}{} })
	for round := range int32(2) {
		hold(2*soft, func() { <-heard; someLooks() })
		runtime.GC()
		hold(2*soft, someLooks)
		runtime.GC()
		if got := told.Load(); got != round+1 {
			return fmt.Errorf("told %d times in round %d", got, round)
		}
		dog.Reset()
	}
	return nil
}

// resting holds more than hard while the watchdog rests, less when it is back.
func resting(string, func(func() error) error) error {
	dog := lockdown.Watch(soft, hard, func() {})
	dog.Rest()
	hold(2*hard, someLooks)
	runtime.GC()
	dog.Reset()
	someLooks()
	return nil
}

// awake is the same after Reset, and must not come back.
func awake(string, func(func() error) error) error {
	dog := lockdown.Watch(soft, hard, func() {})
	dog.Rest()
	dog.Reset()
	hold(2*hard, func() { time.Sleep(2 * time.Minute) })
	return errors.New("still here")
}
