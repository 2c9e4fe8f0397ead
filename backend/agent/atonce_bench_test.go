package agent_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dop251/goja"

	"pie/backend/agent"
	"pie/backend/agent/worker/builtin"
	"pie/backend/history"
)

const (
	atOnce     = 100
	atOnceCode = `JSON.parse(body).filter(i => i.open).map(i => i.name)`
)

// BenchmarkAtOnce lets 100 runs of 180 KB begin at once, in workers and in
// runtimes within this process by turns. It reports how many times as long the
// workers take, how many times the processor's time, which other programs at work
// do not blur, and what memory of their own the workers hold.
func BenchmarkAtOnce(b *testing.B) {
	body := items(180 << 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }))
	defer server.Close()
	server.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = atOnce //nolint:forcetypeassert // httptest's own
	h := &httpHost{client: server.Client()}
	r := agent.NewRunner(agent.Options{})
	defer func() { _ = r.Close() }()
	j := job(fmt.Sprintf(`const { body } = await context.fetch(%q); return %s`, server.URL, atOnceCode))
	want := plain(b, h.client, server.URL, parsed)
	program := goja.MustCompile("inside", "(body) => JSON.stringify("+atOnceCode+")", true)
	var ours, inside, ourWork, insideWork time.Duration
	var held int64
	for b.Loop() {
		began := worked(b)
		ours += together(func() {
			if out := r.Run(b.Context(), j, h); out.Status != history.OK || !bytes.Equal(out.Result, want) {
				b.Errorf("%+v", out.Error)
			}
		})
		between := worked(b)
		held = max(held, ownMemory(b))
		inside += together(func() {
			if got, err := runInside(b.Context(), program, h.client, server.URL); err != nil || got != string(want) {
				b.Errorf("%v", err)
			}
		})
		ourWork, insideWork = ourWork+between-began, insideWork+worked(b)-between
	}
	b.ReportMetric(float64(ours)/float64(inside), "ratio")
	if insideWork > 0 {
		b.ReportMetric(float64(ourWork)/float64(insideWork), "ratio-cpu")
		b.ReportMetric(float64(ourWork.Milliseconds())/float64(b.N), "cpu-ms/100")
	}
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ms/100")
	b.ReportMetric(float64(inside.Milliseconds())/float64(b.N), "ms/100-inside")
	b.ReportMetric(float64(held)/(1<<20), "MB-workers")
}

// together runs fn 100 times at once and returns how long all of it took.
func together(fn func()) time.Duration {
	began := time.Now()
	var all sync.WaitGroup
	for range atOnce {
		all.Go(fn)
	}
	all.Wait()
	return time.Since(began)
}

// runInside does what a worker does, without a process around it.
func runInside(ctx context.Context, program *goja.Program, client *http.Client, address string) (string, error) {
	body, _, err := get(ctx, client, address)
	if err != nil {
		return "", err
	}
	vm := goja.New()
	if err := builtin.Install(vm, builtin.Options{}); err != nil {
		return "", err
	}
	value, err := vm.RunProgram(program)
	if err != nil {
		return "", err
	}
	call, _ := goja.AssertFunction(value)
	out, err := call(goja.Undefined(), vm.ToValue(string(body)))
	if err != nil {
		return "", err
	}
	return out.String(), nil
}

// worked is the processor's time that this process and its workers have used, 0
// where the system does not say.
func worked(b *testing.B) (total time.Duration) {
	b.Helper()
	for _, dir := range append(workerDirs(b), "/proc/self") {
		raw, err := os.ReadFile(filepath.Join(dir, "stat"))
		_, after, _ := strings.Cut(string(raw), ") ")
		fields := strings.Fields(after)
		if err != nil || len(fields) < 15 {
			continue
		}
		for _, field := range fields[11:15] { // in user mode and in the system, then of children that have ended
			ticks, _ := strconv.ParseInt(field, 10, 64)
			total += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return total
}

// workerDirs are the folders that tell of this process's workers.
func workerDirs(b *testing.B) (out []string) {
	b.Helper()
	names, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range names {
		stat, err := os.ReadFile(name)
		_, after, _ := strings.Cut(string(stat), ") ")
		if fields := strings.Fields(after); err == nil && len(fields) > 1 && fields[1] == strconv.Itoa(os.Getpid()) {
			out = append(out, filepath.Dir(name))
		}
	}
	return out
}

// ownMemory is the sum of what the workers of this process hold (PSS), 0 where
// the system does not say.
func ownMemory(b *testing.B) (total int64) {
	b.Helper()
	for _, dir := range workerDirs(b) {
		rollup, err := os.ReadFile(filepath.Join(dir, "smaps_rollup"))
		if err != nil {
			continue
		}
		for line := range strings.SplitSeq(string(rollup), "\n") {
			if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "Pss:" {
				kb, _ := strconv.ParseInt(fields[1], 10, 64)
				total += kb << 10
			}
		}
	}
	return total
}
