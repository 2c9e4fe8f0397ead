package system_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pie/backend/fault"
	"pie/backend/system"
)

// TestWake: after sleep the network must stand still for a second before
// anything is sent; without sleep nothing waits.
func TestWake(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		slept   time.Duration
		network func(since time.Duration) (addresses []string, online bool)
		least   time.Duration // that Settle takes
		code    fault.Code
	}{
		"no sleep":      {0, nil, 0, ""},
		"a busy moment": {20 * time.Second, nil, 0, ""},
		"nine hours":    {9 * time.Hour, func(time.Duration) ([]string, bool) { return []string{"a"}, true }, time.Second, ""},
		"wifi comes":    {time.Hour, func(d time.Duration) ([]string, bool) { return []string{"a"}, d > 4*time.Second }, 5 * time.Second, ""},
		"another net": {time.Hour, func(d time.Duration) ([]string, bool) {
			return []string{map[bool]string{true: "b", false: "a"}[d > 3*time.Second]}, true
		}, time.Second, ""},
		"no network": {time.Hour, func(time.Duration) ([]string, bool) { return nil, false }, 20 * time.Second, fault.Offline},
		"restless":   {time.Hour, func(d time.Duration) ([]string, bool) { return []string{d.String()}, true }, 20 * time.Second, fault.Offline},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var asleep atomic.Int64
				woke := time.Now()
				w := system.NewWake(system.WakeOptions{
					Now:       func() time.Time { return time.Now().Add(time.Duration(asleep.Load())) },
					Addresses: func() []string { a, _ := c.network(time.Since(woke)); return a },
					Online:    func(context.Context) bool { _, on := c.network(time.Since(woke)); return on },
				})
				ctx, stop := context.WithCancel(t.Context())
				go w.Watch(ctx)
				time.Sleep(10 * time.Minute) // of the bubble
				asleep.Store(int64(c.slept))
				woke = time.Now()
				err := w.Settle(ctx)
				if fault.CodeOf(err) != c.code || time.Since(woke) < c.least || c.least == 0 && time.Since(woke) != 0 {
					t.Errorf("took %s: %v", time.Since(woke), err)
				}
				if again := time.Now(); c.code == "" {
					if err := w.Settle(ctx); err != nil || time.Since(again) != 0 {
						t.Errorf("the second one took %s: %v", time.Since(again), err)
					}
				}
				stop()
				synctest.Wait()
			})
		})
	}
}

// TestWakeSeenByTheWatch: nobody asked for an hour after waking, and the first who
// does waits all the same.
func TestWakeSeenByTheWatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asleep atomic.Int64
		w := system.NewWake(system.WakeOptions{
			Now:    func() time.Time { return time.Now().Add(time.Duration(asleep.Load())) },
			Online: func(context.Context) bool { return true },
		})
		ctx, stop := context.WithCancel(t.Context())
		go w.Watch(ctx)
		asleep.Store(int64(time.Hour))
		time.Sleep(time.Minute) // of the bubble
		started := time.Now()
		if err := w.Settle(ctx); err != nil || time.Since(started) < time.Second {
			t.Errorf("took %s: %v", time.Since(started), err)
		}
		stop()
		synctest.Wait()
	})
}
