package door

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"pie/backend/fault"
)

// maxCalls is how many unfinished calls one guest may have.
const maxCalls = 256

// visit is one guest as the owner sees it.
type visit struct {
	owner  *owner
	wire   *wire
	window atomic.Bool

	mu     sync.Mutex
	calls  map[uint64]context.CancelFunc
	fresh  bool // came while the owner leaves and has not called yet
	parted bool // bye is said: nothing is begun any more
}

// serve reads until the guest goes; its unfinished calls are canceled then.
func (v *visit) serve() {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	for {
		m, err := v.wire.read()
		if err != nil {
			if fault.Is(err, fault.Limited) || fault.Is(err, fault.Invalid) {
				_ = v.wire.write(message{Error: fault.Public(err)})
			}
			return
		}
		switch {
		case m.Cancel != 0:
			v.cancel(m.Cancel)
		case m.ID == 0 || m.Method == "":
			_ = v.wire.write(message{Error: fault.Public(errGarbage)})
			return
		default:
			v.begin(ctx, m, &running)
		}
	}
}

func (v *visit) cancel(id uint64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if cancel, ok := v.calls[id]; ok {
		cancel()
	}
}

func (v *visit) begin(ctx context.Context, m message, running *sync.WaitGroup) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.parted {
		return
	}
	v.fresh = false
	_, known := v.calls[m.ID]
	if known || len(v.calls) >= maxCalls {
		refusal := fault.New(fault.Limited, "Too much is asked of PIE Desktop at once.", "Wait until something has finished.")
		running.Go(func() { _ = v.wire.write(message{ID: m.ID, Error: fault.Public(refusal)}) })
		return
	}
	callCtx, cancel := context.WithCancel(ctx)
	v.calls[m.ID] = cancel
	running.Go(func() {
		answer := v.answer(ctx, callCtx, m)
		if err := v.wire.write(answer); err != nil && fault.Is(err, fault.Limited) {
			_ = v.wire.write(message{ID: m.ID, Error: fault.Public(err)})
		}
		v.finish(m.ID)
	})
}

// answer does one call. stay lasts as long as the guest, ctx as long as the call.
func (v *visit) answer(stay, ctx context.Context, m message) message {
	answer := message{ID: m.ID}
	var err error
	switch m.Method {
	case subscribe:
		err = v.subscribe(stay)
	case window:
		v.window.Store(true)
	default:
		answer.Result, err = v.owner.call(ctx, m.Method, m.Params)
	}
	answer.Error = fault.Public(err)
	if answer.Error == nil && len(answer.Result) == 0 {
		answer.Result = []byte("null")
	}
	return answer
}

func (v *visit) subscribe(ctx context.Context) error {
	events, err := v.owner.events(ctx)
	if err != nil {
		return err
	}
	go func() {
		for event := range events {
			if v.wire.write(message{Event: &event}) != nil {
				_ = v.wire.conn.Close()
			}
		}
	}()
	return nil
}

func (v *visit) finish(id uint64) {
	v.mu.Lock()
	v.calls[id]()
	delete(v.calls, id)
	v.mu.Unlock()
	if v.owner.isLeaving() {
		v.partIfIdle()
	}
}

func (v *visit) isBusy() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.calls) > 0
}

// partIfIdle says bye to a guest that has nothing unfinished.
func (v *visit) partIfIdle() {
	v.mu.Lock()
	idle := !v.fresh && !v.parted && len(v.calls) == 0
	v.parted = v.parted || idle
	v.mu.Unlock()
	if idle {
		v.bye()
	}
}

// part ends the grace of a fresh guest.
func (v *visit) part() {
	v.mu.Lock()
	v.fresh = false
	v.mu.Unlock()
	v.partIfIdle()
}

// bye lets the guest hang up, and hangs up itself when the guest does not.
func (v *visit) bye() {
	_ = v.wire.write(message{Bye: true})
	if half, ok := v.wire.conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_ = v.wire.conn.SetReadDeadline(time.Now().Add(grace))
}

var _ interface{ CloseWrite() error } = (*net.UnixConn)(nil)
