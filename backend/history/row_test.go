package history_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/store"
)

// whole is a run with something in every field.
func whole(at time.Time) history.Run {
	service := "mail"
	return history.Run{
		ID: history.NewID(at), Agent: "a", Function: "handler", Trigger: "manual", Status: history.Failed, StartedAt: at, DurationMS: 7,
		Input: json.RawMessage(`{"in":1}`), Result: json.RawMessage(`{"error":true}`), Error: &fault.Problem{Code: fault.Script, Message: "m", Hint: "h"},
		Logs:     []history.Log{{At: at, Level: "info", Text: "ä\n\x00"}, {At: at.Add(1), Level: "warn"}},
		Requests: []history.Request{{At: at, Method: "GET", URL: "https://a.example/", Status: 200, MS: 5, Bytes: -1, Service: &service}, {At: at}},
	}
}

func TestEveryFieldIsKept(t *testing.T) {
	t.Parallel()
	h, at := newHistory(t), time.Date(2026, 6, 15, 12, 0, 0, 123456789, time.UTC)
	bare := history.Run{ID: history.NewID(at.Add(time.Second)), Agent: "b", Status: history.OK}
	for _, run := range []history.Run{whole(at), bare} {
		if err := h.SaveRun(t.Context(), run); err != nil {
			t.Fatal(err)
		}
		run = run.Complete()
		got, err := h.Run(t.Context(), run.ID)
		if diff := cmp.Diff(run, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	}
	wrong := whole(at)
	wrong.Result = json.RawMessage(`{"half":`)
	if err := h.SaveRun(t.Context(), wrong); err == nil {
		t.Error("a result that is no JSON was kept, and no list could be shown again")
	}
}

// older writes a run as the first version did: JSON, its body sealed as JSON too.
func older(t *testing.T, st *store.Store, bucket string, run history.Run) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"input": run.Input, "result": run.Result, "error": run.Error, "logs": run.Logs})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := flip{}.Seal(t.Context(), "", "", body)
	if err != nil {
		t.Fatal(err)
	}
	bare := run
	bare.Result, bare.Error, bare.Logs = nil, nil, nil
	row, err := json.Marshal(bare)
	if err != nil {
		t.Fatal(err)
	}
	raw := fmt.Sprintf(`{"v":1,"d":{"run":%s,"sealed":%q}}`, row, base64.StdEncoding.EncodeToString(sealed))
	put(t, st, bucket, run.ID, raw)
}

func put(t *testing.T, st *store.Store, bucket, key, raw string) {
	t.Helper()
	if err := st.Update(func(tx *store.Tx) error { return tx.Put(bucket, key, []byte(raw)) }); err != nil {
		t.Fatal(err)
	}
}

func openStore(tb testing.TB) *store.Store {
	tb.Helper()
	st, err := store.Open(filepath.Join(tb.TempDir(), "audit.db"), store.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = st.Close() })
	return st
}

func TestOlderRowsAreRead(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct{ rows, index string }{
		"in a month":         {"runs/2026-06", "runs-by-agent/2026-06"},
		"before months were": {"runs", "runs-by-agent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := openStore(t)
			h, run := history.New(st, flip{}), whole(at)
			run.Logs[0].Text = "plain"
			older(t, st, c.rows, run)
			put(t, st, c.index, "a/"+run.ID, "\x01")
			if _, err := h.Export(t.Context(), history.Selection{}, io.Discard); err != nil {
				t.Fatal(err)
			}
			for range 2 { // moved, then read again
				list, err := h.Runs(t.Context(), "a", 10)
				if diff := cmp.Diff([]history.Run{run}, list); err != nil || diff != "" {
					t.Fatalf("%v %s", err, diff)
				}
				if err := h.InterruptOpen(); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := h.Run(t.Context(), run.ID); err != nil || got.Status != history.Failed {
				t.Errorf("%+v, %v", got, err)
			}
			if err := h.SaveRun(t.Context(), run); err != nil {
				t.Fatal(err)
			}
			for _, agent := range []string{"", "a"} {
				if list, err := h.Runs(t.Context(), agent, 10); err != nil || len(list) != 1 {
					t.Errorf("saved again, agent %q: %d runs, %v", agent, len(list), err)
				}
			}
		})
	}
}

// TestManyOlderRowsAreMoved has more of them than are moved in one step, some of
// which were under way.
func TestManyOlderRowsAreMoved(t *testing.T) {
	t.Parallel()
	st := openStore(t)
	h := history.New(st, flip{})
	const n = 2500
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := st.Update(func(tx *store.Tx) error {
		for i := range n {
			at := start.Add(time.Duration(i) * time.Hour)
			run := history.Run{ID: history.NewID(at), Agent: "a", Status: []string{history.OK, history.Running}[i%2], StartedAt: at}
			row, err := json.Marshal(map[string]any{"v": 1, "d": map[string]any{"run": run, "sealed": []byte{'{' ^ 0xff, '}' ^ 0xff}}})
			if err == nil {
				err = tx.Put("runs", run.ID, row)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := h.InterruptOpen(); err != nil {
		t.Fatal(err)
	}
	list, err := h.Runs(t.Context(), "a", 2*n)
	if err != nil || len(list) != n {
		t.Fatalf("%d runs, %v", len(list), err)
	}
	for i, run := range list {
		want := []string{history.Interrupted, history.OK}[i%2]
		if run.Status != want || !run.StartedAt.Equal(start.Add(time.Duration(n-1-i)*time.Hour)) {
			t.Fatalf("run %d is %s of %v", i, run.Status, run.StartedAt)
		}
	}
}

// FuzzRow reads rows and bodies that are torn or changed: an error, or what can be
// written and read again, and never a panic.
func FuzzRow(f *testing.F) {
	row, plain := history.PackRun(whole(time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)))
	f.Add(row, plain)
	f.Add(row[:len(row)-1], plain[:len(plain)-1])
	f.Add([]byte{}, []byte(`{"logs":[]}`))
	f.Fuzz(func(t *testing.T, row, plain []byte) {
		run, err := history.UnpackRun(row, plain)
		if err != nil {
			return
		}
		again, err := history.UnpackRun(history.PackRun(run))
		if diff := cmp.Diff(run, again); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	})
}
