// Package oauthtest is a token server that misbehaves on purpose, for tests.
package oauthtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"pie/backend/provider"
)

// Server answers every request with what Behave said last.
type Server struct {
	URL   string
	Other *httptest.Server // nothing may ever arrive here

	mu       sync.Mutex
	behavior func(w http.ResponseWriter, r *http.Request)
	requests []Request
	strayed  int
}

// Request is what arrived.
type Request struct {
	Method, Path, Body string
	Header             http.Header
}

// New starts a server that ends with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{behavior: Answer(http.StatusOK, "application/json", `{}`)}
	main := httptest.NewServer(http.HandlerFunc(s.serve))
	s.Other = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.strayed++
	}))
	s.URL = main.URL
	tb.Cleanup(func() { main.CloseClientConnections(); main.Close(); s.Other.Close() })
	return s
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	var body strings.Builder
	buffer := make([]byte, 1<<16)
	for {
		n, err := r.Body.Read(buffer)
		body.Write(buffer[:n])
		if err != nil {
			break
		}
	}
	s.mu.Lock()
	s.requests = append(s.requests, Request{r.Method, r.URL.Path, body.String(), r.Header.Clone()})
	behavior := s.behavior
	s.mu.Unlock()
	behavior(w, r)
}

// Behave sets what happens from now on.
func (s *Server) Behave(behavior http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behavior, s.requests = behavior, nil
}

// Requests returns what arrived since Behave.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Strayed counts requests at the other server.
func (s *Server) Strayed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.strayed
}

// Provider is a custom provider with all its addresses at this server.
func (s *Server) Provider() provider.Provider {
	return provider.Provider{
		ID: "custom", Name: "Test", Custom: true,
		Endpoints: provider.Endpoints{
			Authorization: s.URL + "/authorize", Token: s.URL + "/token",
			Revocation: provider.Revocation{URL: s.URL + "/revoke", Method: "rfc7009"},
		},
		Client: provider.Client{Body: "form"}, PKCE: provider.PKCE{Mode: "supported"},
		Scopes: provider.Scopes{Param: "scope", Separator: " "},
		API:    provider.API{Hosts: []string{s.URL}, HeaderPrefix: "Bearer"},
	}
}

// Answer answers with a constant.
func Answer(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
	}
}

// Redirect sends to another server.
func (s *Server) Redirect(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, s.Other.URL+"/stolen", status) }
}

// Lost processes the request and drops the connection without an answer.
func Lost(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// Cut promises more than it sends.
func Cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "4096")
	_, _ = fmt.Fprint(w, `{"access_token":"half`)
	panic(http.ErrAbortHandler)
}

// Huge sends 5 MB.
func Huge(w http.ResponseWriter, _ *http.Request) {
	line := strings.Repeat("a", 1<<16)
	for range 80 {
		if _, err := fmt.Fprint(w, line); err != nil {
			return
		}
	}
}
