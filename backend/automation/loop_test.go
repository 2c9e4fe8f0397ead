package automation_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pie/backend/automation"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/store"
)

// bench is a computer with a clock that can be set, and a runner that notes what
// it is asked for.
type bench struct {
	t     testing.TB
	file  string
	store *store.Store
	loop  *automation.Loop

	mu     sync.Mutex
	offset time.Duration
	run    func(ctx context.Context, due automation.Due) (automation.Outcome, error)
	runs   []automation.Due
	notes  []automation.Note
	locked bool

	online, saving bool
	troubles       map[string][]string
}

func newBench(tb testing.TB) *bench {
	tb.Helper()
	b := &bench{t: tb, online: true, troubles: map[string][]string{}, file: filepath.Join(memory(tb), "pie.db")}
	b.boot()
	return b
}

// memory is a folder that is not on a disk, where there is one: these tests write
// more often than a disk likes.
func memory(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "pie") //nolint:usetesting // that is on a disk
	if err != nil {
		return tb.TempDir()
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// boot starts the program; what it wrote before is there.
func (b *bench) boot() {
	b.t.Helper()
	var err error
	if b.store, err = store.Open(b.file, store.Options{}); err != nil {
		b.t.Fatal(err)
	}
	b.loop = automation.New(automation.Options{Store: b.store, Runner: b, Now: b.now, Tell: b.tell, Surroundings: b})
}

func (b *bench) start() {
	b.t.Helper()
	if err := b.loop.Start(); err != nil {
		b.t.Fatal(err)
	}
}

// crash ends the program so that nothing more is written.
func (b *bench) crash() {
	b.t.Helper()
	if err := b.store.Close(); err != nil {
		b.t.Fatal(err)
	}
	b.loop.Stop()
}

func (b *bench) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Now().Add(b.offset)
}

// set moves the clock on the wall while no timer moves: a sleeping computer, or
// a person who sets the clock.
func (b *bench) set(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.offset += d
}

func (b *bench) Run(ctx context.Context, due automation.Due) (automation.Outcome, error) {
	b.mu.Lock()
	b.runs = append(b.runs, due)
	run, n := b.run, len(b.runs)
	b.mu.Unlock()
	if run != nil {
		return run(ctx, due)
	}
	return automation.Outcome{RunID: fmt.Sprint(n), Status: history.OK}, nil
}

func (b *bench) Note(_ context.Context, n automation.Note) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.locked {
		return fault.New(fault.Locked, "The vault is locked.", "")
	}
	b.notes = append(b.notes, n)
	return nil
}

func (b *bench) Online(context.Context) bool { b.mu.Lock(); defer b.mu.Unlock(); return b.online }

func (b *bench) Saving(context.Context) bool { b.mu.Lock(); defer b.mu.Unlock(); return b.saving }

func (b *bench) around(online, saving bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.online, b.saving = online, saving
}

func (b *bench) tell(id, trouble string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.troubles[id] = append(b.troubles[id], trouble)
}

// troubled is the last trouble that the person was told of.
func (b *bench) troubled(id string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.troubles[id]); n > 0 {
		return b.troubles[id][n-1]
	}
	return ""
}

func (b *bench) Ready() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.locked
}

func (b *bench) enable(id string, c automation.Choice) {
	b.t.Helper()
	if c.Zone == "" {
		c.Zone = "UTC"
	}
	if _, err := b.loop.Enable(id, c); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) record() automation.Record {
	b.t.Helper()
	all, err := b.loop.All()
	if err != nil {
		b.t.Fatal(err)
	}
	return all["a/0"]
}

// asked are the runs that the loop began.
func (b *bench) asked() []automation.Due {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.runs)
}

// times are the due times of the runs of id.
func (b *bench) times(id string) []time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []time.Time
	for _, due := range b.runs {
		if due.ID == id {
			out = append(out, due.At.UTC())
		}
	}
	return out
}

func (b *bench) noted(status string) (count int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.notes {
		if n.Status == status {
			count += n.Count
		}
	}
	return count
}

