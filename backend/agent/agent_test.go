package agent_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"pie/backend/agent"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/secret"
)

// world is a host whose answers a test sets by address.
type world struct {
	mu       sync.Mutex
	answers  map[string]agent.Response
	faults   map[string]error
	known    map[string]agent.Connection
	requests []agent.Request
	services []string
	notices  []agent.Notification
	open     int
	most     int
	gate     chan struct{} // fetches wait for it when set
	want     int           // when so many are open at once …
	reached  chan struct{} // … this is closed
}

// gated is a world whose fetches wait; reached is closed when want wait at once.
func gated(want int) *world {
	w := newWorld()
	w.gate, w.want, w.reached = make(chan struct{}), want, make(chan struct{})
	return w
}

func (w *world) Fetch(ctx context.Context, service string, r agent.Request) (agent.Response, error) {
	w.mu.Lock()
	w.requests, w.services = append(w.requests, r), append(w.services, service)
	w.open++
	w.most = max(w.most, w.open)
	if w.open == w.want {
		close(w.reached)
	}
	gate := w.gate
	w.mu.Unlock()
	defer func() { w.mu.Lock(); w.open--; w.mu.Unlock() }()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return agent.Response{}, ctx.Err()
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.faults[r.URL]; err != nil {
		return agent.Response{}, err
	}
	answer, ok := w.answers[r.URL]
	if !ok {
		answer = agent.Response{Status: 404, Body: []byte("nothing here")}
	}
	answer.OK = answer.Status >= 200 && answer.Status < 300
	return answer, nil
}

func (w *world) Connection(_ context.Context, service string) (agent.Connection, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.known[service], nil
}

func (w *world) Notify(_ context.Context, n agent.Notification) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notices = append(w.notices, n)
	return nil
}

func newWorld() *world {
	return &world{
		answers: map[string]agent.Response{
			"https://api.test/items": {Status: 200, Headers: map[string]string{"content-type": "application/json", "x-rate": "9"}, Body: []byte(`{"items":[1,2,3],"name":"Zoë 🙂"}`)},
			"https://api.test/bytes": {Status: 200, Body: []byte{0, 1, 2, 255}},
			"https://api.test/empty": {Status: 204},
		},
		faults: map[string]error{
			"https://evil.test/":    fault.New(fault.Denied, "evil.test was not approved for this agent.", "Install it again with --allow-host evil.test if you trust it."),
			"https://dead.test/":    fault.New(fault.Reconnect, "notes is not connected.", "Run pie connect notes."),
			"https://offline.test/": fault.New(fault.Offline, "offline.test cannot be reached.", "Check the network and try again."),
		},
		known: map[string]agent.Connection{
			"default": {Connected: true, Account: &agent.Account{ID: "7", Label: "ada"}, Scopes: []string{"read"}, APIBase: "https://api.test"},
			"other":   {},
		},
	}
}

