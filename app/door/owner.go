package door

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"pie/app"
	"pie/backend/fault"
)

// grace is how long a guest that came while the owner leaves may think about its
// first call.
const grace = 2 * time.Second

// owner is the stay of the process that has the lock.
type owner struct {
	service   service
	lock      *os.File // kept: a collected file would drop the lock
	listener  net.Listener
	activated chan string
	window    atomic.Bool

	mu      sync.Mutex
	guests  map[*visit]struct{}
	leaving bool
	gone    chan struct{} // while leaving: closed when the last guest has gone
}

func (o *owner) call(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error) {
	if method == Activate {
		return nil, o.activate(params)
	}
	return o.service.Call(ctx, method, params)
}

func (o *owner) events(ctx context.Context) (<-chan app.Event, error) {
	in, stop := o.service.Subscribe()
	queue := newQueue()
	go func() {
		defer stop()
		defer queue.close()
		for {
			select {
			case event, ok := <-in:
				if !ok {
					return
				}
				queue.put(event)
			case <-ctx.Done():
				return
			}
		}
	}()
	return queue.out, nil
}

// ended is never: an owner owns until it leaves.
func (o *owner) ended() <-chan struct{} { return nil }

// leave serves what guests have begun, until ctx ends, and lets go of the home.
func (o *owner) leave(ctx context.Context) error {
	o.mu.Lock()
	o.leaving = true
	o.gone = make(chan struct{})
	gone := o.gone
	visits := make([]*visit, 0, len(o.guests))
	for v := range o.guests {
		visits = append(visits, v)
	}
	if len(visits) == 0 {
		close(gone)
	}
	o.mu.Unlock()
	for _, v := range visits {
		v.partIfIdle()
	}
	select {
	case <-gone:
	case <-ctx.Done():
		o.turnOut(gone)
	}
	_ = o.listener.Close() // removes the socket, still under the lock
	err := o.service.Close()
	_ = o.lock.Close()
	return err
}

// turnOut hangs up on all guests, which cancels their calls.
func (o *owner) turnOut(gone <-chan struct{}) {
	o.mu.Lock()
	for v := range o.guests {
		_ = v.wire.conn.Close()
	}
	o.mu.Unlock()
	select {
	case <-gone:
	case <-time.After(grace):
	}
}

func (o *owner) accept() {
	for {
		conn, err := o.listener.Accept()
		if err != nil {
			if ne, ok := err.(net.Error); ok && ne.Timeout() { //nolint:errorlint // Accept returns it bare
				continue
			}
			return
		}
		go o.receive(conn)
	}
}

// receive serves one guest from hello to the end.
func (o *owner) receive(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	w := newWire(conn)
	if err := samePerson(conn); err != nil {
		_ = w.write(message{Error: fault.Public(err)})
		return
	}
	v := &visit{owner: o, wire: w, calls: map[uint64]context.CancelFunc{}}
	if !o.admit(v) {
		_ = w.write(message{Bye: true})
		return
	}
	defer o.forget(v)
	if w.write(message{Hello: app.Version}) == nil {
		v.serve()
	}
}

// admit lets a guest in. While the owner leaves it does so only as long as other
// guests keep it here anyway: they may be waiting for just this guest, as a
// sign-in waits for its callback.
func (o *owner) admit(v *visit) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.leaving {
		if !o.isKept() {
			return false
		}
		v.fresh = true
		time.AfterFunc(grace, v.part)
	}
	o.guests[v] = struct{}{}
	return true
}

// isKept tells whether a guest has an unfinished call. o.mu is held.
func (o *owner) isKept() bool {
	for v := range o.guests {
		if v.isBusy() {
			return true
		}
	}
	return false
}

func (o *owner) forget(v *visit) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.guests, v)
	if o.leaving && len(o.guests) == 0 {
		select {
		case <-o.gone:
		default:
			close(o.gone)
		}
	}
}

func (o *owner) isLeaving() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.leaving
}

// activate hands a link to the window, here or at a guest.
func (o *owner) activate(params json.RawMessage) error {
	var p struct {
		Link string `json:"link"`
	}
	if err := json.Unmarshal(params, &p); err != nil {
		return fault.New(fault.Invalid, "The link cannot be read.", "Hand in a link as text.")
	}
	if o.window.Load() {
		return push(o.activated, p.Link)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for v := range o.guests {
		if v.window.Load() {
			go func() { _ = v.wire.write(message{Activate: &p.Link}) }()
			return nil
		}
	}
	return fault.New(fault.NotFound, "No window of PIE Desktop is open.", "Start pie to open it.")
}

func push(to chan string, link string) error {
	select {
	case to <- link:
		return nil
	default:
		return fault.New(fault.Limited, "The window does not take any more links at the moment.", "Wait a moment and try again.")
	}
}
