package backend_test

import (
	"encoding/json"
	"slices"
	"testing"

	"pie/backend"
	"pie/backend/agent"
	"pie/backend/fault"
)

// FuzzCall hands the host whatever code may ask for: each answer is a value or a
// fault with a sentence, and never one that only a programmer understands.
func FuzzCall(f *testing.F) {
	ops := []string{
		"files.write", "files.read", "files.info", "files.list", "files.delete", "metadata.get", "metadata.update", "events.stream",
		"tools.list", "tools.call", "ai.chat", "ai.analyze", "ai.summarize", "ai.listModels", "exec",
	}
	for i := range ops {
		for _, params := range []string{``, `{}`, `null`, `[]`, `{"filename":"a.txt"}`, `{"event":"x","data":{}}`, `{"messages":"x"}`, `{"messages":[{"role":"user"}],"options":{"temperature":1}}`, `{"name":"fuzz","input":{}}`, `{"content":"x","instruction":"y","options":null}`} {
			f.Add(uint8(i), []byte(params), []byte("body"))
		}
	}
	h := newHome(f, f.TempDir())
	nowhere := "http://127.0.0.1:1/v1"
	if err := h.SetModel(f.Context(), backend.ModelChange{Address: &nowhere}); err != nil {
		f.Fatal(err)
	}
	h.install(f, doing("fuzz", ""))
	f.Fuzz(func(t *testing.T, op uint8, params, body []byte) {
		if len(params) > 0 && !json.Valid(params) {
			return // a frame holds JSON
		}
		call := agent.Call{Op: ops[int(op)%len(ops)], Params: params, Body: body}
		reply, err := backend.CallerFor(h.Backend, "fuzz").Call(t.Context(), call)
		problem := fault.Public(err)
		if err != nil && (problem.Code == fault.Internal || problem.Message == "" || !slices.Contains(fault.Codes(), problem.Code)) {
			t.Fatalf("%s %s: %v", call.Op, params, err)
		}
		if err == nil {
			if _, err := json.Marshal(reply.Value); err != nil {
				t.Fatalf("%s %s: %v", call.Op, params, err)
			}
		}
	})
}
