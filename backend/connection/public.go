package connection

import (
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
