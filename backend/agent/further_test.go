package agent_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pie/backend/agent"
	"pie/backend/fault"
	"pie/backend/history"
)

// echo answers a further call with what it was asked.
type echo struct{}

func (echo) Call(_ context.Context, c agent.Call) (agent.Reply, error) {
	switch c.Op {
	case "files.read":
		return agent.Reply{Value: map[string]any{"filename": "a.txt", "size": 4}, Body: []byte("{\"ä")}, nil
	case "tools.list":
		return agent.Reply{}, fault.New(fault.Denied, "Nobody said so.", "Ask.")
	case "tools.call":
		return agent.Reply{Value: strings.Repeat("x", 11<<20)}, nil
	}
	var params any
	if len(c.Params) > 0 && json.Unmarshal(c.Params, &params) != nil {
		return agent.Reply{}, fmt.Errorf("bad params %q", c.Params)
	}
	return agent.Reply{Value: map[string]any{"op": c.Op, "params": params, "body": c.Body}}, nil
}

func TestFurtherCalls(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ body, want string }{
		"params":           {`return context.updateSessionMetadata({ a: [1, 'ü'] })`, `{"body":"","op":"metadata.update","params":{"a":[1,"ü"]}}`},
		"text":             {`return (await context.files.write('a', 'hé')).body`, `"aMOp"`},
		"bytes":            {`return (await context.files.write('a', new Uint8Array([0, 255]))).body`, `"AP8="`},
		"upload":           {`return (await context.files.upload('a', 'text/csv', 'aGk')).body`, `"aGk="`},
		"upload url form":  {`return (await context.files.upload('a', '', '_-8')).body`, `"/+8="`},
		"no base64":        {`return context.files.upload('a', '', 'a!').catch(e => e.name)`, `"TypeError"`},
		"object body":      {`return context.files.write('a', {}).catch(e => e.name)`, `"TypeError"`},
		"file":             {`const f = await context.files.read('a'); return [f.filename, await f.text(), await f.base64(), (await f.arrayBuffer()).byteLength, f.bytes]`, `["a.txt","{\"ä","eyLDpA==",4,null]`},
		"file as json":     {`const f = await context.files.read('a'); return f.json().catch(e => e.name)`, `"SyntaxError"`},
		"fault":            {`return context.listTools().catch(e => [e.code, e.message, e.hint])`, `["denied","Nobody said so.","Ask."]`},
		"circular":         {`const a = {}; a.a = a; return context.callTool('x', a).catch(e => e.name)`, `"TypeError"`},
		"big int":          {`return context.callTool('x', { n: 1n }).catch(e => e.name)`, `"TypeError"`},
		"throwing toJSON":  {`return context.callTool('x', { toJSON() { throw 7 } })` + `.catch(e => e)`, `7`},
		"too large":        {`return context.ai.chat('x'.repeat(11e6)).catch(e => e.code)`, `"limited"`},
		"answer too large": {`return context.callTool('x').catch(e => e.code)`, `"limited"`},
		"unknown member":   {`return context.files.getUrl('a').catch(e => e.message)`, `"context.files.getUrl is not available on the desktop: there are upload, write, read, info, list, delete."`},
		"can be awaited":   {`return typeof (await context.ai)`, `"object"`},
		"cannot be set":    {`'use strict'; try { context.files.read = 1 } catch (e) { return e.name }`, `"TypeError"`},
	}
	r, w := runner(t), newWorld()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := job(c.body)
			j.Calls = echo{}
			out := r.Run(t.Context(), j, w)
			if out.Status != history.OK || string(out.Result) != c.want {
				t.Errorf("%s %s %+v, want %s", out.Status, out.Result, out.Error, c.want)
			}
		})
	}
}

func TestFurtherCallsWithoutAnybody(t *testing.T) {
	t.Parallel()
	out := runner(t).Run(t.Context(), job(`return context.files.list().catch(e => e.code)`), newWorld())
	if string(out.Result) != `"invalid"` {
		t.Errorf("%s %+v", out.Result, out.Error)
	}
}
