package agent_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pie/backend/agent"
	"pie/backend/fault"
	"pie/backend/history"
)

func TestLimitsAreNamed(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ body, says string }{
		"time":               {`for (;;) {}`, "time limit of 600 ms"},
		"time between calls": {`for (;;) await context.fetch('https://api.test/items')`, "time limit of 600 ms"},
		"time in an error":   {`throw { name: { toString() { for (;;); } }, message: 'x' }`, "time limit of 600 ms"},
		"memory":             {`const a = []; for (;;) a.push('x'.repeat(1e5) + a.length)`, "memory limit of 32 MB"},
		"result":             {`return 'x'.repeat(2e6)`, "larger than 1 MB"},
	}
	r, w := runner(t), newWorld()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := job(c.body)
			j.Memory = 32 << 20
			if strings.HasPrefix(name, "time") {
				j.Timeout = 600 * time.Millisecond
			}
			out := r.Run(t.Context(), j, w)
			if out.Status != history.Stopped || out.Error.Code != fault.Limited || !strings.Contains(out.Error.Message, c.says) {
				t.Errorf("%s %+v", out.Status, out.Error)
			}
		})
	}
}

func TestLogsAreCutAndSaySo(t *testing.T) {
	t.Parallel()
	r, w := runner(t), newWorld()
	out := r.Run(t.Context(), job(`for (let i = 0; i < 2000; i++) console.log('x'.repeat(1000)); return 1`), w)
	total := 0
	for _, line := range out.Logs {
		total += len(line.Text)
	}
	if total > 300<<10 || !strings.Contains(out.Logs[len(out.Logs)-1].Text, "left out") || string(out.Result) != "1" {
		t.Errorf("%d bytes, last %q, result %s", total, out.Logs[len(out.Logs)-1].Text, out.Result)
	}
}

func TestCallsInFlightAreBounded(t *testing.T) {
	t.Parallel()
	r, w := runner(t), gated(64)
	done := make(chan agent.Outcome, 1)
	go func() {
		done <- r.Run(t.Context(), job(`return (await Promise.all(Array.from({ length: 500 }, () => context.fetch('https://api.test/items')))).length`), w)
	}()
	select {
	case <-w.reached:
	case out := <-done:
		t.Fatalf("ended before 64 calls were open: %+v", out)
	}
	close(w.gate)
	if out := <-done; string(out.Result) != "500" {
		t.Errorf("%+v", out)
	}
	if w.most > 64 {
		t.Errorf("%d calls at once", w.most)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	r, w := runner(t), gated(1)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan agent.Outcome, 1)
	go func() {
		done <- r.Run(ctx, job(`console.log('hi'); await context.fetch('https://api.test/items')`), w)
	}()
	select {
	case <-w.reached:
	case out := <-done:
		t.Fatalf("ended before its call was open: %+v", out)
	}
	cancel()
	if out := <-done; out.Status != history.Canceled || out.Error.Code != fault.Canceled || len(out.Logs) != 1 {
		t.Errorf("%+v", out)
	}
}

func TestInputIsChecked(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"not json": `{"a":`, "two values": `1 2`, "empty": ``,
		"deep": strings.Repeat("[", 1001) + strings.Repeat("]", 1001), "large": `"` + strings.Repeat("x", 4<<20) + `"`,
	}
	for name, input := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := agent.CheckInput([]byte(input)); !fault.Is(err, fault.Invalid) {
				t.Errorf("%v", err)
			}
		})
	}
	if err := agent.CheckInput([]byte(`{"brackets in text": "[[[[", "é": [1]}`)); err != nil {
		t.Error(err)
	}
}

func TestRunsDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	r, w := runner(t), newWorld()
	j := job(`globalThis.n = (globalThis.n || 0) + 1; Array.prototype.evil = 1; return [globalThis.n, [].evil]`)
	for range 3 {
		if out := r.Run(t.Context(), j, w); string(out.Result) != `[1,1]` {
			t.Fatalf("%s %+v", out.Result, out.Error)
		}
	}
	j.Input = json.RawMessage(`{"x":1}`)
	for i := range 3 {
		j.Code = fmt.Sprintf("function handler(input) { return input.x + %d }", i)
		if out := r.Run(t.Context(), j, w); string(out.Result) != fmt.Sprint(1+i) {
			t.Fatalf("%s %+v", out.Result, out.Error)
		}
	}
}