func runner(t *testing.T) *agent.Runner {
	t.Helper()
	r := agent.NewRunner(agent.Options{Busy: 2})
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// job wraps the body of a handler.
func job(body string) agent.Job {
	return agent.Job{
		Agent: "test", Code: "async function handler(input, context) {\n" + body + "\n}", CodeName: "agent.js",
		Input: json.RawMessage(`{"n":2,"list":["a","b"]}`), Services: []string{"default", "other"}, TimeZone: "Europe/Berlin",
		UserConfig: json.RawMessage(`{"city":"Köln"}`),
		Secrets:    map[string]secret.String{"API_KEY": secret.New("sk-very-secret-value")},
		Timeout:    5 * time.Minute, // which is not what most tests are about
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ body, want string }{
		"input":                  {`return input.n + input.list.length`, `4`},
		"nothing":                {``, `null`},
		"object":                 {`return { a: 1, b: [true, null, "x"] }`, `{"a":1,"b":[true,null,"x"]}`},
		"undefined members":      {`return { a: undefined, f() {} }`, `{}`},
		"date":                   {`return new Date(0)`, `"1970-01-01T00:00:00.000Z"`},
		"not async":              {`return 1`, `1`},
		"secret":                 {`return context.secrets.API_KEY.length`, `20`},
		"no secret":              {`return context.secrets.OTHER === undefined`, `true`},
		"frozen secrets":         {`'use strict'; try { context.secrets.X = 1 } catch (e) { return e.name }`, `"TypeError"`},
		"user config":            {`return context.userConfig.city`, `"Köln"`},
		"user":                   {`return context.user.timezone`, `"Europe/Berlin"`},
		"input in context":       {`return context.input.n`, `2`},
		"connected":              {`return [await context.oauth.isConnected(), await context.oauthConnection('other').isConnected()]`, `[true,false]`},
		"connection":             {`return await context.oauth.getConnection()`, `{"connected":true,"account":{"id":"7","label":"ada"},"scopes":["read"],"apiBase":"https://api.test"}`},
		"undeclared service":     {`try { context.oauthConnection('nobody') } catch (e) { return e.message }`, `"This agent declares no service named nobody."`},
		"fetch":                  {`const r = await context.fetch('https://api.test/items'); return [r.ok, r.status, JSON.parse(r.body).items.length]`, `[true,200,3]`},
		"fetch headers":          {`const r = await context.oauth.fetch('https://api.test/items'); return r.headers['x-rate']`, `"9"`},
		"fetch json":             {`const r = await context.fetch('https://api.test/items'); return (await r.json()).name`, `"Zoë 🙂"`},
		"fetch text":             {`const r = await context.fetch('https://api.test/items'); return (await r.text()).length`, `33`},
		"fetch bytes":            {`const r = await context.fetch('https://api.test/bytes'); return [...new Uint8Array(await r.arrayBuffer())]`, `[0,1,2,255]`},
		"fetch json fails":       {`const r = await context.fetch('https://api.test/x'); return r.json().catch(e => e.name)`, `"SyntaxError"`},
		"fetch not found":        {`const r = await context.fetch('https://api.test/x'); return [r.ok, r.status, r.body]`, `[false,404,"nothing here"]`},
		"fault has code":         {`try { await context.fetch('https://evil.test/') } catch (e) { return [e instanceof Error, e.code, e.message, e.hint.length > 10] }`, `[true,"denied","evil.test was not approved for this agent.",true]`},
		"body object refused":    {`try { await context.fetch('https://api.test/items', { method: 'POST', body: { a: 1 } }) } catch (e) { return e.name }`, `"TypeError"`},
		"fetch global":           {`try { fetch('https://x') } catch (e) { return e.message.includes('context.fetch') }`, `true`},
		"no require":             {`try { require('fs') } catch (e) { return e.message.includes('one file') }`, `true`},
		"no process":             {`return [typeof process, typeof Deno, typeof global]`, `["undefined","undefined","undefined"]`},
		"desktop lacks db":       {`return context.db.query('select 1').catch(e => e.message)`, `"context.db is not available on the desktop: there is no database server on this computer."`},
		"desktop lacks billing":  {`return context.billing.chargeUsage().catch(e => e.message.includes('not available'))`, `true`},
		"lack can be awaited":    {`return typeof (await context.managedDb)`, `"function"`},
		"timer":                  {`const t = []; await new Promise(r => { setTimeout(() => { t.push('b'); r() }, 1000); setTimeout(() => t.push('a'), 1) }); return t`, `["a","b"]`},
		"timer arguments":        {`return await new Promise(r => setTimeout(r, 1, 42))`, `42`},
		"timer cleared":          {`let n = 0; const id = setTimeout(() => n++, 1); clearTimeout(id); await new Promise(r => setTimeout(r, 5)); return n`, `0`},
		"interval":               {`let n = 0; await new Promise(r => { const id = setInterval(() => { if (++n === 3) { clearInterval(id); r() } }, 1) }); return n`, `3`},
		"immediate":              {`const t = []; setTimeout(() => t.push('timeout'), 1); await new Promise(r => setImmediate(() => { t.push('now'); r() })); return t[0]`, `"now"`},
		"microtask order":        {`const t = []; queueMicrotask(() => t.push(1)); t.push(0); await null; await null; return t`, `[0,1]`},
		"json removed":           {`JSON = null; return { a: 1 }`, `{"a":1}`},
		"json replaced":          {`JSON.stringify = () => 'x'; return { a: 1 }`, `{"a":1}`},
		"eval works":             {`return eval('1+1') + new Function('a', 'return a * 2')(4)`, `10`},
		"many fetches":           {`const all = await Promise.all(Array.from({ length: 300 }, () => context.fetch('https://api.test/items'))); return all.length`, `300`},
		"returned error is kept": {`return { error: false, message: 'fine' }`, `{"error":false,"message":"fine"}`},
	}
	r, w := runner(t), newWorld()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := r.Run(t.Context(), job(c.body), w)
			if out.Status != history.OK || string(out.Result) != c.want {
				t.Errorf("%s %s %+v, want %s", out.Status, out.Result, out.Error, c.want)
			}
		})
	}
}

