package backend_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pie/backend"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/patience"
)

// pie is a package of one file. head is YAML of its manifest.
func pie(name, head, body string) backend.Source {
	text := fmt.Sprintf("---\nname: %s\nversion: 1.0.0\nmanifest:\n  timeout: 60\n%s---\nasync function handler(input, context) {\n%s\n}\nmodule.exports = { handler };\n", name, head, body)
	return backend.Source{Name: name + ".pie", Content: []byte(text)}
}

// try runs a package and returns its result as JSON.
func (h *home) try(t *testing.T, agent, input string) string {
	t.Helper()
	run, err := h.Run(t.Context(), backend.RunRequest{Agent: agent, Input: json.RawMessage(input), Timeout: patience.Limit})
	if err != nil {
		t.Fatal(err)
	}
	if run.Status != history.OK {
		t.Fatalf("%s %+v", run.Status, run.Error)
	}
	return string(run.Result)
}

// doing is an agent that runs the code it is given: a test's way to many calls.
func doing(name, head string) backend.Source {
	return pie(name, head, "return await eval('(async () => {' + input.code + '})()')")
}

func code(text string) string {
	raw, err := json.Marshal(map[string]string{"code": text})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func TestFilesOfAgents(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	h.install(t, doing("first", ""))
	h.install(t, doing("second", ""))
	cases := []struct{ agent, code, want string }{
		{"first", `const f = await context.files.upload('a/list.csv', 'text/x-mine', btoa('a,b')); return [f.id, f.filename, f.mimeType, f.size, f.tags, f.modifiedAt.length > 10]`, `["a/list.csv","a/list.csv","text/x-mine",3,[],true]`},
		{"first", `await context.files.write('bytes', new Uint8Array([0, 255])); return (await context.files.list()).map(f => f.filename)`, `["a/list.csv","bytes"]`},
		{"first", `const f = await context.files.read('a/list.csv'); return [await f.text(), f.mimeType, await f.base64()]`, `["a,b","text/csv","YSxi"]`},
		{"first", `return [...new Uint8Array(await (await context.files.read('bytes')).arrayBuffer())]`, `[0,255]`},
		{"first", `await context.files.write('empty', ''); const f = await context.files.read('empty'); return [f.size, await f.text()]`, `[0,""]`},
		{"first", `return (await context.files.info('bytes')).size`, `2`},
		{"first", `await context.files.delete('empty'); return context.files.read('empty').catch(e => e.code)`, `"not_found"`},
		{"first", `return context.files.write('../second/x', 'x').catch(e => e.code)`, `"invalid"`},
		{"first", `return context.files.read('/etc/passwd').catch(e => e.code)`, `"invalid"`},
		{"second", `return (await context.files.list()).length`, `0`},
		{"second", `return context.files.read('bytes').catch(e => e.code)`, `"not_found"`},
		{"first", `return await context.getSessionMetadata()`, `{}`},
		{"first", `return await context.updateSessionMetadata({ seen: [1], gone: 1 })`, `{"gone":1,"seen":[1]}`},
		{"first", `await context.updateSessionMetadata({ gone: null }); return await context.getSessionMetadata()`, `{"seen":[1]}`},
		{"first", `return context.updateSessionMetadata([1]).catch(e => e.code)`, `"invalid"`},
		{"first", `return context.updateSessionMetadata({ a: 'x'.repeat(70000) }).catch(e => e.code)`, `"limited"`},
		{"second", `return await context.getSessionMetadata()`, `{}`},
	}
	for _, c := range cases {
		if got := h.try(t, c.agent, code(c.code)); got != c.want {
			t.Errorf("%s: %s, want %s", c.code, got, c.want)
		}
	}
	kept := filepath.Join(h.Paths().Files(), "first", "a", "list.csv")
	if raw, err := os.ReadFile(kept); err != nil || string(raw) != "a,b" {
		t.Errorf("%q %v", raw, err)
	}
	if _, err := h.Remove(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(kept)); err == nil {
		t.Error("the files stay")
	}
	h.install(t, doing("first", ""))
	if got := h.try(t, "first", code(`return [await context.getSessionMetadata(), (await context.files.list()).length]`)); got != `[{},0]` {
		t.Errorf("something stayed: %s", got)
	}
}

func TestInbox(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	h.install(t, doing("teller", ""))
	h.try(t, "teller", code(`await context.notify('**hello** 🙂\nsecond line', { title: 'First' }); await context.notify('ü'.repeat(10000))`))
	list, err := h.Messages("", 10)
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v %v", list, err)
	}
	long, first := list[0], list[1]
	if first.Title != "First" || first.Text != "**hello** 🙂\nsecond line" || first.Cut || first.Read || first.Agent != "teller" || first.Run == "" {
		t.Errorf("%+v", first)
	}
	if !long.Cut || len(long.Text) > 16<<10 || !strings.HasSuffix(long.Text, "ü … (cut)") {
		t.Errorf("%v %d", long.Cut, len(long.Text))
	}
	run, err := h.FindRun(first.Run)
	if err != nil || len(run.Logs) != 3 || run.Logs[0].Level != "notify" || !strings.Contains(run.Logs[2].Text, "longer than 16 KB") {
		t.Errorf("%+v %v", run.Logs, err)
	}
	if _, err := h.ReadMessages("", []string{first.ID}, true); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Remove(t.Context(), "teller"); err != nil {
		t.Fatal(err)
	}
	list, err = h.Messages("teller", 10)
	if err != nil || len(list) != 2 || !list[1].Read {
		t.Errorf("messages outlive the agent: %+v %v", list, err)
	}
	if _, err := h.RemoveMessages("teller", nil); err != nil {
		t.Fatal(err)
	}
	if list, err = h.Messages("", 10); err != nil || len(list) != 0 {
		t.Errorf("%+v %v", list, err)
	}
}

func TestBoundsOfARun(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	h.install(t, doing("flood", ""))
	cases := map[string]struct{ code, want string }{
		"messages":   {`let n = 0; try { for (;;) { await context.notify('x'); n++ } } catch (e) { return [n, e.code] }`, `[200,"limited"]`},
		"events":     {`let n = 0; try { for (;;) { await context.streamEvent('x', { n }); n++ } } catch (e) { return [n, e.code] }`, `[1000,"limited"]`},
		"large":      {`return context.streamEvent('x', 'x'.repeat(17000)).catch(e => e.code)`, `"limited"`},
		"no event":   {`return context.streamEvent().catch(e => e.code)`, `"invalid"`},
		"event kept": {`await context.streamEvent({ type: 'progress', done: 3 })`, `null`},
	}
	for name, c := range cases {
		if got := h.try(t, "flood", code(c.code)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	runs, err := h.Runs("flood", 10)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, run := range runs {
		found = found || len(run.Logs) == 1 && run.Logs[0].Level == "event" && run.Logs[0].Text == `{"event":{"type":"progress","done":3}}`
	}
	if !found {
		t.Error("the event is not among the logs")
	}
}

// TestInboxWithoutVault: looking makes no key.
func TestInboxWithoutVault(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	if list, err := h.Messages("", 10); err != nil || len(list) != 0 {
		t.Errorf("%+v %v", list, err)
	}
	if _, err := h.RemoveMessages("", []string{"nothing"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(filepath.Join(h.dir, "key")); err == nil {
		t.Error("a key was made")
	}
}
