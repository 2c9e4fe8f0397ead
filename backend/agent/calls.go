package agent

import (
	"context"
	"time"
)

// afterDone is how long a worker may take its answers after its run is over.
const afterDone = 2 * time.Second

// maxBodies bounds the bodies of requests in flight, in bytes; one may always be.
const maxBodies = 32 << 20

// admit waits for a place for a call and its body. It is false when the run is
// over before.
func (c *conversation) admit(ctx context.Context, limit *time.Timer, size int64) bool {
	select {
	case c.slots <- struct{}{}:
	case <-limit.C:
		return false
	case <-ctx.Done():
		return false
	}
	for size > 0 && c.bodies.Load() > 0 && c.bodies.Load()+size > maxBodies {
		select {
		case <-c.freed:
		case <-limit.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
	c.bodies.Add(size)
	return true
}

func (c *conversation) leave(size int64) {
	c.bodies.Add(-size)
	<-c.slots
	select {
	case c.freed <- struct{}{}:
	default:
	}
}

// end waits for the calls that are under way. A worker that is not kept is killed
// first, and soon so is one that does not take its answers: nothing waits for it.
func (c *conversation) end(limit *time.Timer, keep bool) bool {
	defer limit.Stop()
	if !keep {
		c.process.kill()
	}
	ended := make(chan struct{})
	go func() {
		c.calls.Wait()
		close(ended)
	}()
	soon := time.NewTimer(afterDone)
	defer soon.Stop()
	select {
	case <-ended:
		return keep
	case <-limit.C:
	case <-soon.C:
	}
	c.process.kill()
	<-ended
	return false
}
