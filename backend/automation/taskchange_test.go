package automation_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pie/backend/automation"
	"pie/backend/fault"
	"pie/backend/history"
)

// TestTaskPlansAgain: a task may move or end itself while it runs.
func TestTaskPlansAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		id, over := "a/task-moves", "a/task-ends"
		b.run = func(_ context.Context, due automation.Due) (automation.Outcome, error) {
			var err error
			switch {
			case due.ID == over:
				err = b.loop.Cancel(over)
			case due.At.Hour() < 3:
				err = b.loop.Change(id, automation.Choice{Schedule: b.in(time.Hour), Zone: "UTC"}, []byte("next"))
			}
			return automation.Outcome{Status: history.OK}, err
		}
		b.allow()
		b.start()
		b.make("moves", b.in(time.Hour))
		b.make("ends", "30m")
		time.Sleep(12 * time.Hour)
		b.wantRuns(id, "1 01:00", "1 02:00", "1 03:00")
		b.wantRuns(over, "1 00:30")
		if b.there(id) || b.there(over) {
			t.Error("they are still there")
		}
		for what, err := range map[string]error{
			"change": b.loop.Change(id, automation.Choice{Schedule: "1h", Zone: "UTC"}, nil), "cancel": b.loop.Cancel(id),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// TestTaskMovedWhileItWaits does not run at its old time.
func TestTaskMovedWhileItWaits(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.enable("a/tasks", automation.Choice{Schedule: "when its tasks are due", Network: automation.Wait})
		b.around(false, false)
		b.start()
		id := b.make("once", b.in(time.Hour))
		time.Sleep(2 * time.Hour)
		if err := b.loop.Change(id, automation.Choice{Schedule: b.in(2 * time.Hour), Zone: "UTC"}, []byte("other")); err != nil {
			t.Fatal(err)
		}
		b.around(true, false)
		time.Sleep(12 * time.Hour)
		b.wantRuns(id, "1 04:00")
		if got := b.noted(history.Skipped); got != 1 {
			t.Errorf("%d times are noted as skipped", got)
		}
	})
}

// TestTaskGoneStale: what waited when the person turned off what the agent plans
// does not run weeks later.
func TestTaskGoneStale(t *testing.T) {
	t.Parallel()
	for days, runs := range map[int]int{0: 1, 7: 0} {
		t.Run(fmt.Sprint(days), func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(b *bench) {
				b.enable("a/tasks", automation.Choice{Schedule: "when its tasks are due", Network: automation.Wait})
				b.around(false, false)
				b.start()
				id := b.make("once", b.in(time.Hour))
				time.Sleep(2 * time.Hour)
				if err := b.loop.Disable("a/tasks"); err != nil {
					t.Fatal(err)
				}
				b.around(true, false)
				time.Sleep(time.Hour + time.Duration(days)*24*time.Hour)
				b.allow()
				time.Sleep(time.Hour)
				if got := len(b.times(id)); got != runs || b.there(id) {
					t.Errorf("%d runs, want %d", got, runs)
				}
			})
		})
	}
}

// TestTaskTurnedOff by the person does not run, and is forgotten when its time is over.
func TestTaskTurnedOff(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.allow()
		b.start()
		once, every := b.make("once", b.in(time.Hour)), b.make("every", "1h")
		for _, id := range []string{once, every} {
			if err := b.loop.Disable(id); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(30 * time.Hour)
		b.wantRuns(once)
		b.wantRuns(every)
		if b.there(once) || !b.there(every) {
			t.Error("what cannot run any more stays, or what can is gone")
		}
	})
}

// TestTaskBounds: no number of tasks and no time that never comes gets in.
func TestTaskBounds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	defer func() { _ = b.store.Close() }()
	kept := 0
	for i := range 10_000 {
		_, err := b.loop.Make(fmt.Sprintf("a/task-%d", i), "a/tasks", automation.Choice{Schedule: "1h", Zone: "UTC"}, []byte("x"))
		if err == nil {
			kept++
		} else if !fault.Is(err, fault.Limited) {
			t.Fatal(err)
		}
	}
	if kept != automation.MostTasks {
		t.Errorf("%d tasks", kept)
	}
	for _, schedule := range []string{"0 0 30 2 *", "* * * *", "", "at yesterday", "at 1999-01-01T00:00:00Z", "10s", "61 * * * *"} {
		if _, err := b.loop.Make("b/task-x", "b/tasks", automation.Choice{Schedule: schedule, Zone: "UTC"}, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", schedule, err)
		}
	}
	if b.there("b/tasks") || b.there("b/task-x") {
		t.Error("a task that was refused left something behind")
	}
}

// TestTasksGoWithTheirAgent: record, words and the person's consent.
func TestTasksGoWithTheirAgent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	defer func() { _ = b.store.Close() }()
	id := b.make("canary", "1h")
	if what, err := b.loop.What(id); err != nil || string(what) != "sealed canary" {
		t.Errorf("%q %v", what, err)
	}
	if err := b.loop.Forget("a"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.loop.What(id); !fault.Is(err, fault.NotFound) || b.there(id) || b.there("a/tasks") {
		t.Errorf("it stays: %v", err)
	}
}
