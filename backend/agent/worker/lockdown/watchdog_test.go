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
	for _, name := range []string{"memory above hard", "memory above soft"} {
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
		time.Sleep(20 * time.Second)
		runtime.KeepAlive(held)
		return errors.New("still here")
	}
}

// softOnce passes soft, stays there for some looks, goes below and comes back;
// then the next run begins and does the same.
func softOnce(string, func(func() error) error) error {
	var told atomic.Int32
	heard := make(chan struct{}, 8)
	dog := lockdown.Watch(soft, 1<<40, func() { told.Add(1); heard <- struct{}{} })
	for round := range int32(2) {
		overAndBack(heard)
		again := make([]byte, 2*soft)
		time.Sleep(50 * time.Millisecond)
		runtime.KeepAlive(again)
		again = nil
		runtime.GC()
		if got := told.Load(); got != round+1 {
			return fmt.Errorf("told %d times in round %d", got, round)
		}
		dog.Reset()
	}
	return nil
}

func overAndBack(heard <-chan struct{}) {
	held := make([]byte, 2*soft)
	<-heard
	time.Sleep(50 * time.Millisecond)
	runtime.KeepAlive(held)
	held = nil
	runtime.GC()
}

// resting holds more than hard while the watchdog rests, less when it is back.
func resting(string, func(func() error) error) error {
	dog := lockdown.Watch(soft, hard, func() {})
	dog.Rest()
	held := make([]byte, 2*hard)
	time.Sleep(100 * time.Millisecond)
	runtime.KeepAlive(held)
	held = nil
	runtime.GC()
	dog.Reset()
	time.Sleep(50 * time.Millisecond)
	return nil
}
