package agent_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"pie/backend/agent"
	"pie/backend/agent/wire"
	"pie/backend/fault"
	"pie/backend/history"
)

// stay waits for the kill. Without cgo the Go runtime ends a process whose
// goroutines all wait; a timer keeps it from that.
func stay() {
	for range time.Tick(time.Hour) {
		continue
	}
}

// rogue is a worker that an attacker has taken over: it speaks to its host as it
// likes. The host must outlive each of them.
func rogue(kind string) int {
	say := func(k wire.Kind, id uint32, head any, body []byte) {
		if wire.Write(os.Stdout, k, id, head, body) != nil {
			os.Exit(0)
		}
	}
	hear := func() wire.Frame { f, _ := wire.Read(os.Stdin); return f }
	fetch := wire.Request{Op: "fetch", URL: "https://api.test/items", Method: "GET"}
	say(wire.Ready, 0, struct{}{}, nil)
	switch kind {
	case "never reads":
		stay()
	case "dies at once":
	case "says nothing":
		hear()
		stay()
	case "no frames":
		_, _ = io.Copy(os.Stdout, endless{})
	case "claims much":
		_, _ = os.Stdout.Write(binary.BigEndian.AppendUint32(nil, 1<<31))
		stay()
	case "sends half":
		_, _ = os.Stdout.Write(append(binary.BigEndian.AppendUint32(nil, wire.MaxFrame), 'x'))
		stay()
	case "logs for ever":
		for {
			say(wire.Log, 0, wire.Line{Level: "info", Text: strings.Repeat("x", 1<<16)}, nil)
		}
	case "empty logs for ever":
		for {
			say(wire.Log, 0, wire.Line{}, nil)
		}
	case "calls for ever":
		for i := uint32(0); ; i++ {
			say(wire.Call, i, fetch, make([]byte, 1<<20))
		}
	case "calls, takes no answer, is done":
		hear()
		for i := range uint32(64) {
			say(wire.Call, i, fetch, nil)
		}
		say(wire.Done, 0, wire.Outcome{End: wire.EndOK}, []byte("1"))
		stay()
	case "asks for more":
		hear()
		for i, op := range []string{"exec", "read", ""} {
			say(wire.Call, uint32(i), wire.Request{Op: op}, nil)
			answer := hear()
			if !bytes.Contains(answer.Head, []byte(`"invalid"`)) {
				return 1
			}
		}
		say(wire.Done, 0, wire.Outcome{End: wire.EndOK}, []byte(`"refused"`))
		hear()
	case "no json":
		hear()
		say(wire.Done, 0, wire.Outcome{End: wire.EndOK}, []byte(`{"a":`))
		hear()
	case "large result":
		hear()
		say(wire.Done, 0, wire.Outcome{End: wire.EndOK}, []byte(`"`+strings.Repeat("x", 2<<20)+`"`))
		hear()
	case "heads that are no json":
		hear()
		for _, k := range []wire.Kind{wire.Call, wire.Log, 200} {
			say(k, 1, "text", nil)
		}
		say(wire.Done, 0, wire.Outcome{End: "party"}, nil)
		hear()
	}
	return 0
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return copy(b, bytes.Repeat([]byte{0xFF}, len(b))), nil }

func TestRogueWorkers(t *testing.T) {
	t.Parallel()
	const soon, later = time.Second, 5 * time.Minute // to a limit that is waited for, or not
	cases := map[string]struct {
		limit  time.Duration
		status string
		code   fault.Code
		result string
	}{
		"never reads":                     {soon, history.Stopped, fault.Limited, ""},
		"dies at once":                    {later, history.Failed, fault.Internal, ""},
		"says nothing":                    {soon, history.Stopped, fault.Limited, ""},
		"no frames":                       {later, history.Failed, fault.Internal, ""},
		"claims much":                     {later, history.Failed, fault.Internal, ""},
		"sends half":                      {soon, history.Stopped, fault.Limited, ""},
		"logs for ever":                   {soon, history.Stopped, fault.Limited, ""},
		"empty logs for ever":             {soon, history.Stopped, fault.Limited, ""},
		"calls for ever":                  {soon, history.Stopped, fault.Limited, ""},
		"calls, takes no answer, is done": {later, history.OK, "", "1"},
		"asks for more":                   {later, history.OK, "", `"refused"`},
		"no json":                         {later, history.Failed, fault.Internal, ""},
		"large result":                    {later, history.Stopped, fault.Limited, ""},
		"heads that are no json":          {later, history.Failed, fault.Internal, ""},
	}
	for kind, c := range cases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := agent.NewRunner(agent.Options{Args: []string{"rogue", kind}, Busy: 1})
			defer func() { _ = r.Close() }()
			w := newWorld()
			w.answers["https://api.test/items"] = agent.Response{Status: 200, Body: make([]byte, 1<<20)}
			j := job(strings.Repeat("/", 1<<20)) // does not fit into a pipe
			j.Timeout = c.limit
			out := r.Run(t.Context(), j, w)
			if out.Status != c.status || string(out.Result) != c.result {
				t.Errorf("%s %s %+v", out.Status, out.Result, out.Error)
			}
			if c.code != "" && (out.Error == nil || out.Error.Code != c.code) {
				t.Errorf("%+v, want %s", out.Error, c.code)
			}
			if len(out.Logs) > 11_000 {
				t.Errorf("%d logs", len(out.Logs))
			}
		})
	}
}

// An idle worker may be ended by the system, for memory say: the next run gets
// another one.
func TestIdleWorkerThatDied(t *testing.T) {
	t.Parallel()
	for name, warm := range map[string]bool{"spare": true, "bound": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, w := runner(t), newWorld()
			if warm {
				r.Warm()
			} else if out := r.Run(t.Context(), job(`return 1`), w); out.Status != history.OK {
				t.Fatalf("%+v", out.Error)
			}
			if n := agent.KillWaiting(r); n != 1 {
				t.Fatalf("%d workers waited", n)
			}
			if out := r.Run(t.Context(), job(`return 2`), w); string(out.Result) != "2" {
				t.Errorf("%+v", out.Error)
			}
		})
	}
}

func TestNoticesAreNotLost(t *testing.T) {
	t.Parallel()
	r, w := runner(t), newWorld()
	out := r.Run(t.Context(), job(`context.notify('unawaited'); return 1`), w)
	if out.Status != history.OK || len(w.notices) != 1 {
		t.Errorf("%+v %+v", out.Error, w.notices)
	}
}

func TestBodiesInFlightAreBounded(t *testing.T) {
	t.Parallel()
	const size = 9 << 20
	r, w := runner(t), gated(3)
	done := make(chan agent.Outcome, 1)
	go func() {
		done <- r.Run(t.Context(), job(`const body = new Uint8Array(`+strconv.Itoa(size)+`);
			await Promise.all(Array.from({ length: 12 }, () => context.fetch('https://api.test/items', { method: 'POST', body })));
			return 1`), w)
	}()
	select {
	case <-w.reached:
		close(w.gate)
	case out := <-done:
		t.Fatalf("%+v", out.Error)
	}
	if out := <-done; string(out.Result) != "1" {
		t.Errorf("%+v", out.Error)
	}
	if len(w.requests) != 12 || w.most*size > 32<<20 {
		t.Errorf("%d requests, %d at once", len(w.requests), w.most)
	}
}
