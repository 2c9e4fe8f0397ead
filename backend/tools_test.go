package backend_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"pie/backend"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/secret"
)

const adderTool = `  tool:
    name: add_up
    description: Adds two numbers.
    parameters: {type: object, properties: {a: {type: number}, b: {type: number}}}
  developerSecrets: {KEY: {required: true}}
`

func TestCallTool(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	h.install(t, doing("caller", "  developerSecrets: {KEY: {required: true}}\n"))
	h.install(t, pie("adder", adderTool, `
		if (input.fail === 'throw') throw new Error('cannot add');
		if (input.fail === 'say') return { error: true, message: 'will not' };
		if (input.fail === 'loop') for (;;);
		return { sum: input.a + input.b, key: context.secrets.KEY, files: (await context.files.list()).length };`))
	h.install(t, doing("other", ""))
	for name, value := range map[string]string{"caller": "the caller's own key", "adder": "key-of-adder"} {
		if err := h.SetSecret(t.Context(), name, "KEY", secret.New(value)); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.try(t, "caller", code(`return [await context.listTools(), await context.callTool('adder', {}).catch(e => [e.code, e.hint])]`)); got != `[[],["denied","If it is an installed agent and you want this, run: pie agent allow caller AGENT"]]` {
		t.Errorf("without consent: %s", got)
	}
	if err := h.AllowCalls("caller", []string{"adder"}); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct{ code, want string }{
		"list":          {`return await context.listTools()`, `[{"name":"add_up","agent":"adder","displayName":"adder","description":"Adds two numbers.","parameters":{"properties":{"a":{"type":"number"},"b":{"type":"number"}},"type":"object"}}]`},
		"by tool":       {`return await context.callTool('add_up', { a: 1, b: 2 })`, `{"sum":3,"key":"key-of-adder","files":0}`},
		"by agent":      {`return (await context.callTool('adder', { a: 20, b: 22 })).sum`, `42`},
		"without input": {`return await context.callTool('adder')`, `{"sum":null,"key":"key-of-adder","files":0}`},
		"says no":       {`const r = await context.callTool('adder', { fail: 'say' }); return [r.error, r.message]`, `[true,"will not"]`},
		"throws":        {`return context.callTool('adder', { fail: 'throw' }).catch(e => [e.code, e.message])`, `["script","adder: cannot add"]`},
		"not allowed":   {`return context.callTool('other', {}).catch(e => e.code)`, `"denied"`},
		"not installed": {`return context.callTool('nobody', {}).catch(e => e.code)`, `"denied"`},
		"itself":        {`return context.callTool('caller', {}).catch(e => e.code)`, `"denied"`},
		"many at once":  {`return (await Promise.all(Array.from({ length: 20 }, (_, i) => context.callTool('adder', { a: i, b: 1 })))).reduce((n, r) => n + r.sum, 0)`, `210`},
		"too many":      {`let n = 0; try { for (;;) { await context.callTool('adder', {}); n++ } } catch (e) { return [n, e.code] }`, `[100,"limited"]`},
		"ends with it":  {`context.callTool('adder', { fail: 'loop' }); return 1`, `1`},
	}
	for name, c := range cases {
		if got := h.try(t, "caller", code(c.code)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	runs, err := h.Runs("adder", 1000)
	if err != nil || len(runs) < 100 {
		t.Fatalf("%d runs %v", len(runs), err)
	}
	for _, run := range runs {
		if run.Trigger != backend.ToolTrigger || run.Status == history.Running {
			t.Errorf("%+v", run)
		}
	}
	if _, err := h.Remove(t.Context(), "adder"); err != nil {
		t.Fatal(err)
	}
	if got := h.try(t, "caller", code(`return [await context.listTools(), await context.callTool('adder').catch(e => e.code)]`)); got != `[[],"denied"]` {
		t.Errorf("after removal: %s", got)
	}
}

// TestCallsAreBounded: however agents call each other, it ends with a fault, and
// no agent waits for a place that waits for it.
func TestCallsAreBounded(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	const body = `const next = input.path.shift(); return next ? [next, await context.callTool(next, input)] : 'end'`
	names := []string{"a", "b", "c", "d", "e", "f"}
	for _, name := range names {
		h.install(t, pie(name, "", body))
	}
	for _, name := range names {
		var others []string
		for _, other := range names {
			if other != name {
				others = append(others, other)
			}
		}
		if err := h.AllowCalls(name, others); err != nil {
			t.Fatal(err)
		}
	}
	cases := map[string]struct{ path, says string }{
		"four deep": {`["b","c","d","e"]`, ""},
		"five deep": {`["b","c","d","e","f"]`, "more than 4 deep"},
		"a circle":  {`["b","c","a"]`, "once more"},
		"two":       {`["b","a"]`, "once more"},
	}
	var all sync.WaitGroup
	for range 4 { // more at once than there are places
		for name, c := range cases {
			all.Go(func() {
				run, err := h.Run(t.Context(), backend.RunRequest{Agent: "a", Input: []byte(`{"path":` + c.path + `}`)})
				switch {
				case err != nil:
					t.Errorf("%s: %v", name, err)
				case c.says == "" && run.Status != history.OK:
					t.Errorf("%s: %+v", name, run.Error)
				case c.says != "" && (run.Error == nil || run.Error.Code != fault.Limited || !strings.Contains(run.Error.Message, c.says)):
					t.Errorf("%s: %s %+v", name, run.Result, run.Error)
				}
			})
		}
	}
	all.Wait()
}

func TestCallsAreAskedFor(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	h.install(t, doing("adder", ""))
	declared := pie("declares", "  calls: [adder]\n", "return await context.callTool('adder', { code: 'return 7' })")
	p, err := h.Load(t.Context(), declared)
	if err != nil {
		t.Fatal(err)
	}
	if said := fmt.Sprint(h.Permissions(p)); !strings.Contains(said, "Have other agents work for it, each with its own access and secrets [adder]") {
		t.Error(said)
	}
	h.install(t, declared) // approves hosts, and no calls
	run, err := h.Run(t.Context(), backend.RunRequest{Agent: "declares"})
	if err != nil || run.Error == nil || run.Error.Code != fault.Denied {
		t.Errorf("%+v %v", run.Error, err)
	}
	silent, err := h.Load(t.Context(), pie("silent", "", "return await context.callTool('adder')"))
	if err != nil {
		t.Fatal(err)
	}
	if said := fmt.Sprint(h.Permissions(silent)); !strings.Contains(said, "Its code calls other agents, which it may do once you allow it [pie agent allow silent AGENT]") {
		t.Error(said)
	}
	for _, calls := range []string{"[declares]", "[UPPER]", "[../x]", `[""]`} {
		if _, err := h.Load(t.Context(), pie("declares", "  calls: "+calls+"\n", "")); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", calls, err)
		}
	}
	if err := h.AllowCalls("declares", []string{"nobody"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
	if err := h.AllowCalls("declares", []string{"declares"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
	if err := h.AllowCalls("nobody", []string{"adder"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
}
