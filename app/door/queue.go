package door

import (
	"slices"
	"sync"

	"pie/app"
)

// queue hands events on without ever holding up the one who puts them. An event
// says only that a noun changed, so one that still waits is not put twice.
type queue struct {
	out chan app.Event

	mu      sync.Mutex
	wake    *sync.Cond
	pending []app.Event
	closed  chan struct{}
	over    bool
}

func newQueue() *queue {
	q := &queue{out: make(chan app.Event), closed: make(chan struct{})}
	q.wake = sync.NewCond(&q.mu)
	go q.run()
	return q
}

func (q *queue) put(event app.Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !slices.Contains(q.pending, event) {
		q.pending = append(q.pending, event)
		q.wake.Signal()
	}
}

// close ends the queue; what still waits is dropped. It may be called twice.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.over {
		q.over = true
		close(q.closed)
		q.wake.Signal()
	}
}

func (q *queue) run() {
	defer close(q.out)
	for {
		event, ok := q.next()
		if !ok {
			return
		}
		select {
		case q.out <- event:
		case <-q.closed:
			return
		}
	}
}

func (q *queue) next() (app.Event, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.pending) == 0 && !q.over {
		q.wake.Wait()
	}
	if q.over {
		return app.Event{}, false
	}
	event := q.pending[0]
	q.pending = q.pending[1:]
	return event, true
}
