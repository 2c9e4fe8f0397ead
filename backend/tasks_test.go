package backend_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pie/backend"
	"pie/backend/automation"
	"pie/backend/history"
	"pie/backend/patience"
	"pie/backend/task"
)

// TestTasksInCode goes through what agents may say, and what strangers would.
func TestTasksInCode(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	h.install(t, doing("first", ""))
	h.install(t, doing("second", ""))
	const make = `const t = await context.tasks.create({ name: 'x', in: '5m' }); `
	for _, c := range []struct{ agent, code, want string }{ // in this order
		{
			"first", `const at = new Date(Date.now() + 3600e3); const t = await context.tasks.create({ name: 'Tea', at, input: { cups: 2 } });
			return [/^task-[0-9a-f]{12}$/.test(t.id), t.name, t.kind, Math.abs(new Date(t.at) - at) < 1000, t.every, t.zone, t.function, t.input.cups, t.status, t.nextRun, t.lastRun, t.missed]`,
			`[true,"Tea","once",true,null,"Europe/Berlin","handler",2,"waiting",null,null,"once"]`,
		},
		{"first", `const t = await context.tasks.create({ name: 'Often', every: 900, missed: 'skip' }); return [t.kind, t.every, t.at, t.missed]`, `["interval","15m",null,"skip"]`},
		{"first", `const t = await context.tasks.create({ name: 'Early', cron: '0 7 * * 1-5', zone: 'Asia/Tokyo' }); return [t.kind, t.cron, t.zone]`, `["cron","0 7 * * 1-5","Asia/Tokyo"]`},
		{"first", `return (await context.tasks.list()).map(t => t.name)`, `["Tea","Often","Early"]`},
		{"first", `const [t] = await context.tasks.list(); const u = await context.tasks.update(t.id, { name: 'Coffee', input: null }); return [u.id === t.id, u.name, u.input, u.at === t.at]`, `[true,"Coffee",{},true]`},
		{"first", `const [t] = await context.tasks.list(); return [await context.tasks.cancel(t.id), (await context.tasks.list()).length, await context.tasks.get(t.id).catch(e => e.code)]`, `[null,2,"not_found"]`},
		{"second", `return await context.tasks.list()`, `[]`},
		{"second", make + `return [(await context.tasks.get(t.id)).name, await context.tasks.get('../first/task-1').catch(e => e.code)]`, `["x","not_found"]`},
		{"second", `return context.tasks.create().catch(e => e.code)`, `"invalid"`},
		{"second", `return context.tasks.create('0 7 * * *').catch(e => e.code)`, `"invalid"`},
		{"second", `return context.tasks.create({ name: 'x', cron: '0 0 30 2 *' }).catch(e => e.message)`, `"The cron of the task names a date that no calendar has, so it would never run."`},
		{"second", `return context.tasks.create({ name: 'x', in: '5m', input: { a: 'x'.repeat(70000) } }).catch(e => e.code)`, `"limited"`},
		{"second", `return context.tasks.create({ name: 'x', in: '5m', input: { a: 'x'.repeat(1e6) } }).catch(e => e.code)`, `"limited"`},
		{"second", `return context.tasks.create({ name: 'x', get in() { throw new Error('mine') } }).catch(e => e.message)`, `"mine"`},
		{"second", `const o = { name: 'x', in: '5m' }; o.input = o; return context.tasks.create(o).catch(e => e.name)`, `"TypeError"`},
		{"second", `return (await context.tasks.create(new Proxy({ name: 'proxied', in: '5m' }, {}))).name`, `"proxied"`},
		{"second", `return (await context.tasks.create({ toJSON: () => ({ name: 'told', in: '5m' }) })).name`, `"told"`},
		{"second", `Object.prototype.every = '1m'; Object.prototype.at = 'x'; ` + make + `return t.kind`, `"once"`},
		{"second", `JSON.stringify = () => '{"name":"mine","every":"1h"}'; ` + make + `return t.name`, `"x"`},
		{"second", make + `return context.tasks.update(t.id, { __proto__: { cron: 'x' }, name: 'y' }).then(t => [t.name, t.kind])`, `["y","once"]`},
		{"second", make + `return context.tasks.update(t.id, JSON.parse('{"__proto__":{"cron":"x"}}')).catch(e => e.code)`, `"invalid"`},
		{"second", make + `return context.tasks.create({ name: 'x', in: '5m', input: JSON.parse('{"__proto__":{"x":1}}') }).then(t => Object.keys(t.input))`, `["__proto__"]`},
		{"second", make + `return context.tasks.heartbeat().catch(e => e.message)`, `"context.tasks.heartbeat is not available on the desktop: there are create, list, get, update, cancel."`},
		{"second", `let made = 0; const why = {}; for (const r of await Promise.allSettled(Array.from({ length: 1000 }, (_, i) => context.tasks.create({ name: 't' + i, every: '1m' })))) {
			if (r.status === 'fulfilled') made++; else why[r.reason.code] = true; }
			return [made < 100, Object.keys(why), (await context.tasks.list()).length]`, `[true,["limited"],100]`},
		{"first", `return (await context.tasks.list()).length`, `2`},
	} {
		if got := h.try(t, c.agent, code(c.code)); got != c.want {
			t.Errorf("%s\n%s, want %s", c.code, got, c.want)
		}
	}
	if list, err := h.Messages("", 10); err != nil || len(list) != 2 {
		t.Errorf("the person was asked %d times for two agents: %v", len(list), err)
	}
}

