package backend_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pie/backend"
	"pie/backend/automation"
	"pie/backend/history"
	"pie/backend/patience"
	"pie/backend/plugin"
)

// TestEveryNameOfTheContext goes through what the platform's context has. What a
// desktop cannot do rejects with a sentence that says why.
func TestEveryNameOfTheContext(t *testing.T) {
	t.Parallel()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }))
	defer api.Close()
	model := newModelServer(t)
	h := newHome(t, t.TempDir())
	address := model.URL + "/v1"
	if err := h.SetModel(t.Context(), backend.ModelChange{Address: &address}); err != nil {
		t.Fatal(err)
	}
	h.install(t, doing("helper", ""))
	h.install(t, doing("all", "  network: {hosts: ['"+api.URL+"']}\n  oauth: {provider: practice, scopes: []}\n  oauthConnections: {second: {provider: practice, scopes: []}}\n"))
	if err := h.AllowCalls("all", []string{"helper"}); err != nil {
		t.Fatal(err)
	}
	if err := h.SetConfig("all", json.RawMessage(`{"city":"Bonn"}`)); err != nil {
		t.Fatal(err)
	}
	const missing = "not available on the desktop: "
	for _, c := range [][2]string{ // in this order
		{"input.code.length > 0", `true`},
		{"fetch('" + api.URL + "').then(r => [r.ok, r.status, r.body])", `[true,200,"hello"]`},
		{"secrets.NAME === undefined", `true`},
		{"userConfig.city", `"Bonn"`},
		{"user.timezone", `"Europe/Berlin"`},
		{"oauth.isConnected()", `false`},
		{"oauth.fetch('https://x.test').catch(e => e.code)", `"denied"`}, // not a host of the service
		{"oauth.getConnectionInfo().then(c => c.connected)", `false`},
		{"oauthConnection('second').isConnected()", `false`},
		{"notify('hello', { title: 'T' })", `null`},
		{"ai.chat('x').then(r => r.content)", `"large: user=x"`},
		{"ai.analyze('x', 'y').then(r => r.model)", `"large"`},
		{"ai.summarize('x').then(r => typeof r.summary)", `"string"`},
		{"ai.listModels().then(r => r.length)", `2`},
		{"files.upload('a.txt', 'text/plain', 'aGk=').then(f => [f.filename, f.tags])", `["a.txt",[]]`},
		{"files.list().then(l => l.map(f => f.size))", `[2]`},
		{"streamEvent({ type: 'progress' })", `null`},
		{"updateSessionMetadata({ a: 1 })", `{"a":1}`},
		{"getSessionMetadata()", `{"a":1}`},
		{"callTool('helper', { code: 'return 5' })", `5`},
		{"listTools().then(l => l.map(t => t.name))", `["helper"]`},
		{"tasks.create({ name: 'x', in: '5m' }).then(t => t.status)", `"waiting"`},
		{"tasks.list().then(l => l.map(t => t.name))", `["x"]`},
		{"db.query('select 1')", missing + "there is no database server on this computer."},
		{"managedDb.query('select 1', [])", missing + "there is no database server on this computer."},
		{"pdf.create('x')", missing + "this version makes no PDF files."},
		{"machine.isOnline()", missing + "agents do not control the computer."},
		{"machine.list()", missing + "agents do not control the computer."},
		{"machine.execute('shell.run', {})", missing + "agents do not control the computer."},
		{"machine.upload('/etc/passwd')", missing + "agents do not control the computer."},
		{"machine.download('x', 'y')", missing + "agents do not control the computer."},
		{"widget.show({})", missing + "this version shows no widgets."},
		{"widget.update({})", missing + "this version shows no widgets."},
		{"widget.hide()", missing + "this version shows no widgets."},
		{"publicApp.respond({})", missing + "a laptop serves no public pages."},
		{"billing.chargeUsage()", missing + "nothing is sold here."},
		{"dataConnectors.list()", missing + "use an oauth block and context.oauth instead."},
		{"dataConnectors.isConnected('gmail')", missing + "use an oauth block and context.oauth instead."},
		{"dataConnectors.get('gmail')", missing + "use an oauth block and context.oauth instead."},
		{"files.getUrl('a')", missing + "there are upload, write, read, info, list, delete."},
		{"ai.image('a')", missing + "there are chat, analyze, summarize, listModels."},
	} {
		name, want := c[0], c[1]
		if reason, ok := strings.CutPrefix(want, missing); ok {
			path, _, _ := strings.Cut(name, "(")
			what := path
			if !strings.HasPrefix(path, "files") && !strings.HasPrefix(path, "ai") {
				what, _, _ = strings.Cut(path, ".")
			}
			raw, err := json.Marshal("context." + what + " is " + missing + reason)
			if err != nil {
				t.Fatal(err)
			}
			name, want = name+".catch(e => e.message)", string(raw)
		}
		if got := h.try(t, "all", code("return await context."+name)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// TestInputs: what a function gets as its input, for each way of calling it.
func TestInputs(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	text := func(name, triggers, body string) backend.Source {
		return backend.Source{Name: name + ".pie", Content: []byte("---\nname: " + name + "\nversion: 1.0.0\nmanifest:\n  automation: {triggers: [" + triggers + "]}\n---\n" + body)}
	}
	h.install(t, text("emitter", "", `module.exports = { handler: async (input, context) => { await context.streamEvent('found', { n: 7 }); return { done: 1 } } }`))
	h.install(t, text("listener", "{type: plugin_event, plugin: emitter, event: found}, {type: plugin_event, plugin: emitter}, {type: interval, default: 900}",
		`const tell = (hook) => async (input) => ({ hook, input }); module.exports = { handler: tell('handler'), onPluginEvent: tell('onPluginEvent'), onWebhook: tell('onWebhook') }`))
	for _, id := range []string{"listener/0", "listener/1"} {
		if err := h.EnableAutomation(id, automation.Choice{}); err != nil {
			t.Fatal(err)
		}
	}
	h.StartAutomations()
	emitted, err := h.Run(t.Context(), backend.RunRequest{Agent: "emitter"})
	if err != nil || emitted.Status != history.OK {
		t.Fatalf("%+v %v", emitted.Error, err)
	}
	got := map[string]string{} // event -> result
	patience.Until(t, "the listener has run twice", func() bool {
		runs, err := h.Runs("listener", 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range runs {
			var result struct {
				Hook  string
				Input struct {
					TriggeredBy string
					TriggerData struct {
						Plugin, Event, Run string
						Data               json.RawMessage
					}
				}
			}
			if run.Status == history.OK && json.Unmarshal(run.Result, &result) == nil {
				data := result.Input.TriggerData
				got[data.Event] = strings.Join([]string{run.Trigger, result.Hook, result.Input.TriggeredBy, data.Plugin, string(data.Data)}, " ")
				if data.Run != emitted.ID {
					t.Errorf("of run %s, not %s", data.Run, emitted.ID)
				}
			}
		}
		return len(got) == 2
	})
	for event, want := range map[string]string{
		"found": `plugin_event onPluginEvent plugin_event emitter {"n":7}`, plugin.EventOK: `plugin_event onPluginEvent plugin_event emitter {"done":1}`,
	} {
		if got[event] != want {
			t.Errorf("%s: %q, want %q", event, got[event], want)
		}
	}
	by, err := h.RunAutomation(t.Context(), "listener/2", nil)
	if err != nil || !strings.HasPrefix(string(by.Result), `{"hook":"handler","input":{"scheduledFor":"`) || !strings.HasSuffix(string(by.Result), `Z","triggeredBy":"interval"}}`) {
		t.Errorf("%s %v", by.Result, err)
	}
	by, err = h.Run(t.Context(), backend.RunRequest{Agent: "listener", Function: "onWebhook", Input: json.RawMessage(`{"triggeredBy":"webhook","triggerData":{"a":1}}`)})
	if err != nil || string(by.Result) != `{"hook":"onWebhook","input":{"triggeredBy":"webhook","triggerData":{"a":1}}}` {
		t.Errorf("%s %v", by.Result, err)
	}
}
