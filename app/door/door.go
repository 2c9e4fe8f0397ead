// Package door is the one way into a running application.
//
// Whoever takes the lock of a home first owns it: it opens the databases and
// listens on a Unix socket. Every later process of the same person joins it and
// sends its calls through that socket. Enter decides which of the two a process
// is; a [Caller] looks the same either way.
//
// An owner about to leave serves what its guests have begun, tells idle guests
// to enter again and only then lets go of the lock. A guest so told, or one
// whose owner died, enters again by itself with its next call and may then
// become the owner. At any time at most one process owns a home: the lock is the
// system's and ends with the process that holds it.
package door

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"pie/app"
	"pie/backend/fault"
	"pie/backend/paths"
)

// Activate is the method of a second launch that wants the window shown; its
// params are {"link"}. Fault: not_found when no window is open.
const Activate = "Door.Activate"

// Caller calls the services of the application, wherever they run. Both methods
// are safe for concurrent use.
type Caller interface {
	// Call calls a method such as "Connections.List". params and out are JSON
	// values, either may be nil. Every error is a *fault.Error.
	Call(ctx context.Context, method string, params, out any) error
	// Events gives what changes from now on until ctx ends; then, or when the
	// application cannot be reached any more, the channel is closed.
	Events(ctx context.Context) (<-chan app.Event, error)
}

// service is what an owner needs of the application.
type service interface {
	Call(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error)
	Subscribe() (events <-chan app.Event, stop func())
	Close() error
}

// speaker reaches the services.
type speaker interface {
	call(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error)
	events(ctx context.Context) (<-chan app.Event, error)
}

// session is one stay: as the owner, or as the guest of one.
type session interface {
	speaker
	ended() <-chan struct{}
	leave(ctx context.Context) error
}

// Door is the way in that Enter found. It is safe for concurrent use.
type Door struct {
	enter     func(ctx context.Context, window bool) (session, error)
	activated chan string

	mu     sync.Mutex // held while entering
	stay   session
	window bool
	closed bool
}

var _ Caller = (*Door)(nil)

// Enter opens the data of the home p with open, or joins the process that has
// done so. open is called only while this process owns the home, perhaps later
// when the owner has left. It never unlocks the vault. Faults: those of open;
// in_use when the owner does not answer; denied for a home of somebody else.
func Enter(ctx context.Context, p paths.Paths, open func(ctx context.Context) (*app.App, error)) (*Door, error) {
	return enterWith(ctx, p, func(ctx context.Context) (service, error) {
		opened, err := open(ctx)
		if err != nil {
			return nil, err
		}
		return opened, nil
	})
}

func enterWith(ctx context.Context, p paths.Paths, open func(context.Context) (service, error)) (*Door, error) {
	if err := p.Ensure(); err != nil {
		return nil, err
	}
	d := &Door{activated: make(chan string, 16)}
	way := &entrance{paths: p, open: open, activated: d.activated}
	d.enter = way.enter
	stay, err := d.enter(ctx, false)
	if err != nil {
		return nil, asFault(err)
	}
	d.stay = stay
	return d, nil
}

// Owner tells whether this process owns the home now. A guest may become the
// owner, never the other way round.
func (d *Door) Owner() bool {
	_, owns := d.present().(*owner)
	return owns
}

// App is the application of an owner; nil for a guest.
func (d *Door) App() *app.App {
	if o, owns := d.present().(*owner); owns {
		a, _ := o.service.(*app.App)
		return a
	}
	return nil
}

// Activated gives what second launches hand in for the window: "" or a link.
// Asking for it says that this process has the window; the window may be a
// guest's.
func (d *Door) Activated() <-chan string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.window = true
	switch stay := d.stay.(type) {
	case *owner:
		stay.window.Store(true)
	case *guest:
		stay.present()
	}
	return d.activated
}

// Close leaves. An owner first waits for its guests' unfinished calls.
func (d *Door) Close() error { return d.Leave(context.Background()) }

// Leave is Close that does not wait any longer than ctx: then the guests' calls
// end with a fault.
func (d *Door) Leave(ctx context.Context) error {
	d.mu.Lock()
	stay, closed := d.stay, d.closed
	d.closed = true
	d.mu.Unlock()
	if closed {
		return nil
	}
	return stay.leave(ctx)
}

func (d *Door) present() session {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stay
}

// session is the present stay, entered anew when the last one has ended.
func (d *Door) session(ctx context.Context) (session, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, fault.New(fault.Canceled, "PIE Desktop is being closed.", "Start it again.")
	}
	select {
	case <-d.stay.ended():
	default:
		return d.stay, nil
	}
	stay, err := d.enter(ctx, d.window)
	if err != nil {
		return nil, err
	}
	d.stay = stay
	return stay, nil
}

// Call implements Caller. A call that the owner never began is made again with
// the next owner; so is, once, a reading call whose owner died.
func (d *Door) Call(ctx context.Context, method string, params, out any) error {
	raw, err := json.Marshal(params)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "What was to be sent is no JSON.", "")
	}
	result, err := d.try(ctx, method, raw)
	if err != nil {
		return asFault(err)
	}
	if out == nil || len(result) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(result))
	if err := decoder.Decode(out); err != nil {
		return fault.Wrap(err, fault.Internal, "The answer of PIE Desktop cannot be read.", "Close every running PIE Desktop and try again.")
	}
	return nil
}

func (d *Door) try(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error) {
	again := reads(method)
	for {
		stay, err := d.session(ctx)
		if err != nil {
			return nil, err
		}
		result, err := stay.call(ctx, method, params)
		switch {
		case errors.Is(err, errNotBegun):
		case errors.Is(err, errDied) && again:
			again = false
		default:
			return result, err
		}
	}
}

// reads tells whether calling method twice does no more than calling it once.
func reads(method string) bool {
	_, verb, _ := strings.Cut(method, ".")
	switch verb {
	case "List", "Get", "Show", "Samples", "Inspect", "Preview", "DisconnectPreview", "Status", "Info", "Attempt", "Audit", "Next":
		return true
	}
	return false
}

// Events implements Caller. It lasts across owners: after a change of owner one
// event of each kind without an id says that anything may have changed.
func (d *Door) Events(ctx context.Context) (<-chan app.Event, error) {
	stay, err := d.session(ctx)
	if err != nil {
		return nil, asFault(err)
	}
	in, err := stay.events(ctx)
	if err != nil {
		return nil, asFault(err)
	}
	out := make(chan app.Event)
	go d.relay(ctx, in, out)
	return out, nil
}

func (d *Door) relay(ctx context.Context, in <-chan app.Event, out chan<- app.Event) {
	defer close(out)
	for {
		for event := range in {
			if !send(ctx, out, event) {
				return
			}
		}
		stay, err := d.session(ctx)
		if err != nil {
			return
		}
		if in, err = stay.events(ctx); err != nil && !errors.Is(err, errNotBegun) && !errors.Is(err, errDied) {
			return
		}
		for _, kind := range kinds() {
			if !send(ctx, out, app.Event{Kind: kind}) {
				return
			}
		}
	}
}

func send(ctx context.Context, out chan<- app.Event, event app.Event) bool {
	select {
	case out <- event:
		return true
	case <-ctx.Done():
		return false
	}
}

func kinds() []string {
	return []string{"connection", "attempt", "agent", "run", "automation", "practice", "vault", "settings"}
}

// asFault makes a fault of any error, keeping it as the cause.
func asFault(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok || err == nil {
		return err
	}
	problem := fault.Public(err)
	return fault.Wrap(err, problem.Code, problem.Message, problem.Hint)
}
