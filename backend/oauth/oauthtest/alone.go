package oauthtest

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Alone starts a server, which ends with the test, on a loopback address of its
// own where the system has more than one. After its Close nobody answers there: the
// port of 127.0.0.1 that another test is given next may be one just closed.
func Alone(tb testing.TB, handler http.Handler) *httptest.Server {
	tb.Helper()
	s := httptest.NewUnstartedServer(handler)
	own := make([]byte, 3)
	_, _ = rand.Read(own)
	address := fmt.Sprintf("127.%d.%d.%d:0", own[0], own[1], 2+own[2]%200)
	if listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp4", address); err == nil {
		_ = s.Listener.Close()
		s.Listener = listener
	}
	s.Start()
	tb.Cleanup(s.Close)
	return s
}
