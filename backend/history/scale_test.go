package history_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"pie/backend/history"
	"pie/backend/store"
)

// fillFast writes n runs of five agents, a minute from one to the next up to end,
// in one step.
func fillFast(tb testing.TB, h *history.History, n, size int, end time.Time) {
	tb.Helper()
	list := make([]history.Run, n)
	for i := range list {
		at := end.Add(time.Duration(i-n+1) * time.Minute)
		list[i] = history.Run{ID: history.NewID(at), Agent: fmt.Sprintf("a%d", i%5), Status: history.OK, StartedAt: at, Result: json.RawMessage(`"` + strings.Repeat("x", size) + `"`)}
	}
	if err := h.SaveRuns(tb.Context(), list); err != nil {
		tb.Fatal(err)
	}
}

// counted counts what is opened, and what is open and not yet written at a time.
type counted struct {
	flip
	opened, ahead, most int
}

func (c *counted) Open(ctx context.Context, agent, field string, sealed []byte) ([]byte, error) {
	c.opened++
	c.ahead++
	c.most = max(c.most, c.ahead)
	return c.flip.Open(ctx, agent, field, sealed)
}

func (c *counted) Write(p []byte) (int, error) {
	c.ahead--
	return len(p), nil
}

// TestExportReadsEachRunOnce: what is read grows as the history does, and what is
// in memory does not.
func TestExportReadsEachRunOnce(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		agent       string
		runs, size  int
		most        int // runs in memory
		readsOfEach int
	}{
		"a few":             {"", 250, 10, 200, 1},
		"many times that":   {"", 5000, 10, 200, 1},
		"of one agent":      {"a3", 5000, 10, 200, 2}, // with its entry of the index
		"with long results": {"", 40, 300 << 10, 4, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st, sealer := openStore(t), &counted{}
			h := history.New(st, sealer)
			fillFast(t, h, c.runs, c.size, end)
			before := st.Reads()
			got, err := h.Export(t.Context(), history.Selection{Agent: c.agent, Results: true}, sealer)
			want := c.runs
			if c.agent != "" {
				want /= 5
			}
			if err != nil || got.Runs != want || sealer.opened != want {
				t.Fatalf("%d runs, %d opened, %v", got.Runs, sealer.opened, err)
			}
			pages := want/min(c.most, want) + 1
			if reads := int(st.Reads() - before); reads > c.readsOfEach*(want+pages) { // the first of the next page is seen
				t.Errorf("%d reads for %d runs", reads, want)
			}
			if sealer.most > c.most {
				t.Errorf("%d runs were in memory at a time", sealer.most)
			}
		})
	}
}

func TestListReadsOnlyWhatItShows(t *testing.T) {
	t.Parallel()
	st := openStore(t)
	h := history.New(st, flip{})
	fillFast(t, h, 2000, 10, time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC))
	for agent, most := range map[string]uint64{"": 101, "a2": 202} {
		before := st.Reads()
		if list, err := h.Runs(t.Context(), agent, 100); err != nil || len(list) != 100 {
			t.Fatal(len(list), err)
		}
		if reads := st.Reads() - before; reads > most {
			t.Errorf("agent %q: %d reads for 100 runs", agent, reads)
		}
	}
}

// TestTrimGoesInSteps: between two steps others can write, and a trim that ended
// in the middle is taken up by the next.
func TestTrimGoesInSteps(t *testing.T) {
	t.Parallel()
	st, end := openStore(t), time.Date(2026, 6, 6, 0, 0, 0, 0, time.UTC)
	h := history.New(st, flip{})
	const all, kept = 9000, 1000 // of six days, some in May: more in June than go in one step
	fillFast(t, h, all, 10, end)
	wrote := make(chan error, 1)
	go func() { // waits for its turn between two steps
		wrote <- h.AppendAudit(history.AuditRow{At: end, Agent: "a"})
	}()
	trimmed, err := h.Trim(history.Keep{Age: kept*time.Minute - time.Second}, end)
	if err != nil || trimmed.Runs != all-kept {
		t.Fatalf("%+v, %v", trimmed, err)
	}
	if err := <-wrote; err != nil {
		t.Fatal(err)
	}
	for agent, want := range map[string]int{"": kept, "a1": kept / 5} {
		list, err := h.Runs(t.Context(), agent, all)
		if err != nil || len(list) != want {
			t.Errorf("agent %q: %d runs, %v", agent, len(list), err)
		}
	}
	if again, err := h.Trim(history.Keep{Age: kept*time.Minute - time.Second}, end); err != nil || again != (history.Trimmed{}) {
		t.Errorf("trimmed once more: %+v, %v", again, err)
	}
}

// TestTrimmedRoomIsUsedAgain: the file does not shrink, and does not grow while
// what comes is no more than what went.
func TestTrimmedRoomIsUsedAgain(t *testing.T) {
	t.Parallel()
	st, end := openStore(t), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	h := history.New(st, flip{})
	size := func() int64 {
		info, err := os.Stat(st.Path())
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	const each = 1000
	var first int64
	for round := range 8 {
		fillFast(t, h, each, 500, end)
		if round == 2 {
			first = size()
		}
		end = end.Add(each * time.Minute)
		if _, err := h.Trim(history.Keep{Age: each * time.Minute}, end.Add(-each*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if last := size(); last > first {
		t.Errorf("the file grew from %d to %d bytes", first, last)
	}
}

// TestAuditFromBeforeMonths is read after what came later, and trimmed like it.
func TestAuditFromBeforeMonths(t *testing.T) {
	t.Parallel()
	st, start := openStore(t), time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)
	h := history.New(st, flip{})
	for i := range 10 {
		at := start.AddDate(0, 0, i)
		row := history.AuditRow{At: at, Agent: "a", Status: i}
		if i >= 5 {
			if err := h.AppendAudit(row); err != nil {
				t.Fatal(err)
			}
			continue
		}
		id := history.NewID(at)
		if err := st.Update(func(tx *store.Tx) error {
			if err := (store.Table[history.AuditRow]{Bucket: "audit", Version: 1}).Put(tx, id, row); err != nil {
				return err
			}
			return tx.Put("audit-by-agent", "a/"+id, []byte{1})
		}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ days, want int }{{100, 10}, {7, 7}, {3, 3}} {
		trimmed, err := h.Trim(history.Keep{Age: time.Duration(c.days)*24*time.Hour - time.Hour}, start.AddDate(0, 0, 9))
		if err != nil {
			t.Fatal(trimmed, err)
		}
		for _, agent := range []string{"", "a"} {
			rows, err := h.Audit(agent, 100)
			if err != nil || len(rows) != c.want {
				t.Fatalf("%d days, agent %q: %d rows, %v", c.days, agent, len(rows), err)
			}
			for i, row := range rows {
				if row.Status != 9-i {
					t.Errorf("row %d is %d", i, row.Status)
				}
			}
		}
	}
}

func TestAnExportThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	fillFast(t, h, 3, 10, time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC))
	r, w := io.Pipe()
	_ = r.Close()
	if _, err := h.Export(t.Context(), history.Selection{}, w); err == nil {
		t.Error("nothing was said")
	}
}
