package backend

import (
	"fmt"
	"time"

	"pie/backend/connection"
)

// startTending watches for sleep and for the end of quiet hours, and keeps unused
// connections alive, until the home is closed.
func (b *Backend) startTending() {
	b.tending.Go(func() { b.wake.Watch(b.life) })
	b.tending.Go(func() { b.Connections.Tend(b.life) })
	b.tending.Go(func() { b.hours.Watch(b.life) })
}

// checkClock compares this computer's clock with that of the services.
func (b *Backend) checkClock() Check {
	ahead, err := b.Connections.Ahead()
	if err != nil {
		return bad("clock", err)
	}
	if p := connection.ClockProblem(ahead); p != nil {
		return Check{Code: "clock", Message: p.Message, Hint: p.Hint}
	}
	return good("clock", fmt.Sprintf("The clock agrees with the services (within %s).", max(ahead.Abs(), time.Second).Round(time.Second)))
}
