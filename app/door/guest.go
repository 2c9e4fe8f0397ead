package door

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"sync"

	"pie/app"
	"pie/backend/fault"
)

// guest is the stay of a process that has joined an owner.
type guest struct {
	wire      *wire
	activated chan string
	done      chan struct{} // closed when the owner is gone

	mu          sync.Mutex
	last        uint64
	waiting     map[uint64]chan reply
	subscribers map[*queue]struct{}
	subscribed  bool
	cause       error // why the stay ended: errNotBegun or errDied
}

type reply struct {
	result json.RawMessage
	err    error
}

func newGuest(w *wire, activated chan string) *guest {
	g := &guest{
		wire: w, activated: activated, done: make(chan struct{}),
		waiting: map[uint64]chan reply{}, subscribers: map[*queue]struct{}{},
	}
	go g.listen()
	return g
}

// listen reads until bye or the end.
func (g *guest) listen() {
	cause := error(errDied)
	for {
		m, err := g.wire.read()
		if err != nil {
			break
		}
		if m.Bye {
			cause = errNotBegun
			break
		}
		g.take(m)
	}
	_ = g.wire.conn.Close()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.cause = cause
	for id, to := range g.waiting {
		delete(g.waiting, id)
		to <- reply{err: cause}
	}
	for q := range g.subscribers {
		q.close()
	}
	close(g.done)
}

func (g *guest) take(m message) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case m.Event != nil:
		for q := range g.subscribers {
			q.put(*m.Event)
		}
	case m.Activate != nil:
		_ = push(g.activated, *m.Activate)
	default:
		if to, ok := g.waiting[m.ID]; ok {
			delete(g.waiting, m.ID)
			to <- answerOf(m)
		}
	}
}

func answerOf(m message) reply {
	if m.Error == nil {
		return reply{result: m.Result}
	}
	code := m.Error.Code
	if code == "" {
		code = fault.Internal
	}
	return reply{err: fault.New(code, m.Error.Message, m.Error.Hint)}
}

func (g *guest) call(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error) {
	to := make(chan reply, 1)
	g.mu.Lock()
	if g.cause != nil {
		g.mu.Unlock()
		return nil, errNotBegun
	}
	g.last++
	id := g.last
	g.waiting[id] = to
	g.mu.Unlock()
	if err := g.wire.write(message{ID: id, Method: method, Params: params}); err != nil {
		if fault.Is(err, fault.Limited) {
			g.drop(id)
			return nil, err
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			_ = g.wire.conn.Close()
		}
		// Otherwise the owner has hung up. What it said before, listen still reads.
	}
	select {
	case r := <-to:
		return r.result, r.err
	case <-ctx.Done():
		g.drop(id)
		_ = g.wire.write(message{Cancel: id})
		return nil, ctx.Err()
	}
}

func (g *guest) drop(id uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.waiting, id)
}

func (g *guest) events(ctx context.Context) (<-chan app.Event, error) {
	q := newQueue()
	g.mu.Lock()
	if g.cause != nil {
		g.mu.Unlock()
		return closedEvents(), errNotBegun
	}
	g.subscribers[q] = struct{}{}
	first := !g.subscribed
	g.subscribed = true
	g.mu.Unlock()
	context.AfterFunc(ctx, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.subscribers, q)
		q.close()
	})
	if first {
		if _, err := g.call(ctx, subscribe, nil); err != nil {
			return q.out, err
		}
	}
	return q.out, nil
}

func closedEvents() <-chan app.Event {
	c := make(chan app.Event)
	close(c)
	return c
}

// present tells the owner that the window is here.
func (g *guest) present() {
	go func() { _, _ = g.call(context.Background(), window, nil) }()
}

func (g *guest) ended() <-chan struct{} { return g.done }

func (g *guest) leave(context.Context) error {
	_ = g.wire.conn.Close()
	<-g.done
	return nil
}
