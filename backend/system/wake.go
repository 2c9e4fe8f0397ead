package system

import (
	"context"
	"net"
	"slices"
	"sync"
	"time"

	"pie/backend/fault"
)

const (
	lookEvery  = 15 * time.Second
	sleptAfter = 30 * time.Second // that much later than expected is no busy computer any more
	steadyFor  = time.Second      // so long the addresses must stay the same
	lookAgain  = 250 * time.Millisecond
	settleTime = 20 * time.Second
)

// Wake notices that the computer has slept, and waits after that until its network
// stands still: what is sent in the first seconds is often lost with its answer.
// It is safe for concurrent use.
type Wake struct {
	options WakeOptions

	mu      sync.Mutex
	seen    time.Time // the last look, by the clock on the wall
	restive bool      // slept, and the network has not settled since
}

// WakeOptions of NewWake.
type WakeOptions struct {
	Now       func() time.Time               // time.Now when nil
	Online    func(ctx context.Context) bool // whether the internet can be expected to answer
	Addresses func() (addresses []string)    // of this computer; the system's own when nil
}

// NewWake makes a Wake. It knows of sleep from its making on.
func NewWake(o WakeOptions) *Wake {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Addresses == nil {
		o.Addresses = addresses
	}
	return &Wake{options: o, seen: o.Now().Round(0)}
}

// addresses are those of this computer that lead somewhere.
func addresses() []string {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var out []string
	for _, each := range all {
		if ip, ok := each.(*net.IPNet); ok && !ip.IP.IsLoopback() && !ip.IP.IsLinkLocalUnicast() {
			out = append(out, ip.String())
		}
	}
	slices.Sort(out)
	return out
}

// Watch looks at the clock until ctx ends. The clock on the wall goes on while a
// computer sleeps, and timers do not on most systems: a look that comes late by
// the one or the other means sleep.
func (w *Wake) Watch(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			w.look(lookEvery)
		case <-ctx.Done():
			return
		}
	}
}

// look notes a gap of more than expected since the last look.
func (w *Wake) look(expected time.Duration) (restive bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.options.Now().Round(0) // without the monotonic clock, which may stand still
	if now.Sub(w.seen) > expected+sleptAfter {
		w.restive = true
	}
	w.seen = now
	return w.restive
}

// Settle returns at once unless the computer has slept; then it returns when the
// network has settled. Fault: offline, when it does not within 20 seconds.
func (w *Wake) Settle(ctx context.Context) error {
	if !w.look(lookEvery) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	ticker := time.NewTicker(lookAgain)
	defer ticker.Stop()
	before, steady := w.options.Addresses(), time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return fault.Wrap(ctx.Err(), fault.Offline, "The network is not back since the computer woke up.", "Wait a moment, or check the network.")
		case <-ticker.C:
		}
		now := w.options.Addresses()
		if steady += lookAgain; !slices.Equal(now, before) || !w.options.Online(ctx) {
			before, steady = now, 0
		}
		if steady >= steadyFor {
			w.mu.Lock()
			w.restive = false
			w.mu.Unlock()
			return nil
		}
	}
}
