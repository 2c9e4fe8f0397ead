package backend

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"pie/backend/agent"
	"pie/backend/cassette"
	"pie/backend/fault"
	"pie/backend/history"
)

// witness notes what a run asks and is told. A nil one notes nothing.
type witness struct {
	recorder *cassette.Recorder // made when the run begins
}

// over stands between the code and its host from now on.
func (w *witness) over(h agent.Host, job *agent.Job) agent.Host {
	if w == nil {
		return h
	}
	w.recorder = cassette.NewRecorder(job.Secrets)
	job.Calls = watchedCalls{job.Calls, w.recorder}
	return watchedHost{h, w.recorder}
}

type watchedHost struct {
	agent.Host

	recorder *cassette.Recorder
}

// Fetch is the host's, noted.
func (h watchedHost) Fetch(ctx context.Context, service string, r agent.Request) (agent.Response, error) {
	began := time.Now()
	res, err := h.Host.Fetch(ctx, service, r)
	x := asked(service, r)
	x.MS = time.Since(began).Milliseconds()
	if err != nil {
		x.Fault = fault.Public(err)
	} else {
		x.Answer = &cassette.Answer{Status: res.Status, Headers: res.Headers, Body: cassette.NewBody(res.Body)}
	}
	h.recorder.Add(x)
	return res, err
}

// Connection is the host's, noted.
func (h watchedHost) Connection(ctx context.Context, service string) (agent.Connection, error) {
	told, err := h.Host.Connection(ctx, service)
	if err == nil {
		if raw, err := json.Marshal(told); err == nil {
			h.recorder.Connection(service, raw)
		}
	}
	return told, err
}

type watchedCalls struct {
	agent.Caller

	recorder *cassette.Recorder
}

// Call is the host's, noted.
func (c watchedCalls) Call(ctx context.Context, call agent.Call) (agent.Reply, error) {
	began := time.Now()
	reply, err := c.Caller.Call(ctx, call)
	x := cassette.Exchange{Call: called(call), MS: time.Since(began).Milliseconds()}
	if err != nil {
		x.Fault = fault.Public(err)
	} else {
		x.Answer = &cassette.Answer{Value: encoded(reply.Value), Body: cassette.NewBody(reply.Body)}
	}
	c.recorder.Add(x)
	return reply, err
}

// encoded is a value as the code gets it; nothing for what cannot be encoded,
// which does not reach the code either.
func encoded(value any) json.RawMessage {
	raw, err := json.Marshal(value)
	if err != nil || value == nil {
		return nil
	}
	return raw
}

func asked(service string, r agent.Request) cassette.Exchange {
	return cassette.Exchange{Service: service, Request: &cassette.Request{Method: r.Method, URL: r.URL, Headers: r.Headers, Body: cassette.NewBody(r.Body)}}
}

func called(c agent.Call) *cassette.Call {
	return &cassette.Call{Op: c.Op, Params: c.Params, Body: cassette.NewBody(c.Body)}
}

// replayed is the host of a run that is played from a recording: nothing that
// the code does leaves the program.
type replayed struct {
	player  *cassette.Player
	standIn *standIn // answers for services where it is set
	planner planner  // answers for tasks where the recording does not, beside a standIn

	planning sync.Mutex
	mu       sync.Mutex
	logs     []history.Log
	requests []history.Request
	asked    []cassette.Exchange
}

// Fetch answers from the recording.
func (h *replayed) Fetch(ctx context.Context, service string, r agent.Request) (agent.Response, error) {
	x := asked(service, r)
	ask := func() (cassette.Answer, error) { return h.player.Ask(x) }
	var a cassette.Answer
	var err error
	if h.standIn != nil && service != "" {
		a, err = h.standIn.fetch(ctx, r, ask)
	} else {
		a, err = ask()
	}
	h.note(x, a, err)
	body := a.Bytes()
	shown := history.Request{At: time.Now().UTC(), Method: r.Method, URL: bareAddress(r.URL), Status: a.Status, Bytes: int64(len(body))}
	if service != "" {
		shown.Service = &service
	}
	h.mu.Lock()
	h.requests = append(h.requests, shown)
	h.mu.Unlock()
	return agent.Response{OK: a.Status >= 200 && a.Status < 300, Status: a.Status, Headers: a.Headers, Body: body}, err
}

// Connection tells what was told when the recording was made.
func (h *replayed) Connection(_ context.Context, service string) (agent.Connection, error) {
	var told agent.Connection
	if h.standIn != nil {
		return h.standIn.told(service), nil
	}
	if raw, known := h.player.Connection(service); known {
		if err := json.Unmarshal(raw, &told); err != nil {
			return agent.Connection{}, fault.Wrap(err, fault.Invalid, "The recording tells of "+service+" in a form that cannot be read.", "Record it again with --record.")
		}
	}
	return told, nil
}

// Notify shows nothing: the message stands among the logs.
func (h *replayed) Notify(_ context.Context, n agent.Notification) error {
	text := n.Text
	if n.Title != "" {
		text = n.Title + "\n" + text
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.logs = append(h.logs, history.Log{At: time.Now().UTC(), Level: "notify", Text: text})
	return nil
}

// Call answers from the recording. A task is never planned.
func (h *replayed) Call(ctx context.Context, c agent.Call) (agent.Reply, error) {
	x := cassette.Exchange{Call: called(c)}
	a, err := h.player.Ask(x)
	if fault.Is(err, fault.NotFound) && h.standIn != nil && strings.HasPrefix(c.Op, "tasks.") {
		a, err = h.pretend(ctx, c)
	}
	h.note(x, a, err)
	if planChanges(c.Op) {
		h.mu.Lock()
		h.logs = append(h.logs, history.Log{At: time.Now().UTC(), Level: "info", Text: "Nothing was planned: the run is only played."})
		h.mu.Unlock()
	}
	return agent.Reply{Value: a.Value, Body: a.Bytes()}, err
}

// pretend plans what ends with the run.
func (h *replayed) pretend(ctx context.Context, c agent.Call) (cassette.Answer, error) {
	h.planning.Lock()
	defer h.planning.Unlock()
	value, err := h.planner.call(ctx, c)
	return cassette.Answer{Value: encoded(value)}, err
}

func (h *replayed) note(x cassette.Exchange, a cassette.Answer, err error) {
	if err != nil {
		x.Fault = fault.Public(err)
	} else {
		x.Answer = &a
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, x)
}