func TestEndings(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		body, status, message, hint string
		code                        fault.Code
	}{
		"throw":                 {`throw new Error('no luck')`, history.Failed, "no luck", "agent.js, line 2, column", fault.Script},
		"throw text":            {`throw 'just text'`, history.Failed, "just text", "", fault.Script},
		"throw object":          {`throw { a: 1 }`, history.Failed, `{"a":1}`, "", fault.Script},
		"throw null":            {`throw null`, history.Failed, "null", "", fault.Script},
		"type error":            {"\nundefined.x", history.Failed, "TypeError: ", "agent.js, line 3, column", fault.Script},
		"returned error":        {`return { error: true, message: 'nope' }`, history.Failed, "nope", "", fault.Script},
		"error without message": {`return { error: true }`, history.Failed, "The agent reported an error without a message.", "", fault.Script},
		"requires auth":         {`return { error: true, requiresAuth: true }`, history.RequiresAuth, "The agent needs to be connected first.", "pie connect test", fault.Reconnect},
		"uncaught reconnect":    {`await context.oauth.fetch('https://dead.test/')`, history.RequiresAuth, "notes is not connected.", "pie connect", fault.Reconnect},
		"caught reconnect":      {`try { await context.oauth.fetch('https://dead.test/') } catch (e) { throw new Error(e.code) }`, history.Failed, "reconnect", "", fault.Script},
		"forged reconnect":      {`const e = new Error('x'); e.code = 'reconnect'; throw e`, history.Failed, "x", "", fault.Script},
		"uncaught denied":       {`await context.fetch('https://evil.test/')`, history.Failed, "evil.test was not approved", "--allow-host", fault.Denied},
		"uncaught offline":      {`await context.fetch('https://offline.test/')`, history.Failed, "cannot be reached", "network", fault.Offline},
		"never settles":         {`await new Promise(() => {})`, history.Failed, "never ends", "", fault.Script},
		"timer throws":          {`await new Promise(() => setTimeout(() => { throw new Error('late') }, 1))`, history.Failed, "late", "", fault.Script},
		"recursion":             {`const f = () => f() + 1; f()`, history.Failed, "Maximum call stack", "", fault.Script},
		"circular result":       {`const a = {}; a.a = a; return a`, history.Failed, "TypeError", "", fault.Script},
		"bigint result":         {`return 1n`, history.Failed, "TypeError", "", fault.Script},
		"large result":          {`return 'x'.repeat(2 << 20)`, history.Stopped, "larger than 1 MB", "", fault.Limited},
		"secret in message":     {`throw new Error('key ' + context.secrets.API_KEY)`, history.Failed, "key [redacted]", "", fault.Script},
		"undeclared default":    {`await context.oauthConnection('default').fetch('https://x.test/')`, history.OK, "", "", ""},
	}
	r, w := runner(t), newWorld()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := r.Run(t.Context(), job(c.body), w)
			if out.Status != c.status {
				t.Fatalf("%s %+v, want %s", out.Status, out.Error, c.status)
			}
			if c.code == "" {
				return
			}
			if out.Error == nil || out.Error.Code != c.code || !strings.Contains(out.Error.Message, c.message) || !strings.Contains(out.Error.Hint, c.hint) {
				t.Errorf("%+v, want %s %q %q", out.Error, c.code, c.message, c.hint)
			}
		})
	}
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ code, function, want, message string }{
		"exported":        {`module.exports = { handler: async () => 'a' }`, "", `"a"`, ""},
		"exports":         {`exports.handler = () => 'b'`, "", `"b"`, ""},
		"not exported":    {`async function handler() { return 'c' }`, "", `"c"`, ""},
		"arrow":           {`const handler = () => 'd'`, "", `"d"`, ""},
		"on connect":      {`function handler() {} async function onConnect() { return 'e' } module.exports = { handler, onConnect }`, "onConnect", `"e"`, ""},
		"ends in comment": {"function handler() { return 'f' } // bye", "", `"f"`, ""},
		"hashbang":        {"#!/usr/bin/env node\nfunction handler() { return 'g' }", "", `"g"`, ""},
		"missing":         {`const x = 1`, "", "", "agent.js has no function handler."},
		"missing hook":    {`function handler() {}`, "onWebhook", "", "agent.js has no function onWebhook."},
		"syntax":          {"const ok = 1;\nfunction handler( {", "", "", "agent.js, line 12, column"},
		"import":          {"import x from 'y'", "", "", "agent.js, line 10, column 1"},
		"throws at load":  {"throw new Error('early')", "", "", "early"},
		"deep":            {strings.Repeat("(", 300_000), "", "", "nested too deeply"},
	}
	r, w := runner(t), newWorld()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := job("")
			j.Code, j.CodeLine, j.Function = c.code, 10, c.function
			out := r.Run(t.Context(), j, w)
			if c.message == "" && string(out.Result) != c.want {
				t.Errorf("%s %s %+v, want %s", out.Status, out.Result, out.Error, c.want)
			}
			if c.message != "" && (out.Status != history.Failed || out.Error.Code != fault.Script || !strings.Contains(out.Error.Message, c.message)) {
				t.Errorf("%s %+v, want %q", out.Status, out.Error, c.message)
			}
		})
	}
}

