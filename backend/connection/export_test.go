package connection

import (
	"net"
	"net/http"
)

// TokenTransportBy is TokenTransport with another way to look names up.
func TokenTransportBy(r *net.Resolver) http.RoundTripper { return newTokenTransport(r) }

// GuardedTransportBy is the transport of requests to APIs, with another way to look
// names up.
func GuardedTransportBy(r *net.Resolver) http.RoundTripper { return newTransportBy(r, true) }
