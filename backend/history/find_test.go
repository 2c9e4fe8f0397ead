package history_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pie/backend/history"
	"pie/backend/store"
)

// shut seals, and opens nothing: a list needs no key.
type shut struct{ flip }

func (shut) Open(context.Context, string, string, []byte) ([]byte, error) {
	return nil, errors.New("locked")
}

// TestFind goes through all pages of each filter, over three months.
func TestFind(t *testing.T) {
	t.Parallel()
	st, err := store.Open(filepath.Join(t.TempDir(), "audit.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	h := history.New(st, shut{})
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var all []history.Run
	for i := range 90 {
		at := start.AddDate(0, 0, i)
		run := history.Run{
			ID: history.NewID(at), Agent: []string{"a", "ab"}[i%2], Function: "handler", StartedAt: at, DurationMS: int64(i),
			Trigger: []string{"manual", "automation", "dev"}[i%3], Status: []string{history.OK, history.OK, history.OK, history.Failed}[i%4],
			Requests: make([]history.Request, i%3),
		}
		all = append(all, run)
	}
	if err := h.SaveRuns(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]history.Filter{
		"all":            {},
		"by agent":       {Agent: "a"},
		"failed":         {Statuses: []string{history.Failed}},
		"ok or failed":   {Statuses: []string{history.Failed, history.OK}},
		"by the clock":   {Triggers: []string{"automation"}},
		"all three":      {Agent: "ab", Statuses: []string{history.OK}, Triggers: []string{"manual", "dev"}},
		"none":           {Statuses: []string{history.Waiting}},
		"agent not here": {Agent: "b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := []string{}
			for _, run := range slices.Backward(all) {
				if wanted(f, run) {
					want = append(want, run.ID)
				}
			}
			got, rows := []string{}, 0
			f.Limit = 7
			for first := true; first || f.Before != ""; first = false {
				page, err := h.Find(f)
				if err != nil || len(page.Rows) > 7 {
					t.Fatalf("%d rows, %v", len(page.Rows), err)
				}
				for _, row := range page.Rows {
					got, rows = append(got, row.ID), rows+row.Requests
				}
				f.Before = page.Next
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %d runs, want %d", len(got), len(want))
			}
			if name == "all" && rows != 90 {
				t.Errorf("%d requests in all", rows)
			}
		})
	}
}

// wanted says the same as the filter does, in another way.
func wanted(f history.Filter, run history.Run) bool {
	one := func(list []string, word string) bool { return len(list) == 0 || slices.Contains(list, word) }
	return (f.Agent == "" || f.Agent == run.Agent) && one(f.Statuses, run.Status) && one(f.Triggers, run.Trigger)
}