// inBubble runs the test over a clock of its own, which begins on 1 January 2000.
func inBubble(t *testing.T, test func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		test(b)
		b.loop.Stop()
		if err := b.store.Close(); err != nil {
			t.Error(err)
		}
	})
}

func clocks(times []time.Time) []string {
	out := []string{}
	for _, at := range times {
		out = append(out, at.Format("2 15:04"))
	}
	return out
}

func (b *bench) wantTimes(want ...string) {
	b.t.Helper()
	if got := clocks(b.times("a/0")); !slices.Equal(got, want) {
		b.t.Errorf("it ran for %q, want %q", got, want)
	}
}

func TestNothingStartsByItself(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.enable("a/0", automation.Choice{Schedule: "15m"})
		time.Sleep(time.Hour)
		b.wantTimes()
		if err := b.loop.Disable("a/0"); err != nil {
			t.Error(err)
		}
		b.start()
		time.Sleep(time.Hour)
		b.wantTimes()
		if b.record().Last != nil {
			t.Error("a last run is told of, but nothing ran")
		}
	})
}

func TestMissed(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string]struct {
		times  []string
		missed int
	}{
		automation.MissedSkip: {[]string{"3 07:00"}, 2},
		automation.MissedOnce: {[]string{"2 07:00", "3 07:00"}, 1},
		automation.MissedAll:  {[]string{"2 07:00", "3 07:00"}, 1},
	} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(b *bench) {
				b.enable("a/0", automation.Choice{Schedule: "0 7 * * *", Missed: policy})
				b.start()
				b.set(36 * time.Hour) // from midnight to noon of the second day
				time.Sleep(24 * time.Hour)
				b.wantTimes(want.times...)
				if got := b.noted(history.Missed); got != want.missed {
					t.Errorf("%d times are noted as missed, want %d", got, want.missed)
				}
			})
		})
	}
}

func TestMissedAllMakesUpInOrder(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.enable("a/0", automation.Choice{Schedule: "0 */8 * * *", Missed: automation.MissedAll})
		b.start()
		b.set(49 * time.Hour)
		time.Sleep(time.Minute)
		b.wantTimes("2 08:00", "2 16:00", "3 00:00")
		if got := b.noted(history.Missed); got != 3 {
			t.Errorf("%d times are noted as missed, want 3", got)
		}
	})
}

func TestOverlap(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string]struct {
		times   []string
		skipped int
	}{
		automation.OverlapSkip:  {[]string{"1 01:00", "1 04:00"}, 3},
		automation.OverlapQueue: {[]string{"1 01:00", "1 03:00", "1 05:00"}, 2},
	} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(b *bench) {
				b.run = func(context.Context, automation.Due) (automation.Outcome, error) {
					time.Sleep(150 * time.Minute)
					return automation.Outcome{Status: history.OK}, nil
				}
				b.enable("a/0", automation.Choice{Schedule: "0 1-5 * * *", Overlap: policy})
				b.start()
				time.Sleep(12 * time.Hour)
				b.wantTimes(want.times...)
				if got := b.noted(history.Skipped); got != want.skipped {
					t.Errorf("%d times are noted as skipped, want %d", got, want.skipped)
				}
			})
		})
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	offline := automation.Outcome{Status: history.Failed, Code: fault.Offline}
	for name, c := range map[string]struct {
		outcome automation.Outcome
		err     error
		runs    int
	}{
		"offline":                   {outcome: offline, runs: 4},
		"offline after a write":     {outcome: automation.Outcome{Status: history.Failed, Code: fault.Offline, Wrote: true}, runs: 1},
		"its own fault":             {outcome: automation.Outcome{Status: history.Failed, Code: fault.Script}, runs: 1},
		"a limit of time":           {outcome: automation.Outcome{Status: history.Stopped, Code: fault.Limited}, runs: 1},
		"to be connected":           {outcome: automation.Outcome{Status: history.RequiresAuth, Code: fault.Reconnect}, runs: 1},
		"could not begin":           {err: fault.New(fault.Limited, "The disk is full.", ""), runs: 4},
		"could not begin, for good": {err: fault.New(fault.Conflict, "A secret is missing.", ""), runs: 1},
		"an error from within":      {err: errors.New("inner"), runs: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(b *bench) {
				b.run = func(context.Context, automation.Due) (automation.Outcome, error) { return c.outcome, c.err }
				b.enable("a/0", automation.Choice{Schedule: "0 7 * * *"})
				b.start()
				time.Sleep(20 * time.Hour)
				runs := b.asked()
				for i, due := range runs {
					if due.Attempt != i+1 || due.At.UTC().Hour() != 7 {
						t.Errorf("attempt %d: %+v", i+1, due)
					}
				}
				if len(runs) != c.runs {
					t.Errorf("%d runs, want %d", len(runs), c.runs)
				}
				if (b.record().Last != nil) != (c.err == nil) {
					t.Errorf("the last run is %+v", b.record().Last)
				}
			})
		})
	}
}

