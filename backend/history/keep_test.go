package history_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pie/backend/history"
	"pie/backend/store"
)

// fill writes a run a day for n days up to end, of two agents in turn.
func fill(tb testing.TB, h *history.History, n int, end time.Time) {
	tb.Helper()
	for i := range n {
		at := end.AddDate(0, 0, i-n+1)
		run := history.Run{ID: history.NewID(at), Agent: []string{"a", "b"}[i%2], Status: history.OK, StartedAt: at, Result: json.RawMessage(`"` + strings.Repeat("x", 100) + `"`)}
		if err := h.SaveRun(tb.Context(), run); err != nil {
			tb.Fatal(err)
		}
		if err := h.AppendAudit(history.AuditRow{At: at, Agent: run.Agent, Run: run.ID}); err != nil {
			tb.Fatal(err)
		}
	}
}

func newHistory(tb testing.TB) *history.History {
	tb.Helper()
	st, err := store.Open(filepath.Join(tb.TempDir(), "audit.db"), store.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = st.Close() })
	return history.New(st, flip{})
}

func TestTrim(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		keep        history.Keep
		runs, audit int // that stay
	}{
		"nothing":        {history.Keep{}, 200, 200},
		"thirty days":    {history.Keep{Age: 30*24*time.Hour + time.Hour}, 31, 31},
		"a short time":   {history.Keep{Age: time.Hour}, 1, 1},
		"a year":         {history.Keep{Age: 366 * 24 * time.Hour}, 200, 200},
		"a size":         {history.Keep{Size: 20_000}, -1, 200},
		"a size of none": {history.Keep{Size: 1}, 0, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHistory(t)
			fill(t, h, 200, end)
			trimmed, err := h.Trim(c.keep, end)
			if err != nil {
				t.Fatal(err)
			}
			runs, err := h.Runs(t.Context(), "", 1000)
			if err != nil || len(runs) != 200-trimmed.Runs || c.runs >= 0 && len(runs) != c.runs {
				t.Errorf("%d runs, %+v, %v", len(runs), trimmed, err)
			}
			if c.runs < 0 && (len(runs) < 20 || len(runs) > 100) {
				t.Errorf("%d runs in 20,000 bytes", len(runs))
			}
			for i, r := range runs {
				if want := end.AddDate(0, 0, -i); !r.StartedAt.Equal(want) {
					t.Fatalf("run %d is of %v, want %v", i, r.StartedAt, want)
				}
			}
			mine, err := h.Runs(t.Context(), "a", 1000)
			if err != nil || len(mine) != len(runs)/2 {
				t.Errorf("%d runs of one agent, %v", len(mine), err)
			}
			if rows, err := h.Audit("", 1000); err != nil || len(rows) != c.audit {
				t.Errorf("%d audit rows, %v", len(rows), err)
			}
		})
	}
}

func TestWithoutResults(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	h.Without(func(agent string) bool { return agent == "b" })
	fill(t, h, 2, time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC))
	runs, err := h.Runs(t.Context(), "", 2)
	if err != nil || runs[0].Agent != "b" || len(runs[0].Result) != 0 || len(runs[1].Result) == 0 {
		t.Errorf("%+v, %v", runs, err)
	}
}

func TestInterruptOnlyWhatIsOpen(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	start := time.Date(2026, 5, 31, 23, 59, 59, 0, time.UTC)
	for i, status := range []string{history.Running, history.OK, history.Queued, history.Waiting} {
		if err := h.SaveRun(t.Context(), history.Run{ID: history.NewID(start.Add(time.Duration(i) * time.Second)), Agent: "a", Status: status}); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := h.InterruptOpen(); err != nil {
			t.Fatal(err)
		}
	}
	runs, err := h.Runs(t.Context(), "a", 10)
	got := ""
	for _, r := range runs {
		got += r.Status + " "
	}
	if err != nil || got != "waiting interrupted ok interrupted " {
		t.Errorf("%q, %v", got, err)
	}
}

// BenchmarkHistory is a history of a million runs over two years: the last
// hundred, the last hundred of one agent, and trimming half of it.
func BenchmarkHistory(b *testing.B) {
	const all, months = 1_000_000, 24
	end := time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)
	st, err := store.Open(filepath.Join(b.TempDir(), "audit.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	h := history.New(st, flip{})
	step := end.Sub(end.AddDate(0, -months, 0)) / all
	runs := make([]history.Run, 0, 10_000)
	for i := range all {
		at := end.Add(-step * time.Duration(all-i))
		runs = append(runs, history.Run{ID: history.NewID(at), Agent: fmt.Sprintf("agent-%d", i%50), Function: "handler", Trigger: "automation", Status: history.OK, StartedAt: at, Result: json.RawMessage(`{"success":true,"temp":21}`)})
		if len(runs) == cap(runs) {
			if err := h.SaveRuns(b.Context(), runs); err != nil {
				b.Fatal(err)
			}
			runs = runs[:0]
		}
	}
	for name, agent := range map[string]string{"Last100": "", "ByAgent": "agent-7"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if got, err := h.Runs(b.Context(), agent, 100); err != nil || len(got) != 100 {
					b.Fatal(len(got), err)
				}
			}
		})
	}
	began := time.Now()
	trimmed, err := h.Trim(history.Keep{Age: end.Sub(end.Add(-step * (all / 2)))}, end)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("trimming %d of %d runs took %v", trimmed.Runs, all, time.Since(began))
}
