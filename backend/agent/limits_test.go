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

// hostile holds scripts that would hurt a program that ran them itself. Each
// must end by itself or at a limit, with a fault that says which.
func hostile() map[string]string {
	return map[string]string{
		"endless loop":        `for (;;) {}`,
		"endless loop in try": `for (;;) { try { for (;;) {} } finally { continue } }`,
		"await loop":          `for (;;) await null`,
		"microtask chain":     `const f = () => Promise.resolve().then(f); await f()`,
		"microtask flood":     `for (;;) Promise.resolve().then(() => {})`,
		"timer flood":         `for (;;) setTimeout(() => {}, 1e6)`,
		"timer chain":         `await new Promise(() => { const f = () => setTimeout(f, 0); f() })`,
		"hostile comparator":  `Array.from({ length: 1e5 }, (_, i) => i).sort(() => { for (;;) {} })`,
		"toJSON loop":         `return { toJSON() { for (;;) {} } }`,
		"getter loop":         `return { get a() { for (;;) {} } }`,
		"proxy result":        `return new Proxy({}, { ownKeys() { for (;;) {} } })`,
		"valueOf loop":        `return +{ valueOf() { for (;;) {} } }`,
		"regex backtracking":  `return /^(?=a)(a+)+$/.test('a'.repeat(40) + '!')`,
		"regex back refs":     `return /^(a+)+\1$/.test('a'.repeat(40) + '!')`,
		"push forever":        `const a = []; for (;;) a.push(new Array(1000).fill(1))`,
		"string doubling":     `let s = 'x'; for (;;) s += s`,
		"map forever":         `const m = new Map(); for (let i = 0; ; i++) m.set(i, 'x'.repeat(1000) + i)`,
		"object growth":       `const o = {}; for (let i = 0; ; i++) o['k' + i] = { i }`,
		"repeat 16 G":         `return 'a'.repeat(2 ** 34).length`,
		"pad 16 G":            `return 'a'.padEnd(2 ** 34).length`,
		"array buffer 16 G":   `return new ArrayBuffer(2 ** 34).byteLength`,
		"fill a billion":      `return new Array(1e9).fill(0).length`,
		"array from billion":  `return Array.from({ length: 2 ** 31 }).length`,
		"split":               `return 'a'.repeat(1e8).split('').length`,
		"bigint power":        `return (2n ** (2n ** 33n)).toString().length`,
		"join of holes":       `return new Array(2 ** 31).join('x').length`,
		"index of holes":      `return Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)`,
		"parse bomb":          `return JSON.parse('['.repeat(5e6))`,
		"parse bomb closed":   `return JSON.parse('['.repeat(2e6) + ']'.repeat(2e6))`,
		"parse bomb objects":  `return JSON.parse('{"a":'.repeat(3e6))`,
		"eval bomb":           `return eval('('.repeat(1e6))`,
		"eval plus bomb":      `return eval('1+'.repeat(3e6) + '1')`,
		"function bomb":       `return new Function('return ' + '['.repeat(1e6))()`,
		"flat bomb":           `let a = []; for (let i = 0; i < 3e6; i++) a = [a]; return a.flat(Infinity)`,
		"recursion":           `const f = () => f() + 1; return f()`,
		"recursion by map":    `const f = () => [1].map(f); return f()`,
		"recursion by getter": `const o = { get a() { return this.a } }; return o.a`,
		"recursion by proxy":  `const p = new Proxy({}, { get: (t, k, r) => r[k] }); return p.x`,
		"recursion by string": `const o = { toString() { return String(this) } }; return String(o)`,
		"recursion by class":  `class A { constructor() { new A() } } new A()`,
		"recursion async":     `const f = async () => { await f() }; await f()`,
		"log flood":           `for (;;) console.log('x'.repeat(1000))`,
		"log one huge":        `console.log('x'.repeat(5e6)); return 1`,
		"host call flood":     `for (;;) context.fetch('https://api.test/items')`,
		"notify flood":        `for (;;) context.notify('hello')`,
		"host calls awaited":  `await Promise.all(Array.from({ length: 1e5 }, () => context.fetch('https://api.test/items'))); return 1`,
		"huge body":           `return context.fetch('https://api.test/items', { method: 'POST', body: 'x'.repeat(2e7) }).catch(e => e.code)`,
		"huge header":         `return context.fetch('https://api.test/items', { headers: { a: 'x'.repeat(4e7) } }).catch(e => e.code)`,
		"deep result":         `let a = 1; for (let i = 0; i < 1e5; i++) a = [a]; return a`,
		"wide result":         `return Array.from({ length: 1e6 }, () => 'xxxxxxxxxx')`,
		"context pollution":   `Object.prototype.then = (r) => r(1); Promise.prototype.then = null; return 1`,
		"json replaced":       `JSON.stringify = () => { for (;;) {} }; JSON.parse = null; return { a: 1 }`,
		"error replaced":      `Error = null; throw { get message() { for (;;) {} } }`,
		"throwing getter":     `throw { get message() { throw 1 } }`,
		"throw proxy":         `throw new Proxy({}, { get() { throw new Error('x') } })`,
		"promise replaced":    `Promise = function () { for (;;) {} }; return context.fetch('https://api.test/items')`,
		"array replaced":      `Array.prototype.push = () => { throw 1 }; Array.prototype[Symbol.iterator] = null; return context.oauth.isConnected()`,
		"symbol in url":       `return context.fetch(Symbol('x')).catch(e => e.name)`,
		"url getter loop":     `return context.fetch({ get url() { for (;;) {} } })`,
		"sub runtime":         `return globalThis.constructor.constructor('return this')() === globalThis`,
		"while regex replace": `let s = 'a'; for (;;) s = s.replace(/a/g, 'aa')`,
	}
}

func TestHostileScripts(t *testing.T) {
	t.Parallel()
	r, w := runner(t), newWorld()
	for name, body := range hostile() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := job(body)
			j.Timeout, j.Memory = 700*time.Millisecond, 64<<20
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // for a queue on a slow machine
			defer cancel()
			out := r.Run(ctx, j, w)
			if out.Status == history.Canceled || out.Status == "" {
				t.Fatalf("%+v", out)
			}
			if out.Status == history.Stopped && (out.Error == nil || out.Error.Code != fault.Limited) {
				t.Errorf("%+v", out.Error)
			}
			if out.Error != nil && out.Error.Code == fault.Internal {
				t.Errorf("not a typed fault: %+v", out.Error)
			}
			// The next run of the same agent finds a whole worker.
			if again := r.Run(ctx, job(`return 1`), w); again.Status != history.OK {
				t.Errorf("afterwards: %+v", again.Error)
			}
		})
	}
}

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
		done <- r.Run(t.Context(), patient(`return (await Promise.all(Array.from({ length: 500 }, () => context.fetch('https://api.test/items')))).length`), w)
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
		done <- r.Run(ctx, patient(`console.log('hi'); await context.fetch('https://api.test/items')`), w)
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
