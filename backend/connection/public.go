package connection

import (
	"net"
	"net/http"

	"pie/backend/provider"
)

// MetadataClient is PublicClient, but for a name of this computer, which may be
// asked because it was named itself.
func MetadataClient(host string) *http.Client {
	client := PublicClient()
	if provider.IsLoopback(host) {
		client.Transport = newTransport(false)
	}
	return client
}

// PublicClient makes a client for addresses of strangers, such as a package to
// install: it follows no redirect and refuses, at the moment of dialing, every
// address that is not public.
func PublicClient() *http.Client {
	return &http.Client{
		Transport: newTransport(true), Timeout: hopTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// TokenTransport carries what is sent to authorization servers: codes, refresh
// tokens, secrets of clients. A name that does not say itself that it is private,
// which the person would have seen, is not followed into a private network.
func TokenTransport() http.RoundTripper { return newTokenTransport(nil) }

type tokenTransport struct{ plain, guarded http.RoundTripper }

func newTokenTransport(resolver *net.Resolver) tokenTransport {
	return tokenTransport{plain: newTransportBy(resolver, false), guarded: newTransportBy(resolver, true)}
}

// RoundTrip is that of the transport that the host's name calls for.
func (t tokenTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if provider.NamesPrivate(r.URL.Hostname()) {
		return t.plain.RoundTrip(r)
	}
	return t.guarded.RoundTrip(r)
}
