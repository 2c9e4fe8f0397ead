package automation_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pie/backend/automation"
	"pie/backend/fault"
	"pie/backend/history"
)

// make keeps a task of agent a, called a/task-NAME here so that a test can name it.
func (b *bench) make(name, schedule string) string {
	b.t.Helper()
	id := "a/task-" + name
	if _, err := b.loop.Make(id, "a/tasks", automation.Choice{Schedule: schedule, Zone: "UTC"}, []byte("sealed "+name)); err != nil {
		b.t.Fatal(err)
	}
	return id
}

// allow is the person's consent to the tasks of agent a.
func (b *bench) allow() { b.enable("a/tasks", automation.Choice{Schedule: "when its tasks are due"}) }

func (b *bench) there(id string) bool {
	b.t.Helper()
	all, err := b.loop.All()
	if err != nil {
		b.t.Fatal(err)
	}
	_, there := all[id]
	return there
}

func (b *bench) wantRuns(id string, want ...string) {
	b.t.Helper()
	if got := clocks(b.times(id)); !slices.Equal(got, want) {
		b.t.Errorf("%s ran for %q, want %q", id, got, want)
	}
}

func (b *bench) in(d time.Duration) string { return automation.At(b.now().Add(d)) }

// TestTasksWaitForThePerson: nothing that an agent plans runs before the person has
// turned it on, and then nothing comes that has gone stale.
func TestTasksWaitForThePerson(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.start()
		stale, late := b.make("stale", b.in(time.Hour)), b.make("late", b.in(71*time.Hour))
		every, future := b.make("every", "24h"), b.make("future", b.in(80*time.Hour))
		if asks, err := b.loop.Make("a/task-more", "a/tasks", automation.Choice{Schedule: "1h", Zone: "UTC"}, nil); err != nil || asks {
			t.Errorf("asked again: %v %v", asks, err)
		}
		if asks, err := b.loop.Make("b/task-first", "b/tasks", automation.Choice{Schedule: "1h", Zone: "UTC"}, nil); err != nil || !asks {
			t.Errorf("the person is not asked: %v %v", asks, err)
		}
		time.Sleep(72 * time.Hour)
		if n := len(b.asked()); n > 0 {
			t.Errorf("%d runs that nobody allowed", n)
		}
		b.allow()
		time.Sleep(25 * time.Hour)
		b.wantRuns(stale)
		b.wantRuns(late, "3 23:00")
		b.wantRuns(every, "5 00:00")
		b.wantRuns(future, "4 08:00")
		b.wantRuns("b/task-first")
		if b.there(stale) || b.there(late) || b.there(future) || !b.there(every) {
			t.Error("what is over stays, or what comes again is gone")
		}
		if got := b.noted(history.Missed); got != 1 {
			t.Errorf("%d times are noted as missed, want 1", got)
		}
		if err := b.loop.Disable("a/tasks"); err != nil {
			t.Error(err)
		}
		time.Sleep(72 * time.Hour)
		b.wantRuns(every, "5 00:00")
		b.allow()
		time.Sleep(25 * time.Hour)
		b.wantRuns(every, "5 00:00", "9 01:00")
	})
}

