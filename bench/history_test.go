//go:build unix

// Package bench_test compares the program with what else could be used in its
// place. It is a module of its own, so that the program's list of dependencies
// stays free of the other.
package bench_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"pie/backend/history"
	"pie/backend/store"
	"pie/backend/vault"
)

// A history of a million runs over two years, of fifty agents.
const (
	allRuns = 1_000_000
	agents  = 50
	oneStep = 10_000 // runs that are written in one step
)

func end() time.Time { return time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC) }

// at is when run i began.
func at(i int) time.Time {
	step := end().Sub(end().AddDate(-2, 0, 0)) / allRuns
	return end().Add(-step * time.Duration(allRuns-i))
}

func agentOf(i int) string { return fmt.Sprintf("agent-%d", i%agents) }

// run is a run as it is in daily use: an input, a result, three lines, a request.
func run(i int) history.Run {
	began, service := at(i), "tasks"
	r := history.Run{
		ID: history.NewID(began), Agent: agentOf(i), Function: "handler", Trigger: "automation", Status: history.OK, StartedAt: began, DurationMS: 412,
		Input:  json.RawMessage(`{"triggeredBy":"schedule","scheduledFor":"` + began.Format(time.RFC3339) + `"}`),
		Result: json.RawMessage(`{"success":true,"message":"3 tasks were moved to today.","count":3}`),
		Requests: []history.Request{
			{At: began, Method: "GET", URL: "https://tasks.example/lists/today/tasks", Status: 200, MS: 180, Bytes: 5120, Service: &service},
		},
	}
	for _, text := range []string{"looking for tasks", "found 3", "moved 3 tasks"} {
		r.Logs = append(r.Logs, history.Log{At: began, Level: "info", Text: text})
	}
	return r
}

// sealed is the part of the vault that runs are sealed with.
type sealed struct{ *vault.Vault }

func (s sealed) Seal(ctx context.Context, agent, field string, plain []byte) ([]byte, error) {
	return s.Vault.Seal(ctx, slot(agent, field), plain)
}

func (s sealed) Open(ctx context.Context, agent, field string, text []byte) ([]byte, error) {
	return s.Vault.Open(ctx, slot(agent, field), text)
}

func slot(agent, field string) vault.Slot {
	return vault.Slot{Bucket: "runs", Plugin: agent, Connection: "history", Field: field}
}

// newHistory is the history as the program has it: two files, a vault that is open.
func newHistory(b *testing.B) (*history.History, string) {
	b.Helper()
	dir := b.TempDir()
	var open []*store.Store
	for _, name := range []string{"pie.db", "audit.db"} {
		st, err := store.Open(filepath.Join(dir, name), store.Options{PageSize: history.PageSize})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = st.Close() })
		open = append(open, st)
	}
	v := vault.New(open[0], vault.Options{Source: vault.SourceKeyFile, Dir: dir, KeyFile: filepath.Join(dir, "key")})
	return history.New(open[1], sealed{v}), open[1].Path()
}

func fill(b *testing.B, h *history.History) {
	b.Helper()
	for i := 0; i < allRuns; {
		runs := make([]history.Run, oneStep)
		for n := range runs {
			runs[n] = run(i)
			i++
		}
		if err := h.SaveRuns(b.Context(), runs); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHistory asks for the last hundred runs, the last hundred of one agent,
// and removes the older half, beside SQLite doing the same.
func BenchmarkHistory(b *testing.B) {
	h, path := newHistory(b)
	fill(b, h)
	other := newTable(b)
	other.fill(b)
	for name, agent := range map[string]string{"Last100": "", "ByAgent": agentOf(7)} {
		b.Run(name, func(b *testing.B) {
			cpu := processor(b)
			for b.Loop() {
				if got, err := h.Runs(b.Context(), agent, 100); err != nil || len(got) != 100 {
					b.Fatal(len(got), err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "ms")
			b.ReportMetric(float64((processor(b)-cpu).Microseconds())/float64(b.N)/1000, "cpu-ms")
		})
	}
	b.Run("TrimHalf", func(b *testing.B) { trimHalf(b, h, path, other) })
}

// trimHalf can be done once.
func trimHalf(b *testing.B, h *history.History, path string, other *table) {
	b.Helper()
	before := size(b, path)
	ours, oursCPU := measured(b, func() {
		trimmed, err := h.Trim(history.Keep{Age: end().Sub(at(allRuns / 2))}, end())
		if err != nil || trimmed.Runs != allRuns/2 {
			b.Fatal(trimmed, err)
		}
	})
	theirs, theirsCPU := measured(b, func() {
		if gone := other.trimHalf(b); gone != allRuns/2 {
			b.Fatal(gone)
		}
	})
	b.ReportMetric(float64(ours)/float64(theirs), "ratio")
	b.ReportMetric(float64(oursCPU)/float64(theirsCPU), "cpu-ratio")
	b.ReportMetric(float64(ours.Milliseconds()), "ms")
	b.ReportMetric(float64(theirs.Milliseconds()), "sqlite-ms")
	b.ReportMetric(float64(before>>20), "file-MB")
	b.ReportMetric(0, "ns/op")
}

// measured is how long do takes, on the clock and on processors, where other
// programs do not count.
func measured(b *testing.B, do func()) (wall, cpu time.Duration) {
	b.Helper()
	began, used := time.Now(), processor(b)
	do()
	return time.Since(began), processor(b) - used
}

func processor(b *testing.B) time.Duration {
	b.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

func size(b *testing.B, path string) int64 {
	b.Helper()
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return info.Size()
}