func TestRequestsArriveWhole(t *testing.T) {
	t.Parallel()
	r, w := runner(t), newWorld()
	out := r.Run(t.Context(), job(`
		await context.oauth.fetch('https://api.test/items', { method: 'post', headers: { 'X-A': 1 }, body: JSON.stringify({ ü: 1 }) });
		await context.oauthConnection('other').fetch('https://api.test/empty', { method: 'PUT', body: new Uint8Array([1, 0, 2]) });
		await context.notify('**hello**', { title: 'T' });
		console.log('a', { b: 1 }, [2]); console.error('sk-very-secret-value');
	`), w)
	if out.Status != history.OK {
		t.Fatalf("%+v", out)
	}
	if len(out.Logs) != 2 {
		t.Fatalf("%+v", out.Logs)
	}
	first, second := w.requests[0], w.requests[1]
	if first.Method != http.MethodPost || first.Headers["X-A"] != "1" || string(first.Body) != `{"ü":1}` || w.services[0] != "default" {
		t.Errorf("first %+v", first)
	}
	if string(second.Body) != "\x01\x00\x02" || w.services[1] != "other" {
		t.Errorf("second %+v", second)
	}
	if len(w.notices) != 1 || w.notices[0] != (agent.Notification{Title: "T", Text: "**hello**"}) {
		t.Errorf("notices %+v", w.notices)
	}
	if got := fmt.Sprint(out.Logs[0].Text, "|", out.Logs[1].Level, out.Logs[1].Text); got != `a {"b":1} [2]|error[redacted]` {
		t.Errorf("logs %s", got)
	}
}
