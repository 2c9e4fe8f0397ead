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
// workers take, and what memory of their own they hold.
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
	var ours, inside time.Duration
	var held int64
	for b.Loop() {
		ours += together(func() {
			if out := r.Run(b.Context(), j, h); out.Status != history.OK || !bytes.Equal(out.Result, want) {
				b.Errorf("%+v", out.Error)
			}
		})
		held = max(held, ownMemory(b))
		inside += together(func() {
			if got, err := runInside(b.Context(), program, h.client, server.URL); err != nil || got != string(want) {
				b.Errorf("%v", err)
			}
		})
	}
	b.ReportMetric(float64(ours)/float64(inside), "ratio")
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ms/100")
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

// ownMemory is the sum of what the workers of this process hold (PSS), 0 where
// the system does not say.
func ownMemory(b *testing.B) int64 {
	b.Helper()
	names, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	var total int64
	for _, name := range names {
		stat, err := os.ReadFile(name)
		_, after, _ := strings.Cut(string(stat), ") ")
		if fields := strings.Fields(after); err != nil || len(fields) < 2 || fields[1] != strconv.Itoa(os.Getpid()) {
			continue
		}
		rollup, err := os.ReadFile(filepath.Join(filepath.Dir(name), "smaps_rollup"))
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
