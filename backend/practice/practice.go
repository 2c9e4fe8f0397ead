// Package practice owns the practice provider: an authorization server and a
// small notes API on loopback, inside the program. Everything that has to do
// with connections can be learnt, tried and tested with it, without an account
// and without a network. Nothing in it is real.
//
// It is an honest OAuth 2.0 server: authorization code with PKCE S256 (RFC 6749,
// 7636), redirect addresses of a native app (RFC 8252), the issuer in the answer
// (RFC 9207), codes that work once for 60 seconds, rotating refresh tokens whose
// reuse ends the grant (RFC 9700), revocation (RFC 7009) and metadata (RFC 8414).
// Tokens are kept as hashes only. Switch makes it misbehave on purpose.
//
//	GET  /authorize   the consent page
//	POST /authorize   its form: request (one-time), decision=allow|deny,
//	                  scope (repeated), account (optional); answered by 303
//	POST /token       authorization_code and refresh_token
//	POST /revoke      RFC 7009
//	GET  /userinfo    {sub, name, email}
//	GET  /notes       {notes: [{id, text, created_at}]}      scope notes.read
//	POST /notes       {text} gives the note, 201             scope notes.write
//	GET  /            what this is, live grants, the switches
//
// Consent plays the person, so that a demonstration or a test needs no browser.
package practice

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"pie/backend/fault"
	"pie/backend/secret"
)

const clientID = "pie-practice"

// Options of Start.
type Options struct {
	File       string           // keeps port, grants and notes over restarts; memory only when empty
	Port       int              // 0 for any; the port in File is tried first then
	AccessLife time.Duration    // life of an access token, 1 h when zero
	Slow       time.Duration    // how long FaultSlow waits, 3 s when zero
	Now        func() time.Time // time.Now when nil
}

// Server is a running practice provider. It is safe for concurrent use.
type Server struct {
	url    string
	host   string
	file   string
	life   time.Duration
	slow   time.Duration
	now    func() time.Time
	secret secret.String
	csrf   secret.String
	mux    http.Handler
	http   *http.Server
	stop   context.CancelFunc

	mu       sync.Mutex
	state    state
	requests []request // consent pages that wait for an answer
	codes    map[string]code
	faults   map[Fault]int
	stats    Stats
}

// Stats counts since the start. Live is the number of grants right now.
type Stats struct {
	Authorizations int // consents given
	Exchanges      int // codes turned into tokens
	Refreshes      int // refresh tokens turned into new ones
	Replays        int // a used refresh token or code came again
	Revocations    int // grants and tokens taken back
	Requests       int // requests of any kind
	Live           int
}

// Start binds 127.0.0.1 and serves until Close; ctx bounds the start alone. A
// damaged File is moved aside, since nothing in it is real. Fault: in_use when
// Port is given and taken.
func Start(ctx context.Context, o Options) (*Server, error) {
	s := &Server{
		file: o.File, life: o.AccessLife, slow: o.Slow, now: o.Now,
		secret: randomToken(""), csrf: randomToken(""),
		codes: map[string]code{}, faults: map[Fault]int{},
	}
	if s.life == 0 {
		s.life = time.Hour
	}
	if s.slow == 0 {
		s.slow = 3 * time.Second
	}
	if s.now == nil {
		s.now = time.Now
	}
	if err := s.load(); err != nil {
		return nil, err
	}
	listener, port, err := listen(ctx, o.Port, s.state.Port)
	if err != nil {
		return nil, err
	}
	s.host = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	s.url = "http://" + s.host
	if err := s.change(func(st *state) { st.Port = port }); err != nil {
		_ = listener.Close()
		return nil, err
	}
	s.serve(listener)
	return s, nil
}

// listen binds the wanted port, or else the remembered one, or else any.
func listen(ctx context.Context, wanted, remembered int) (net.Listener, int, error) {
	var config net.ListenConfig
	port := wanted
	if port == 0 {
		port = remembered
	}
	listener, err := config.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil && wanted == 0 && port != 0 {
		listener, err = config.Listen(ctx, "tcp4", "127.0.0.1:0")
	}
	if err != nil {
		return nil, 0, fault.Wrap(err, fault.InUse, "The practice provider cannot listen on this computer.",
			"Close the program that holds its port, or choose another port.")
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		_ = listener.Close()
		return nil, 0, fmt.Errorf("listening on loopback: unexpected address %v", listener.Addr())
	}
	return listener, address.Port, nil
}

func (s *Server) serve(listener net.Listener) {
	s.mux = s.routes()
	base, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.http = &http.Server{
		Handler: s, BaseContext: func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: s.slow + 10*time.Second, IdleTimeout: 30 * time.Second, MaxHeaderBytes: 32 << 10,
	}
	go func() { _ = s.http.Serve(listener) }()
}

// URL is the origin and the issuer, like http://127.0.0.1:41234.
func (s *Server) URL() string { return s.url }

// ClientID is the id of the one client, "pie-practice".
func (s *Server) ClientID() string { return clientID }

// ClientSecret is the client's secret. It is another one after each start; a
// client that sends none is taken as a public one.
func (s *Server) ClientSecret() secret.String { return s.secret }

// Close stops serving; answers being written are finished first, waits of
// FaultSlow are cut.
func (s *Server) Close() error {
	s.stop()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.http.Shutdown(ctx)
	if err := s.http.Close(); err != nil {
		return fmt.Errorf("closing practice provider: %w", err)
	}
	return nil
}

// Expire ends all access tokens now; refresh tokens stay good.
func (s *Server) Expire() {
	s.force(func(st *state) {
		for _, g := range st.Grants {
			g.Access = nil
		}
	})
}

// RevokeAll ends all grants, as when the person removes the access at the
// service.
func (s *Server) RevokeAll() {
	s.force(func(st *state) {
		s.stats.Revocations += len(st.Grants)
		st.Grants = nil
	})
}

// Stats returns the counts.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.Live = len(s.state.Grants)
	return stats
}

// randomToken makes 256 random bits behind a prefix that tells what it is.
func randomToken(prefix string) secret.String {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails: the program ends instead
	return secret.New(prefix + base64.RawURLEncoding.EncodeToString(raw))
}
