package automation_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"pie/backend/automation"
	"pie/backend/history"
	"pie/backend/store"
)

// timed is a computer whose clock is set, and whose runs tell when they began.
type timed struct {
	loop  *automation.Loop
	began chan time.Time
	told  chan string // ids of automations of which something was told

	mu  sync.Mutex
	now time.Time
}

func (c *timed) clock() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

// set lets the loop look at another time.
func (c *timed) set(b *testing.B, now time.Time) {
	b.Helper()
	c.mu.Lock()
	c.now = now
	c.mu.Unlock()
	if err := c.loop.Disable("none"); err != nil {
		b.Fatal(err)
	}
}

// ended waits until n runs have begun and ended, each of which is told.
func (c *timed) ended(n int) {
	for heard := 0; heard < 2*n; {
		if id := <-c.told; id != "none" {
			heard++
		}
	}
}

func (c *timed) Run(_ context.Context, due automation.Due) (automation.Outcome, error) {
	c.began <- time.Now()
	return automation.Outcome{RunID: due.RunID, Status: history.OK}, nil
}

func (*timed) Note(context.Context, automation.Note) error { return nil }
func (*timed) Ready() bool                                 { return true }

// newTimed has n automations that are on, and a file in memory: what a disk takes
// to keep a record is the same for one and for many.
func newTimed(b *testing.B, n int, schedule func(i int) string) *timed {
	b.Helper()
	st, err := store.Open(filepath.Join(memory(b), "pie.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	c := &timed{now: firstDay().Add(-time.Second), began: make(chan time.Time, n), told: make(chan string, 4*n)}
	c.loop = automation.New(automation.Options{Store: st, Runner: c, Now: c.clock, Notify: func(id string) { c.told <- id }})
	b.Cleanup(c.loop.Stop)
	for i := range n {
		if _, err := c.loop.Enable(fmt.Sprintf("a/%d", i), automation.Choice{Schedule: schedule(i), Zone: "UTC"}); err != nil {
			b.Fatal(err)
		}
		<-c.told
	}
	if err := c.loop.Start(); err != nil {
		b.Fatal(err)
	}
	return c
}

func firstDay() time.Time { return time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC) }

// daily is a minute of every day, another for each i.
func daily(i int) string { return fmt.Sprintf("%d %d * * *", i%60, i/60) }

// late are the times from when something came to be due until its run began, of
// one automation after the other.
func (c *timed) late(b *testing.B, n, automations int) []time.Duration {
	b.Helper()
	out := make([]time.Duration, n)
	for k := range out {
		at := firstDay().AddDate(0, 0, k/automations).Add(time.Duration(k%automations) * time.Minute)
		since := time.Now()
		c.set(b, at)
		out[k] = (<-c.began).Sub(since)
		c.ended(1)
	}
	return out
}

func percentile(all []time.Duration, p int) float64 {
	slices.Sort(all)
	return float64(all[(len(all)-1)*p/100].Microseconds()) / 1000
}

// BenchmarkDue is how late a run begins: with one automation, with five hundred of
// which one is due at a time, and with five hundred at once, where four run at a
// time and each ends as it has begun.
func BenchmarkDue(b *testing.B) {
	const many, samples = 500, 1000
	for b.Loop() {
		idle := newTimed(b, 1, daily).late(b, samples, 1)
		full := newTimed(b, many, daily).late(b, samples, many)
		b.ReportMetric(percentile(full, 50), "p50-ms")
		b.ReportMetric(percentile(full, 99), "p99-ms")
		b.ReportMetric(percentile(full, 50)-percentile(idle, 50), "p50-over-idle-ms")
		b.ReportMetric(percentile(full, 99)-percentile(idle, 99), "p99-over-idle-ms")

		c := newTimed(b, many, func(int) string { return "0 0 * * *" })
		started := time.Now()
		before := started
		c.set(b, firstDay())
		gaps := make([]time.Duration, many)
		for i := range gaps {
			at := <-c.began
			gaps[i], before = at.Sub(before), at
		}
		c.ended(many)
		b.ReportMetric(float64(time.Since(started).Milliseconds()), "at-once-all-ms")
		b.ReportMetric(percentile(gaps, 99), "at-once-p99-ms")
	}
}