// TestTaskComesOnce: whatever befalls the computer, what is to run once runs once.
func TestTaskComesOnce(t *testing.T) {
	t.Parallel()
	again := func(b *bench) { b.crash(); b.boot(); b.start() }
	for name, befalls := range map[string]func(b *bench){
		"nothing":               func(*bench) {},
		"a restart before":      again,
		"a sleep over the time": func(b *bench) { b.set(30 * time.Hour) },
		"a clock set forward":   func(b *bench) { b.set(3 * time.Hour) },
		"set back and forward":  func(b *bench) { b.set(-5 * time.Hour); time.Sleep(time.Minute); b.set(5 * time.Hour) },
		"closed over the time":  func(b *bench) { b.crash(); b.set(50 * time.Hour); b.boot(); b.start() },
		"set back after it ran": func(b *bench) { time.Sleep(3 * time.Hour); b.set(-2 * time.Hour) },
		"a wrong year":          func(b *bench) { b.set(-400 * 24 * time.Hour); time.Sleep(time.Hour); b.set(400 * 24 * time.Hour) },
		"a restart after": func(b *bench) {
			time.Sleep(3 * time.Hour)
			again(b)
		},
		"a crash while it was due": func(b *bench) {
			b.around(false, false)
			time.Sleep(3 * time.Hour)
			again(b)
			b.around(true, false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(b *bench) {
				b.enable("a/tasks", automation.Choice{Schedule: "when its tasks are due", Network: automation.Wait})
				b.start()
				id := b.make("once", b.in(2*time.Hour))
				befalls(b)
				time.Sleep(12 * time.Hour)
				b.wantRuns(id, "1 02:00")
				if b.there(id) {
					t.Error("it is still there")
				}
			})
		})
	}
}

// TestTaskCutOff: a task that the program's end cut off may have changed something,
// so only the person repeats it.
func TestTaskCutOff(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.run = func(ctx context.Context, _ automation.Due) (automation.Outcome, error) {
			<-ctx.Done()
			return automation.Outcome{Status: history.Canceled}, nil
		}
		b.allow()
		b.start()
		id := b.make("once", b.in(time.Hour))
		time.Sleep(2 * time.Hour)
		b.crash()
		b.boot()
		b.mu.Lock()
		b.run = nil
		b.mu.Unlock()
		b.start()
		time.Sleep(48 * time.Hour)
		b.wantRuns(id, "1 01:00")
		if !b.there(id) || b.troubled(id) != automation.TroubleAsk {
			t.Errorf("the person is not asked: %q", b.troubled(id))
		}
		if err := b.loop.Decide(id, automation.DecideRun); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		b.wantRuns(id, "1 01:00", "1 01:00")
		if b.there(id) {
			t.Error("it is still there")
		}
	})
}

// TestTaskIsTriedAgain as any automation is, and never after it may have written.
func TestTaskIsTriedAgain(t *testing.T) {
	t.Parallel()
	for wrote, runs := range map[bool]int{false: 4, true: 1} {
		t.Run(fmt.Sprint(wrote), func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(b *bench) {
				b.run = func(context.Context, automation.Due) (automation.Outcome, error) {
					return automation.Outcome{Status: history.Failed, Code: fault.Offline, Wrote: wrote}, nil
				}
				b.allow()
				b.start()
				id := b.make("once", b.in(time.Hour))
				time.Sleep(24 * time.Hour)
				if got := len(b.times(id)); got != runs {
					t.Errorf("%d runs, want %d", got, runs)
				}
				if b.there(id) != wrote {
					t.Error("it is there only while the person is asked")
				}
			})
		})
	}
}

// TestTasksRunOneAfterTheOther, and keep nobody else waiting.
func TestTasksRunOneAfterTheOther(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		atOnce, most := 0, 0
		b.run = func(_ context.Context, due automation.Due) (automation.Outcome, error) {
			if strings.HasPrefix(due.ID, "a/task-") {
				atOnce++
				most = max(most, atOnce)
				defer func() { atOnce-- }()
			}
			time.Sleep(10 * time.Minute)
			return automation.Outcome{Status: history.OK}, nil
		}
		b.allow()
		b.enable("b/0", automation.Choice{Schedule: "0 1 * * *"})
		b.start()
		for i := range 20 {
			b.make(fmt.Sprint(i), "at 2000-01-01T00:59:00Z")
		}
		time.Sleep(65 * time.Minute)
		synctest.Wait()
		b.wantRuns("b/0", "1 01:00")
		time.Sleep(4 * time.Hour)
		synctest.Wait()
		if n := len(b.asked()); n != 21 || most != 1 {
			t.Errorf("%d runs, %d tasks at once", n, most)
		}
	})
}