// sent counts what reaches a server.
type sent struct{ gets, posts atomic.Int32 }

func (s *sent) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		s.gets.Add(1)
	} else {
		s.posts.Add(1)
	}
}

func byTask(t *testing.T, runs []history.Run) history.Run {
	t.Helper()
	at := slices.IndexFunc(runs, func(r history.Run) bool { return r.Trigger == task.Trigger })
	if at < 0 {
		t.Fatalf("no task ran: %+v", runs)
	}
	return runs[at]
}

// TestTaskRuns: what an agent planned runs once the person has allowed it, at its
// time, with what was kept, as a run that nobody attends.
func TestTaskRuns(t *testing.T) {
	t.Parallel()
	server := &sent{}
	api := httptest.NewServer(server)
	t.Cleanup(api.Close)
	w := newWall(t)
	w.install(t, pie("planner", "  network: {hosts: ['"+api.URL+"']}\n", `
		if (input.triggeredBy !== 'task') return context.tasks.create({ name: 'A canary', at: input.at, input: { words: 'a canary of mine' } });
		await context.fetch('`+api.URL+`');
		const answer = await context.fetch('`+api.URL+`', { method: 'POST', body: 'x' });
		return { input, status: answer.status };`))
	w.StartAutomations()
	w.try(t, "planner", `{"at":"2026-06-01T08:00:00Z"}`)
	if raw, err := os.ReadFile(w.Paths().Database()); err != nil || bytes.Contains(raw, []byte("anary")) {
		t.Errorf("it stands in the file as it is: %v", err)
	}
	w.set(t, "1 09:00:00", true)
	patience.Until(t, "the person is asked", func() bool {
		list, err := w.Messages("planner", 10)
		return err == nil && len(list) == 1 && strings.Contains(list[0].Title, "plans work")
	})
	if n := len(w.ended(t, "planner")); n != 1 {
		t.Errorf("%d runs that nobody allowed", n)
	}
	if err := w.EnableAutomation("planner/tasks", automation.Choice{}); err != nil {
		t.Fatal(err)
	}
	patience.Until(t, "it runs", func() bool {
		w.second(t, true)
		return len(w.ended(t, "planner")) == 2
	})
	run := byTask(t, w.ended(t, "planner"))
	var got struct {
		Input  map[string]any
		Status int
	}
	if err := json.Unmarshal(run.Result, &got); err != nil || run.Trigger != task.Trigger || got.Input["words"] != "a canary of mine" ||
		got.Input["triggeredBy"] != "task" || got.Input["scheduledFor"] != "2026-06-01T08:00:00Z" || got.Input["taskName"] != "A canary" {
		t.Errorf("%s %s %v", run.Trigger, run.Result, err)
	}
	held, err := w.Outbox.List("planner", "")
	if err != nil || len(held) != 1 || server.gets.Load() != 1 || server.posts.Load() != 0 {
		t.Errorf("held %+v, %v; %d writes were sent", held, err, server.posts.Load())
	}
	patience.Until(t, "it is over", func() bool {
		w.second(t, true)
		list, err := w.PlannedBy(t.Context(), "planner")
		return err == nil && len(list) == 0
	})
}

// TestTaskAfterARestart, and with the vault locked while it is due.
func TestTaskAfterARestart(t *testing.T) {
	t.Parallel()
	w := newWall(t)
	w.install(t, doing("planner", ""))
	w.try(t, "planner", code(`await context.tasks.create({ name: 'Later', at: '2026-06-02T08:00:00Z', input: { code: 'return input.taskName' } })`))
	if err := w.EnableAutomation("planner/tasks", automation.Choice{}); err != nil {
		t.Fatal(err)
	}
	again := w.reopen(t)
	again.Lock()
	again.StartAutomations()
	again.set(t, "2 12:00:00", true)
	again.second(t, true)
	patience.Until(t, "it runs", func() bool {
		again.second(t, true)
		return len(again.ended(t, "planner")) == 2
	})
	if run := byTask(t, again.ended(t, "planner")); run.Status != history.OK || string(run.Result) != `"Later"` {
		t.Errorf("%s %s %+v", run.Status, run.Result, run.Error)
	}
}

