package history_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/store"
)

// flip "seals" by flipping every bit, so that a plain text in the file is seen.
type flip struct{}

func (flip) Seal(_ context.Context, _, _ string, plain []byte) ([]byte, error) {
	out := bytes.Clone(plain)
	for i := range out {
		out[i] ^= 0xff
	}
	return out, nil
}

func (f flip) Open(ctx context.Context, agent, field string, sealed []byte) ([]byte, error) {
	return f.Seal(ctx, agent, field, sealed)
}

func TestRuns(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.db")
	st, err := store.Open(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h, ctx := history.New(st, flip{}), context.Background()
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var want []history.Run
	for i, agent := range []string{"a", "b", "a", "ab"} {
		at := start.Add(time.Duration(i) * time.Second)
		run := history.Run{
			ID: history.NewID(at), Agent: agent, Function: "handler", Trigger: "manual", Status: history.Running, StartedAt: at,
			Result: json.RawMessage(`"canary"`), Input: json.RawMessage(`{"in":"canary"}`), Error: &fault.Problem{Code: fault.Script, Message: "canary"},
			Logs: []history.Log{{At: at, Level: "info", Text: "canary"}}, Requests: []history.Request{},
		}
		if err := h.SaveRun(ctx, run); err != nil {
			t.Fatal(err)
		}
		want = append([]history.Run{run}, want...)
	}
	got, err := h.Runs(ctx, "", 3)
	if diff := cmp.Diff(want[:3], got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if got, err := h.Runs(ctx, "a", 10); err != nil || len(got) != 2 || got[0].ID != want[1].ID {
		t.Errorf("of one agent: %v, %v", got, err)
	}
	if err := h.InterruptOpen(); err != nil {
		t.Fatal(err)
	}
	if got, err := h.Run(ctx, want[0].ID); err != nil || got.Status != history.Interrupted || got.Logs[0].Text != "canary" {
		t.Errorf("interrupted: %+v, %v", got, err)
	}
	if _, err := h.Run(ctx, "none"); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v", err)
	}
	_ = st.Close()
	raw, err := os.ReadFile(path)
	if err != nil || bytes.Contains(raw, []byte("canary")) {
		t.Errorf("the file holds a plain text: %v", err)
	}
}

func TestAudit(t *testing.T) {
	t.Parallel()
	st, err := store.Open(filepath.Join(t.TempDir(), "audit.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	h := history.New(st, flip{})
	for i, agent := range []string{"a", "b", "a"} {
		if err := h.AppendAudit(history.AuditRow{At: time.Unix(int64(i), 0).UTC(), Agent: agent, Status: i}); err != nil {
			t.Fatal(err)
		}
	}
	if rows, err := h.Audit("a", 1); err != nil || len(rows) != 1 || rows[0].Status != 2 {
		t.Errorf("got %v, %v", rows, err)
	}
	if rows, err := h.Audit("", 10); err != nil || len(rows) != 3 {
		t.Errorf("got %v, %v", rows, err)
	}
}
