package backend_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"pie/backend/automation"
	"pie/backend/history"
)

// wall is a computer whose clock and network a test sets.
type wall struct {
	*home

	mu      sync.Mutex
	now     time.Time
	online  bool
	opened  int // browsers
	seconds int // that second has let go by since set
}

func (w *wall) Online(context.Context) bool { w.mu.Lock(); defer w.mu.Unlock(); return w.online }

func (w *wall) Saving(context.Context) bool { return false }

func (w *wall) clock() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now }

// set moves the clock and the network, and lets the loop look.
func (w *wall) set(t *testing.T, clock string, online bool) {
	t.Helper()
	at, err := time.Parse("2 15:04:05", clock)
	if err != nil {
		t.Fatal(err)
	}
	w.seconds = 0
	w.pass(t, time.Date(2026, 6, at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC).Sub(w.clock()), online)
}

// pass lets time go by.
func (w *wall) pass(t *testing.T, d time.Duration, online bool) {
	t.Helper()
	w.mu.Lock()
	w.now, w.online = w.now.Add(d), online
	w.mu.Unlock()
	if err := w.Automations.Read(); err != nil {
		t.Fatal(err)
	}
}

func newWall(t *testing.T) *wall {
	t.Helper()
	w := &wall{home: &home{dir: t.TempDir()}, now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), online: true}
	w.boot(t)
	return w
}

// second lets a second go by, five minutes of them at most: that is enough for a
// network to settle, and the next quarter of an hour does not come. None goes by
// while something runs: a run takes as long as it takes.
func (w *wall) second(t *testing.T, online bool) {
	t.Helper()
	all, err := w.Automations.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.Begun != nil {
			return
		}
	}
	step := time.Second
	if w.seconds++; w.seconds > 300 {
		step = 0
	}
	w.pass(t, step, online)
}

// ended are the runs of an agent that have ended, the newest first.
func (w *wall) ended(t *testing.T, agent string) []history.Run {
	t.Helper()
	all, err := w.History.Runs(t.Context(), agent, 100)
	if err != nil {
		t.Fatal(err)
	}
	var out []history.Run
	for _, r := range all {
		if r.Status != history.Running {
			out = append(out, r)
		}
	}
	return out
}

func (w *wall) record(t *testing.T, id string) automation.Record {
	t.Helper()
	all, err := w.Automations.All()
	if err != nil {
		t.Fatal(err)
	}
	return all[id]
}

func count(runs []history.Run, status string) (n int) {
	for _, r := range runs {
		if r.Status == status {
			n++
		}
	}
	return n
}
