package automation_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pie/backend/automation"
	"pie/backend/fault"
	"pie/backend/history"
)

// at is a moment of the first day of the bubble.
func (b *bench) at(clock string) time.Time {
	b.t.Helper()
	t, err := time.Parse("2006-01-02 15:04:05", "2000-01-01 "+clock)
	if err != nil {
		b.t.Fatal(err)
	}
	return t
}

func TestNetworkIsWaitedFor(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		var began []time.Time
		b.run = func(_ context.Context, due automation.Due) (automation.Outcome, error) {
			began = append(began, b.now().UTC())
			return automation.Outcome{Status: history.OK}, nil
		}
		b.enable("a/0", automation.Choice{Schedule: "0 * * * *", Network: automation.Wait, Missed: automation.MissedSkip})
		b.start()
		b.around(false, false)
		time.Sleep(2*time.Hour + 30*time.Minute)
		synctest.Wait()
		if r := b.record(); r.Waits != automation.ForNetwork || !r.Pending.Equal(b.at("02:00:00")) || len(began) != 0 {
			t.Errorf("offline: %+v", r)
		}
		b.around(true, false)
		time.Sleep(25 * time.Minute)
		synctest.Wait()
		b.wantTimes("1 02:00")
		if settled := began[0].Sub(b.at("02:30:00")); settled < 10*time.Second || settled > time.Minute {
			t.Errorf("it began %v after the network was back", settled)
		}
		if got := b.noted(history.Missed); got != 1 {
			t.Errorf("%d times are noted as missed", got)
		}
		if r := b.record(); r.Absent == nil || r.Absent.Missed != 1 || r.Waits != "" {
			t.Errorf("on the card: %+v", r)
		}
		time.Sleep(6 * time.Minute)
		synctest.Wait()
		b.wantTimes("1 02:00", "1 03:00")
		if !began[1].Equal(b.at("03:00:00")) {
			t.Errorf("with a network it began at %v", began[1])
		}
	})
}

func TestBatteryIsSaved(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.enable("a/0", automation.Choice{Schedule: "0 * * * *", Battery: automation.Wait})
		b.enable("b/0", automation.Choice{Schedule: "0 * * * *"})
		b.start()
		b.around(true, true)
		time.Sleep(90 * time.Minute)
		if r := b.record(); r.Waits != automation.ForBattery || len(b.times("b/0")) != 1 {
			t.Errorf("saving: %+v, the other ran for %v", r, b.times("b/0"))
		}
		b.around(true, false)
		time.Sleep(time.Minute)
		b.wantTimes("1 01:00")
	})
}

func TestJitter(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		var mu sync.Mutex
		began := map[time.Duration]bool{}
		b.run = func(_ context.Context, due automation.Due) (automation.Outcome, error) {
			late := b.now().Sub(due.At)
			mu.Lock()
			defer mu.Unlock()
			began[late] = true
			return automation.Outcome{Status: history.OK}, nil
		}
		for i := range 20 {
			b.enable(fmt.Sprintf("a/%d", i), automation.Choice{Schedule: "0 7 * * *", Jitter: 10 * time.Minute})
		}
		b.start()
		time.Sleep(8 * time.Hour)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		for late := range began {
			if late < 0 || late > 10*time.Minute {
				t.Errorf("a run began after %v", late)
			}
		}
		if len(b.asked()) != 20 || len(began) < 10 {
			t.Errorf("%d runs at %d times", len(b.asked()), len(began))
		}
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		outcome automation.Outcome
		second  time.Duration // after the first
		retry   string
	}{
		"asked for an hour": {automation.Outcome{Status: history.Failed, Code: fault.Script, Busy: true, RetryAfter: time.Hour}, time.Hour, ""},
		"asked for less":    {automation.Outcome{Status: history.Failed, Code: fault.Script, Busy: true, RetryAfter: time.Second}, time.Minute, ""},
		"busy":              {automation.Outcome{Status: history.Failed, Code: fault.Script, Busy: true}, time.Minute, ""},
		"too long":          {automation.Outcome{Status: history.Failed, Code: fault.Script, Busy: true, RetryAfter: 48 * time.Hour}, 0, ""},
		"not wanted":        {automation.Outcome{Status: history.Failed, Code: fault.Script, Busy: true}, 0, automation.RetryNever},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(b *bench) {
				var began []time.Time
				b.run = func(context.Context, automation.Due) (automation.Outcome, error) {
					began = append(began, b.now())
					return c.outcome, nil
				}
				b.enable("a/0", automation.Choice{Schedule: "0 7 * * *", Retry: c.retry})
				b.start()
				time.Sleep(20 * time.Hour)
				synctest.Wait()
				if c.second == 0 && len(began) == 1 {
					return
				}
				if len(began) != 4 || began[1].Sub(began[0]) != c.second {
					t.Errorf("it began at %v", began)
				}
			})
		})
	}
}

func TestWhatWroteIsNotRepeatedByItself(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.run = func(_ context.Context, due automation.Due) (automation.Outcome, error) {
			return automation.Outcome{RunID: due.RunID, Status: history.Failed, Code: fault.Offline, Wrote: true}, nil
		}
		b.enable("a/0", automation.Choice{Schedule: "0 7 * * *"})
		b.start()
		time.Sleep(12 * time.Hour)
		r := b.record()
		if len(b.asked()) != 1 || r.Ask == nil || r.Ask.RunID != b.asked()[0].RunID || b.troubled("a/0") != automation.TroubleAsk {
			t.Fatalf("%d runs, %+v", len(b.asked()), r)
		}
		if err := b.loop.Decide("a/0", automation.DecideRun); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		b.wantTimes("1 07:00", "1 07:00")
		if err := b.loop.Decide("a/0", automation.DecideSkip); err != nil || b.record().Ask != nil {
			t.Errorf("%v, %+v", err, b.record().Ask)
		}
		time.Sleep(time.Hour)
		b.wantTimes("1 07:00", "1 07:00")
	})
}

