package door

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"time"

	"pie/app"
	"pie/backend/fault"
	"pie/backend/paths"
)

// patience is how long an owner that starts, leaves or is silent is waited for.
const patience = 30 * time.Second

// entrance enters one home, as often as is needed.
type entrance struct {
	paths     paths.Paths
	open      func(context.Context) (service, error)
	activated chan string
}

// enter takes the lock and becomes the owner, or joins the owner. An owner that
// is only just starting or leaving is met again a moment later.
func (e *entrance) enter(ctx context.Context, hasWindow bool) (session, error) {
	deadline := time.Now().Add(patience)
	for {
		lock, err := tryLock(e.paths.LockFile())
		if err != nil {
			return nil, err
		}
		if lock != nil {
			return e.own(ctx, lock, hasWindow)
		}
		g, err := e.join(ctx, deadline, hasWindow)
		if err == nil {
			return g, nil
		}
		if _, final := errors.AsType[*fault.Error](err); final {
			return nil, err
		}
		if time.Now().After(deadline) {
			return nil, fault.Wrap(err, fault.InUse, "Another PIE Desktop has this home open and does not answer.", "Wait until it has finished, or end it, then try again.")
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Duration(10+rand.IntN(30)) * time.Millisecond): // #nosec G404 -- spreads retries, nothing secret
		}
	}
}

// own opens the home. The socket is there before the databases are open, so that
// others queue instead of asking again and again.
func (e *entrance) own(ctx context.Context, lock *os.File, hasWindow bool) (session, error) {
	listener, err := listen(ctx, e.paths.Socket())
	if err != nil {
		_ = lock.Close()
		return nil, err
	}
	opened, err := e.open(ctx)
	if err != nil {
		_ = listener.Close()
		_ = lock.Close()
		return nil, err
	}
	o := &owner{service: opened, lock: lock, listener: listener, activated: e.activated, guests: map[*visit]struct{}{}}
	o.window.Store(hasWindow)
	go o.accept()
	return o, nil
}

// listen binds the socket. Only the holder of the lock may: a socket that is
// there belongs to an owner that died.
func listen(ctx context.Context, address string) (net.Listener, error) {
	if err := os.Remove(address); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, socketFault(err)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "unix", address)
	if err != nil {
		return nil, socketFault(err)
	}
	if err := os.Chmod(address, 0o600); err != nil {
		_ = listener.Close()
		return nil, socketFault(err)
	}
	return listener, nil
}

func socketFault(err error) error {
	return fault.Wrap(err, fault.Internal, "The socket of PIE Desktop cannot be made.", "Check that the runtime folder is on a local disk and can be written.")
}

// join greets the owner. An error that is no fault means: try again.
func (e *entrance) join(ctx context.Context, deadline time.Time, hasWindow bool) (session, error) {
	dialer := net.Dialer{Deadline: deadline}
	conn, err := dialer.DialContext(ctx, "unix", e.paths.Socket())
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	w := newWire(conn)
	err = greet(w, deadline)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	g := newGuest(w, e.activated)
	if hasWindow {
		g.present()
	}
	return g, nil
}

func greet(w *wire, deadline time.Time) error {
	if err := samePerson(w.conn); err != nil {
		return err
	}
	if err := w.conn.SetReadDeadline(deadline); err != nil {
		return err
	}
	hello, err := w.read()
	if err != nil {
		if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Limited) {
			return fault.Wrap(err, fault.InUse, "Something else than PIE Desktop answers on its socket.", "End it, then try again.")
		}
		return err
	}
	if hello.Bye {
		return errNotBegun
	}
	if hello.Error != nil {
		return answerOf(hello).err
	}
	if hello.Hello != app.Version {
		return fault.New(fault.InUse, "Another version of PIE Desktop has this home open.", "Close it, then try again.")
	}
	return w.conn.SetReadDeadline(time.Time{})
}
