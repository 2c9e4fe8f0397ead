// Package pagetest serves the page over the real services to a browser, so that
// its tests need no window. It stands in for the window and is linked into no
// program: only tests import it.
//
// A method is POST /call/SERVICE.METHOD with its argument as JSON; a fault comes
// back as status 422 and {code, message, hint}. Events come from /events, one
// JSON object each. Both want the token that stands in the page, and every
// request must name the server's own address as its host.
package pagetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"time"

	"pie/app"
	"pie/backend/fault"
)

const maxCall = 8 << 20 // bytes of an argument; an agent's file is at most 4 MiB

// Serve serves page and the services of a on a free port of loopback until ctx
// ends, and returns the address of the page.
func Serve(ctx context.Context, a *app.App, page fs.FS) (url string, err error) {
	index, err := fs.ReadFile(page, "index.html")
	if err != nil {
		return "", fmt.Errorf("reading the built page: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listening for the page: %w", err)
	}
	s := &server{app: a, page: page, host: listener.Addr().String(), token: rand.Text()}
	s.index = bytes.Replace(index, []byte("<head>"), fmt.Appendf(nil, "<head>\n<meta name=\"page-token\" content=%q>", s.token), 1)
	h := &http.Server{Handler: s.routes(), ReadHeaderTimeout: 5 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	context.AfterFunc(ctx, func() { _ = h.Close() })
	go func() { _ = h.Serve(listener) }()
	return "http://" + s.host + "/", nil
}

type server struct {
	app   *app.App
	page  fs.FS
	index []byte
	host  string
	token string
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /call/{method}", s.call)
	mux.HandleFunc("GET /events", s.events)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(s.index)
	})
	mux.Handle("GET /assets/", http.FileServerFS(s.page))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != s.host {
			http.Error(w, "wrong host", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (s *server) known(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) == 1
}

func (s *server) call(w http.ResponseWriter, r *http.Request) {
	if !s.known(r.Header.Get("X-Page-Token")) {
		http.Error(w, "no token", http.StatusForbidden)
		return
	}
	params, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCall))
	if err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	// What was asked for goes on although the page was left, as in the window.
	raw, err := s.app.Call(context.WithoutCancel(r.Context()), r.PathValue("method"), params)
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_ = json.NewEncoder(w).Encode(fault.Public(err))
		return
	}
	_, _ = w.Write(raw) //nolint:gosec // JSON of the services, sent as JSON
}

func (s *server) events(w http.ResponseWriter, r *http.Request) {
	if !s.known(r.URL.Query().Get("token")) {
		http.Error(w, "no token", http.StatusForbidden)
		return
	}
	events, stop := s.app.Subscribe()
	defer stop()
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w).Flush
	if _, err := io.WriteString(w, ":\n\n"); err != nil || flush() != nil {
		return
	}
	for {
		select {
		case <-r.Context().Done():
			return
		case event, open := <-events:
			if !open || send(w, event) != nil || flush() != nil {
				return
			}
		}
	}
}

func send(w io.Writer, event app.Event) error {
	raw, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("encoding event: %w", err)
	}
	if strings.ContainsRune(string(raw), '\n') {
		return errors.New("an event of more than one line")
	}
	_, err = fmt.Fprintf(w, "data: %s\n\n", raw)
	return err
}
