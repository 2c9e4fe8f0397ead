package connection_test

import (
	"net/http"
	"testing"

	"pie/backend/connection"
)

// TestCredentialHeadersStay: what a service hands out to a browser or asks of one
// is no business of an agent, whether or not a token is in it.
func TestCredentialHeadersStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	names := []string{
		"Set-Cookie", "Set-Cookie2", "Authorization", "Proxy-Authorization", "WWW-Authenticate", "Proxy-Authenticate",
		"Authentication-Info", "Proxy-Authentication-Info",
	}
	w.service.set(func() {
		w.service.api = func(rw http.ResponseWriter, _ *http.Request) {
			for _, name := range names {
				rw.Header().Set(name, "session=of-the-service")
			}
			rw.Header().Set("X-Page", "2")
		}
	})
	a, err := w.fetch(connection.Call{URL: w.url("/api/items")})
	if err != nil || a.Headers["x-page"] != "2" {
		t.Fatalf("got %v, %v", a.Headers, err)
	}
	for name, value := range a.Headers {
		if value == "session=of-the-service" {
			t.Errorf("the agent sees %s", name)
		}
	}
}
