package oauth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"pie/backend/fault"
)

var errShape = errors.New("wrong form")

// Listener receives one callback on loopback (RFC 8252, section 7.3).
type Listener struct {
	host     string
	port     int
	path     string
	server   *http.Server
	sockets  []net.Listener
	accept   func(raw string) error
	finished atomic.Bool
}

// ListenLoopback binds host ("127.0.0.1" or "localhost", then on both families)
// and port (0 for any) before a browser is opened. accept is given the whole
// callback address. While it returns not_found, invalid or locked, the listener
// goes on waiting; after anything else every further request is told that it is
// over. Fault: in_use.
func ListenLoopback(ctx context.Context, host string, port int, path string, accept func(raw string) error) (*Listener, error) {
	l := &Listener{host: host, path: path, accept: accept}
	var config net.ListenConfig
	first, err := config.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fault.Wrap(err, fault.InUse, fmt.Sprintf("The port %d on this computer is taken by another program.", port),
			"Close that program, or set PIE_LOOPBACK_PORT to another port and register the new address.")
	}
	l.sockets = []net.Listener{first}
	address, ok := first.Addr().(*net.TCPAddr)
	if !ok {
		return nil, fmt.Errorf("listening on loopback: %w", errShape)
	}
	l.port = address.Port
	if host == "localhost" {
		if second, err := config.Listen(ctx, "tcp6", net.JoinHostPort("::1", strconv.Itoa(l.port))); err == nil {
			l.sockets = append(l.sockets, second)
		}
	}
	l.server = &http.Server{
		Handler: l, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second,
		WriteTimeout: 5 * time.Second, IdleTimeout: 5 * time.Second, MaxHeaderBytes: 32 << 10,
	}
	for _, socket := range l.sockets {
		go func() { _ = l.server.Serve(socket) }()
	}
	return l, nil
}

// URL is the redirect address.
func (l *Listener) URL() string {
	return "http://" + net.JoinHostPort(l.host, strconv.Itoa(l.port)) + l.path
}

// Close stops listening; an answer being written is finished first.
func (l *Listener) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = l.server.Shutdown(ctx)
	_ = l.server.Close()
}

// ServeHTTP answers the callback and nothing else: GET, the listener's own Host,
// its own path, once.
func (l *Listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	switch {
	case r.Host != net.JoinHostPort(l.host, strconv.Itoa(l.port)):
		page(w, http.StatusMisdirectedRequest, "Not here", "This address belongs to PIE Desktop.")
	case r.URL.Path != l.path:
		page(w, http.StatusNotFound, "Nothing here", "This address belongs to PIE Desktop.")
	case r.Method != http.MethodGet:
		header.Set("Allow", "GET")
		page(w, http.StatusMethodNotAllowed, "Not like this", "This address belongs to PIE Desktop.")
	case l.finished.Load():
		page(w, http.StatusGone, "Already done", "This sign-in is finished. You can close this page.")
	default:
		l.take(w, r)
	}
}

func (l *Listener) take(w http.ResponseWriter, r *http.Request) {
	err := l.accept("http://" + r.Host + r.URL.RequestURI())
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		page(w, http.StatusBadRequest, "Not this sign-in", "PIE Desktop is not waiting for this. Start again with Connect.")
		return
	}
	if fault.Is(err, fault.Locked) {
		page(w, http.StatusServiceUnavailable, "PIE Desktop is locked", "Unlock PIE Desktop, then load this page again.")
		return
	}
	l.finished.Store(true)
	if err != nil {
		page(w, http.StatusOK, "Not connected", "Go back to PIE Desktop: it says what happened. You can close this page.")
		return
	}
	page(w, http.StatusOK, "Almost done", "Go back to PIE Desktop. You can close this page.")
}

// page writes one of a few constant texts: nothing of the request is in it.
func page(w http.ResponseWriter, status int, title, text string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>%[1]s – PIE Desktop</title><style>:root{color-scheme:light dark;font:16px/1.5 system-ui}body{max-width:32rem;margin:20vh auto;padding:0 1rem}</style>
<main><h1>%[1]s</h1><p>%[2]s</p></main></html>`, title, text)
}