// TestDryRunPlansNothing, and says so; what it planned it sees until it ends.
func TestDryRunPlansNothing(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	h.install(t, doing("planner", ""))
	h.try(t, "planner", code(`await context.tasks.create({ name: 'Real', every: '1h' })`))
	run, err := h.Run(t.Context(), backend.RunRequest{Agent: "planner", DryRun: true, Input: json.RawMessage(code(`
		const made = await context.tasks.create({ name: 'Dry', in: '5m' });
		const [real] = await context.tasks.list();
		const changed = await context.tasks.update(real.id, { name: 'Changed', cron: '0 7 * * *' });
		const names = (await context.tasks.list()).map(t => t.name);
		await context.tasks.cancel(real.id);
		return [made.dryRun, made.status, real.name, changed.dryRun, names, (await context.tasks.list()).length,
			await context.tasks.create({ name: 'x', cron: 'x' }).catch(e => e.code)]`))})
	if err != nil || string(run.Result) != `[true,"waiting","Real",true,["Changed","Dry"],1,"invalid"]` {
		t.Errorf("%s %+v %v", run.Result, run.Error, err)
	}
	if len(run.Logs) == 0 || !strings.Contains(run.Logs[0].Text, "dry run") {
		t.Errorf("it does not say so: %+v", run.Logs)
	}
	list, err := h.PlannedBy(t.Context(), "planner")
	if err != nil || len(list) != 1 || list[0].Task.Name != "Real" || list[0].Task.Schedule != "1h" {
		t.Errorf("%+v %v", list, err)
	}
}

// TestTasksGoWithTheAgent: nothing of them is there when it comes back.
func TestTasksGoWithTheAgent(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	h.install(t, doing("planner", ""))
	h.try(t, "planner", code(`await context.tasks.create({ name: 'x', every: '1h' })`))
	if err := h.EnableAutomation("planner/tasks", automation.Choice{}); err != nil {
		t.Fatal(err)
	}
	if got := h.try(t, "planner", code(`const [t] = await context.tasks.list(); return [t.status, new Date(t.nextRun) > new Date()]`)); got != `["scheduled",true]` {
		t.Errorf("%s", got)
	}
	if _, err := h.Remove(t.Context(), "planner"); err != nil {
		t.Fatal(err)
	}
	h.install(t, doing("planner", ""))
	all, err := h.Automations.All()
	if err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
	if got := h.try(t, "planner", code(`const t = await context.tasks.create({ name: 'x', every: '1h' }); return [t.status, (await context.tasks.list()).length]`)); got != `["waiting",1]` {
		t.Errorf("the consent came back: %s", got)
	}
}

// TestTaskTurnedOffByThePerson: the agent sees it, and cannot turn it on.
func TestTaskTurnedOffByThePerson(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	h.install(t, doing("planner", ""))
	h.try(t, "planner", code(`await context.tasks.create({ name: 'x', every: '1h' })`))
	list, err := h.PlannedBy(t.Context(), "planner")
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v %v", list, err)
	}
	id := "planner/" + list[0].ID
	for _, c := range []struct {
		do   func() error
		want string
	}{
		{func() error { return h.EnableAutomation(id, automation.Choice{}) }, `waiting`}, // refused: nothing is allowed yet
		{func() error { return h.EnableAutomation("planner/tasks", automation.Choice{}) }, `scheduled`},
		{func() error { return h.EnableAutomation(id, automation.Choice{Schedule: "1m"}) }, `scheduled`}, // refused: its times are the agent's
		{func() error { return h.DisableAutomation(id) }, `off`},
		{func() error { return h.EnableAutomation(id, automation.Choice{}) }, `scheduled`},
		{func() error { return h.DisableAutomation("planner/tasks") }, `waiting`},
	} {
		_ = c.do()
		if got := h.try(t, "planner", code(`const [t] = await context.tasks.list(); return (await context.tasks.update(t.id, { every: '2h' })).status`)); got != `"`+c.want+`"` {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
	stops, err := h.StopsOf("planner", "")
	if err != nil || len(stops.Automations) != 0 {
		t.Errorf("%+v %v", stops, err)
	}
	run, err := h.RunAutomation(t.Context(), id, nil)
	if err != nil || run.Trigger != "manual" || run.Status != history.OK {
		t.Errorf("by hand: %+v %v", run, err)
	}
}