func TestPersonDecides(t *testing.T) {
	t.Parallel()
	for decision, want := range map[string][]string{
		automation.DecideRun: {"2 07:00"}, automation.DecideSkip: nil, automation.DecideHold: nil,
	} {
		t.Run(decision, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(b *bench) {
				b.enable("a/0", automation.Choice{Schedule: "0 7 * * *"})
				b.start()
				time.Sleep(70 * time.Second)
				b.set(36 * time.Hour)
				time.Sleep(25 * time.Second) // seen, and held for half a minute
				if r := b.record(); len(b.asked()) != 0 || r.Absent == nil || r.Absent.Missed != 1 || r.Held == nil {
					t.Fatalf("before: %+v", r)
				}
				if err := b.loop.Decide("a/0", decision); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Hour)
				b.wantTimes(want...)
				if decision == automation.DecideHold {
					if err := b.loop.Decide("a/0", automation.DecideRun); err != nil {
						t.Error(err)
					}
					time.Sleep(time.Minute)
					b.wantTimes("2 07:00")
				}
				if err := b.loop.Read(); err != nil || b.record().Absent != nil {
					t.Errorf("read: %v, %+v", err, b.record().Absent)
				}
				if err := b.loop.Decide("a/0", decision); !fault.Is(err, fault.NotFound) {
					t.Errorf("nothing is due: %v", err)
				}
			})
		})
	}
}

func TestPersonIsToldOfTrouble(t *testing.T) {
	t.Parallel()
	failed := automation.Outcome{Status: history.Failed, Code: fault.Script}
	for name, c := range map[string]struct {
		outcomes []automation.Outcome
		err      error
		want     []string
	}{
		"failed once":             {[]automation.Outcome{failed, {Status: history.OK}, failed, {Status: history.OK}}, nil, nil},
		"failed twice":            {[]automation.Outcome{failed, failed, failed, failed}, nil, []string{automation.TroubleFailed}},
		"failed twice, and again": {[]automation.Outcome{failed, failed, {Status: history.OK}, failed, failed}, nil, []string{automation.TroubleFailed, automation.TroubleFailed}},
		"needs sign-in":           {[]automation.Outcome{{Status: history.RequiresAuth}, {Status: history.RequiresAuth}}, nil, []string{automation.TroubleSignIn}},
		"locked":                  {nil, fault.New(fault.Locked, "The vault is locked.", ""), []string{automation.TroubleLocked}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(b *bench) {
				n := 0
				b.run = func(context.Context, automation.Due) (automation.Outcome, error) {
					if c.err != nil {
						return automation.Outcome{}, c.err
					}
					n++
					return c.outcomes[min(n, len(c.outcomes))-1], nil
				}
				b.enable("a/0", automation.Choice{Schedule: "0 * * * *"})
				b.start()
				time.Sleep(time.Duration(max(len(c.outcomes), 3))*time.Hour + time.Minute)
				synctest.Wait()
				if got := b.troubles["a/0"]; fmt.Sprint(got) != fmt.Sprint(c.want) {
					t.Errorf("told of %q, want %q", got, c.want)
				}
			})
		})
	}
}

func TestPosted(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		var got []string
		b.run = func(_ context.Context, due automation.Due) (automation.Outcome, error) {
			time.Sleep(time.Second)
			got = append(got, string(due.Payload))
			return automation.Outcome{Status: history.OK}, nil
		}
		if err := b.loop.Post("a/0", nil); !fault.Is(err, fault.NotFound) {
			t.Errorf("to nobody: %v", err)
		}
		b.enable("a/0", automation.Choice{Schedule: "when called"})
		for i := range 103 {
			err := b.loop.Post("a/0", fmt.Appendf(nil, "%d", i))
			if (i < 100) != (err == nil) || err != nil && !fault.Is(err, fault.Limited) {
				t.Errorf("%d: %v", i, err)
			}
		}
		b.crash() // what was taken is on disk
		b.boot()
		b.start()
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if len(got) != 100 || got[0] != "0" || got[99] != "99" {
			t.Errorf("%d runs: %q", len(got), got)
		}
		if err := b.loop.Disable("a/0"); err != nil {
			t.Error(err)
		}
		if err := b.loop.Post("a/0", nil); !fault.Is(err, fault.NotFound) {
			t.Errorf("to one that is off: %v", err)
		}
	})
}

func TestRefusedIsToldOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.enable("a/0", automation.Choice{Schedule: "when called"})
		b.start()
		time.Sleep(time.Second)
		for range 5000 {
			b.loop.Refuse("a/0", "Too much.")
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if len(b.notes) != 1 || b.notes[0].Count != 5000 || b.notes[0].Status != history.Skipped {
			t.Errorf("noted %+v", b.notes)
		}
	})
}

func TestOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.enable("a/0", automation.Choice{Schedule: automation.At(b.at("03:00:00"))})
		b.start()
		time.Sleep(48 * time.Hour)
		b.wantTimes("1 03:00")
	})
}

func TestCouldNotBeginIsNotedOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		b.run = func(context.Context, automation.Due) (automation.Outcome, error) {
			return automation.Outcome{}, fmt.Errorf("beginning: %w", errors.ErrUnsupported)
		}
		b.enable("a/0", automation.Choice{Schedule: "0 7 * * *"})
		b.start()
		time.Sleep(12 * time.Hour)
		if got := b.noted(history.Skipped); got != 1 || b.record().Last != nil {
			t.Errorf("%d rows, last %+v", got, b.record().Last)
		}
	})
}
