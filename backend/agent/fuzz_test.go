package agent_test

import (
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf8"

	"pie/backend/agent"
	"pie/backend/agent/wire"
	"pie/backend/fault"
	"pie/backend/history"
)

// FuzzResult takes whatever a worker says a run came to: the outcome is whole and
// bounded, its code is one of ours, and only valid JSON is a result.
func FuzzResult(f *testing.F) {
	for _, result := range []string{
		`null`, `{"a":1}`, `{"error":true,"message":"x"}`, `{"error":true,"requiresAuth":true}`, `{"error":{}}`, `{"error":true,"message":{}}`, `{`, ``,
		`[1] 2`, `"\ud800"`, `{"error":true,"message":"` + string(make([]byte, 100)) + `"}`,
	} {
		f.Add(wire.EndOK, "", "", []byte(result))
	}
	f.Add(wire.EndThrown, "reconnect", "sign in", []byte{})
	f.Add(wire.EndThrown, "", "", []byte{})
	f.Add("", "no code", "x", []byte{})
	known := fault.Codes()
	statuses := []string{history.OK, history.Failed, history.RequiresAuth, history.Stopped}
	f.Fuzz(func(t *testing.T, end, code, message string, result []byte) {
		out, keep := agent.Settle(end, &wire.Fault{Code: code, Message: message, Hint: message}, result)
		if !slices.Contains(statuses, out.Status) || (out.Status == history.OK) != (out.Error == nil) {
			t.Fatalf("%+v", out)
		}
		if out.Result != nil && (!json.Valid(out.Result) || len(out.Result) > wire.MaxResult) {
			t.Fatalf("result %q", out.Result)
		}
		if out.Error != nil {
			if !slices.Contains(known, out.Error.Code) || out.Error.Message == "" || len(out.Error.Message) > wire.MaxText || len(out.Error.Hint) > wire.MaxText {
				t.Fatalf("%+v", out.Error)
			}
			if utf8.ValidString(message) && utf8.Valid(result) && !utf8.ValidString(out.Error.Message) {
				t.Fatalf("%q", out.Error.Message)
			}
		}
		if keep && !slices.Contains([]string{wire.EndOK, wire.EndThrown, wire.EndResult}, end) {
			t.Fatalf("a worker that ended by %q is kept", end)
		}
	})
}

// FuzzInput holds the check of inputs to the parser that reads them later.
func FuzzInput(f *testing.F) {
	for _, input := range []string{`{}`, `[[[]]]`, `"[[["`, `{"a":"\""}`, `{"a":`, "\x00", `1 2`, `"\\"]`} {
		f.Add([]byte(input))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		if err := agent.CheckInput(input); (err == nil) != json.Valid(input) && len(input) < 900 {
			t.Fatalf("%q: %v", input, err)
		}
	})
}
