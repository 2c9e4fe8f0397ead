package oauthtest

import (
	"context"
	"net/http"
	"sync/atomic"
)

// Impatience is a server that takes a request and never answers, and the transport
// of a client that gives up once its request has come there; one request at a time.
// So the end does not hang on how fast the machine is: none is given up unsent.
type Impatience struct{ giveUp atomic.Value }

// ServeHTTP lets the client know that the request is here, and waits until it has gone.
func (i *Impatience) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	if giveUp, ok := i.giveUp.Load().(context.CancelCauseFunc); ok {
		giveUp(context.DeadlineExceeded)
	}
	<-r.Context().Done()
}

// RoundTrip asks, and fails as when the client's time has run out.
func (i *Impatience) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, giveUp := context.WithCancelCause(r.Context())
	i.giveUp.Store(giveUp)
	return (&http.Transport{DisableKeepAlives: true}).RoundTrip(r.WithContext(ctx))
}