func TestLockedVaultIsWaitedFor(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.locked = true
		b.run = func(context.Context, automation.Due) (automation.Outcome, error) {
			if !b.Ready() {
				return automation.Outcome{}, fault.New(fault.Locked, "The vault is locked.", "")
			}
			return automation.Outcome{Status: history.OK}, nil
		}
		b.enable("a/0", automation.Choice{Schedule: "0 * * * *"})
		b.start()
		time.Sleep(150 * time.Minute)
		if r := b.record(); len(b.asked()) != 1 || r.Waits != automation.ForVault || r.Last != nil {
			t.Errorf("%d attempts, %+v", len(b.asked()), r)
		}
		b.mu.Lock()
		b.locked = false
		b.mu.Unlock()
		time.Sleep(time.Minute)
		b.wantTimes("1 01:00", "1 02:00")
		if r := b.record(); r.Waits != "" || r.Last == nil || b.noted(history.Missed) != 1 {
			t.Errorf("%+v, %+v", r, b.notes)
		}
	})
}

func TestCrashLeavesAnInterruptedRun(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.run = func(ctx context.Context, _ automation.Due) (automation.Outcome, error) {
			<-ctx.Done()
			return automation.Outcome{Status: history.OK}, nil
		}
		b.enable("a/0", automation.Choice{Schedule: "0 7 * * *"})
		b.start()
		time.Sleep(7*time.Hour + time.Minute)
		b.crash()
		b.mu.Lock()
		b.run = nil
		b.mu.Unlock()
		b.boot()
		b.start()
		time.Sleep(10 * time.Hour)
		b.wantTimes("1 07:00")
		if last := b.record().Last; last == nil || last.Status != history.Interrupted {
			t.Errorf("the last run is %+v", last)
		}
	})
}

func TestStart(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.enable("a/0", automation.Choice{Schedule: "start"})
		b.start()
		b.start()
		time.Sleep(48 * time.Hour)
		b.wantTimes("1 00:00")
		b.crash()
		b.boot()
		b.start()
		time.Sleep(48 * time.Hour)
		b.wantTimes("1 00:00", "3 00:00")
	})
}

func TestClockIsSet(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.enable("a/0", automation.Choice{Schedule: "0 * * * *"})
		b.start()
		time.Sleep(150 * time.Minute)
		b.set(-90 * time.Minute) // the hours from 1 to 2 come again
		time.Sleep(150 * time.Minute)
		b.wantTimes("1 01:00", "1 02:00", "1 03:00")
		b.set(5 * 365 * 24 * time.Hour) // somebody set a wrong year
		time.Sleep(time.Minute)
		b.set(-5 * 365 * 24 * time.Hour)
		time.Sleep(2 * time.Hour)
		if got := clocks(b.times("a/0")[4:]); !slices.Equal(got, []string{"1 04:00", "1 05:00"}) {
			t.Errorf("after a wrong year it ran for %q", got)
		}
	})
}

func TestForget(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.enable("a/0", automation.Choice{Schedule: "15m"})
		b.enable("ab/0", automation.Choice{Schedule: "15m"})
		if err := b.loop.Forget("a"); err != nil {
			t.Error(err)
		}
		if all, err := b.loop.All(); err != nil || len(all) != 1 || !all["ab/0"].Enabled {
			t.Errorf("%+v, %v", all, err)
		}
	})
}
