package backend

import (
	"pie/backend/agent"
	"pie/backend/history"
)

// CallerFor is what the code of a run of that agent would reach.
func CallerFor(b *Backend, name string) agent.Caller {
	return &desk{b: b, run: history.Run{ID: "run", Agent: name}}
}

// LookAtRelay is CheckRelay by another client and at any address.
var LookAtRelay = lookAtRelay
