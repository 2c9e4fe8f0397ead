// Package app holds the services that both faces call, and the shapes that
// people and scripts see. It decides nothing: each method asks the backend and
// gives its answer a form.
//
// Every exported method of a service takes no argument or one struct, and
// returns a value and an error, or an error alone. That is the form the window
// can bind, and [App.Call] calls the same methods by name with JSON. What takes
// long has an op, a text the caller chooses; Operations.Cancel ends it.
package app

import (
	"context"
	"sync"

	"pie/backend"
	"pie/backend/fault"
)

// Version is the version of the program.
const Version = "0.1.0"

// App is the set of services over one home. It is safe for concurrent use.
type App struct {
	Connections *Connections
	Clients     *Clients
	Agents      *Agents
	Runs        *Runs
	Outbox      *Outbox
	Inbox       *Inbox
	AI          *AI
	Automations *Automations
	Providers   *Providers
	Vault       *Vault
	Practice    *Practice
	Studio      *Studio
	System      *System
	Operations  *Operations

	backend *backend.Backend
	events  *hub
	methods map[string]method
}

// Open opens the backend of a home and makes the services over it. Faults: those
// of backend.Open.
func Open(ctx context.Context, o backend.Options) (*App, error) {
	events := &hub{}
	o.Notify = events.notify
	b, err := backend.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	return newApp(b, events), nil
}

func newApp(b *backend.Backend, events *hub) *App {
	ops := &Operations{running: map[string]context.CancelFunc{}}
	a := &App{
		Connections: &Connections{b, ops}, Clients: &Clients{b}, Agents: &Agents{b}, Runs: &Runs{b, ops}, Outbox: &Outbox{b, ops}, Inbox: &Inbox{b}, AI: &AI{b, ops}, Automations: &Automations{b, ops}, Providers: &Providers{b},
		Vault: &Vault{b}, Practice: &Practice{b}, Studio: &Studio{backend: b, events: events}, System: &System{b}, Operations: ops,
		backend: b, events: events,
	}
	a.methods = methodsOf(a.Services())
	return a
}

// Services are what the window binds: nothing else of the program is callable
// from the page.
func (a *App) Services() []any {
	return []any{a.Connections, a.Clients, a.Agents, a.Runs, a.Outbox, a.Inbox, a.AI, a.Automations, a.Providers, a.Vault, a.Practice, a.Studio, a.System, a.Operations}
}

// Subscribe gives what changes from now on. A reader that is slow loses events,
// never the program its pace; stop ends it and closes the channel.
func (a *App) Subscribe() (events <-chan Event, stop func()) { return a.events.subscribe() }

// Warm keeps a worker ready and runs automations from now on, for a program that
// stays.
func (a *App) Warm() {
	a.backend.Runner.Warm()
	a.backend.StartAutomations()
}

// Close cancels what is under way and closes the backend.
func (a *App) Close() error {
	a.Operations.cancelAll()
	a.Studio.closeAll()
	return a.backend.Close()
}

// Event names a noun that changed, never its data: ask the getter for it.
type Event struct {
	Kind string `json:"kind"` // connection | recovered (a connection is well again) | client | attempt | agent | run | outbox | inbox | automation | practice | studio (a save; the id is the folder) | vault | settings
	ID   string `json:"id"`
}

// hub passes events on. The zero value is ready.
type hub struct {
	mu   sync.Mutex
	next int
	subs map[int]chan Event
}

// notify tells all subscribers.
func (h *hub) notify(kind, id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, sub := range h.subs {
		select {
		case sub <- Event{kind, id}:
		default:
		}
	}
}

func (h *hub) subscribe() (<-chan Event, func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subs == nil {
		h.subs = map[int]chan Event{}
	}
	h.next++
	id, events := h.next, make(chan Event, 256)
	h.subs[id] = events
	return events, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if _, open := h.subs[id]; open {
			delete(h.subs, id)
			close(events)
		}
	}
}

// Operations are the calls under way that can be canceled.
type Operations struct {
	mu      sync.Mutex
	running map[string]context.CancelFunc
}

// OpRef names a call under way.
type OpRef struct {
	Op string `json:"op"`
}

// Cancel ends a call; one that has ended already is no fault.
func (o *Operations) Cancel(q OpRef) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if cancel := o.running[q.Op]; cancel != nil {
		cancel()
	}
	return nil
}

// begin registers a call. Faults: invalid for an empty op, conflict for one that
// is under way.
func (o *Operations) begin(op string) (context.Context, func(), error) {
	if op == "" || len(op) > 128 {
		return nil, nil, fault.New(fault.Invalid, "The call has no name by which it could be canceled.", "Give it an op.")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.running[op] != nil {
		return nil, nil, fault.New(fault.Conflict, "This is already under way.", "Wait for it, or cancel it first.")
	}
	ctx, cancel := context.WithCancel(context.Background())
	o.running[op] = cancel
	return ctx, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.running, op)
		cancel()
	}, nil
}

func (o *Operations) cancelAll() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, cancel := range o.running {
		cancel()
	}
}
