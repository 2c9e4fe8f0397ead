package history_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pie/backend/history"
)

// fill writes a run a day for n days up to end, of two agents in turn.
func fill(tb testing.TB, h *history.History, n int, end time.Time) {
	tb.Helper()
	list := make([]history.Run, n)
	for i := range list {
		at := end.AddDate(0, 0, i-n+1)
		list[i] = history.Run{ID: history.NewID(at), Agent: []string{"a", "b"}[i%2], Status: history.OK, StartedAt: at, Result: json.RawMessage(`"` + strings.Repeat("x", 100) + `"`)}
		if err := h.AppendAudit(history.AuditRow{At: at, Agent: list[i].Agent, Run: list[i].ID}); err != nil {
			tb.Fatal(err)
		}
	}
	if err := h.SaveRuns(tb.Context(), list); err != nil {
		tb.Fatal(err)
	}
}

func newHistory(tb testing.TB) *history.History {
	tb.Helper()
	return history.New(openStore(tb), flip{})
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
