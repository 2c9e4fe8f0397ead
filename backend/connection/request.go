package connection

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/provider"
	"pie/backend/secret"
)

const (
	bodyLimit = 10 << 20
	hopLimit  = 10
)

// Call is a request of an agent.
type Call struct {
	Method  string
	URL     string
	Headers map[string]string
	Body    []byte
}

// Answer is what the agent gets.
type Answer struct {
	OK      bool // 200 to 299
	Status  int
	Headers map[string]string // lower case names
	Body    []byte
}

// RunRef names the run that requests belong to.
type RunRef struct {
	Agent   string
	RunID   string
	Account string // label of the connections to use
	DryRun  bool   // writes are collected, not sent
}

// Session makes the requests of one run. It is safe for concurrent use.
type Session struct {
	m   *Manager
	ref RunRef

	mu       sync.Mutex
	requests []history.Request
}

// Session begins the requests of a run.
func (m *Manager) Session(ref RunRef) *Session { return &Session{m: m, ref: ref} }

// Requests returns what was sent or blocked so far.
func (s *Session) Requests() []history.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Connected tells whether the service can be used without the person.
func (s *Session) Connected(_ context.Context, service string) (bool, error) {
	r, found, err := s.m.find(s.ref.Agent, service, s.ref.Account)
	return found && r.Status != NeedsReconnect, err
}

// Connection returns what the agent may know of a connection.
func (s *Session) Connection(ctx context.Context, service string) (*Connection, string, error) {
	r, found, err := s.m.find(s.ref.Agent, service, s.ref.Account)
	if err != nil || !found {
		return nil, "", err
	}
	known, err := s.m.Agents.Service(ctx, s.ref.Agent, service)
	if err != nil {
		return nil, "", err
	}
	base := ""
	if hosts := known.Hosts.Strings(); len(hosts) > 0 {
		base = hosts[0]
		if !strings.Contains(base, "://") {
			base = "https://" + base
		}
	}
	c := s.m.shape(r)
	return &c, base, nil
}

// pass is what one request goes by on every hop.
type pass struct {
	service  *string
	allowed  provider.HostSet
	sign     func(r *http.Request) // sets the token; nil for context.fetch
	scrubber *secret.Scrubber
}

// Fetch is context.fetch: to approved hosts only, never with a token. Faults:
// denied, offline, limited, invalid.
func (s *Session) Fetch(ctx context.Context, call Call) (Answer, error) {
	allowed, err := s.m.Agents.NetworkHosts(ctx, s.ref.Agent)
	if err != nil {
		return Answer{}, err
	}
	u, err := parse(call.URL)
	if err != nil {
		return Answer{}, err
	}
	p := pass{allowed: allowed}
	if !allowed.Allowed(u) {
		return Answer{}, s.block(p, call, u, fmt.Sprintf("%s was not approved for this agent.", u.Host), "Install it again with --allow-host "+u.Host+" if you trust it.")
	}
	if s.ref.DryRun && !isRead(call.Method) {
		return s.dry(p, call, u), nil
	}
	return s.send(ctx, p, call, u)
}

// OAuthFetch is context.oauth.fetch. Faults: reconnect, denied, offline,
// limited, invalid, locked.
func (s *Session) OAuthFetch(ctx context.Context, serviceKey string, call Call) (Answer, error) {
	service, err := s.m.Agents.Service(ctx, s.ref.Agent, serviceKey)
	if err != nil {
		return Answer{}, err
	}
	u, err := parse(call.URL)
	if err != nil {
		return Answer{}, err
	}
	p := pass{service: &serviceKey, allowed: service.Hosts}
	if !service.Hosts.Allowed(u) {
		return Answer{}, s.block(p, call, u, fmt.Sprintf("%s may not receive your access to %s.", u.Host, service.Provider.Name),
			"The access goes only to "+strings.Join(service.Hosts.Strings(), ", ")+".")
	}
	r, found, err := s.m.find(s.ref.Agent, serviceKey, s.ref.Account)
	if err != nil {
		return Answer{}, err
	}
	if !found || r.Status == NeedsReconnect {
		return Answer{}, s.blockAs(p, call, u, notConnected(s.ref.Agent, serviceKey))
	}
	write := !isRead(call.Method) && !readPost(service.Provider, call.Method, u)
	switch {
	case write && s.ref.DryRun:
		return s.dry(p, call, u), nil
	case write && r.Access == AccessRead:
		return Answer{}, s.block(p, call, u, "This connection may only read, and the agent tried to write.", "Run pie access to change it.")
	case write && r.Access == AccessAsk:
		return Answer{}, s.block(p, call, u, "This connection asks before each write, and nobody was asked.", "Run pie access to change it.")
	}
	return s.authorized(ctx, service, r, p, call, u)
}

// authorized sends with the token. A 401 renews it once and repeats once, and
// only what cannot have changed anything.
func (s *Session) authorized(ctx context.Context, service Service, r record, p pass, call Call, u *url.URL) (Answer, error) {
	refused := ""
	for attempt := 0; ; attempt++ {
		token, current, err := s.m.fresh(ctx, service, r, refused)
		if err != nil {
			return Answer{}, s.blockAs(p, call, u, err)
		}
		access := token.Access.Reveal()
		p.sign = func(r *http.Request) {
			r.Header.Set("Authorization", service.Provider.API.HeaderPrefix+" "+access)
			for name, value := range service.Provider.API.ExtraHeaders {
				if r.Header.Get(name) == "" {
					r.Header.Set(name, value)
				}
			}
		}
		p.scrubber = secret.NewScrubber(token.Access, token.Refresh, service.Client.Secret)
		answer, err := s.send(ctx, p, call, u)
		if err != nil {
			return Answer{}, err
		}
		s.m.touch(current)
		if answer.Status == http.StatusUnauthorized && attempt == 0 && !token.Refresh.IsEmpty() {
			refused = access
			if isRead(call.Method) {
				continue
			}
			// The write is not repeated, but the next request finds a good token.
			_, _, _ = s.m.fresh(ctx, service, current, refused)
		}
		s.m.learn(service, current, answer)
		return answer, nil
	}
}

func isRead(method string) bool {
	return method == "" || strings.EqualFold(method, http.MethodGet) || strings.EqualFold(method, http.MethodHead)
}

// readPost tells whether the catalogue calls this POST a read.
func readPost(p provider.Provider, method string, u *url.URL) bool {
	if !strings.EqualFold(method, http.MethodPost) || u.EscapedPath() != u.Path || strings.Contains(u.Path, "..") || strings.Contains(u.Path, "//") {
		return false
	}
	return slices.ContainsFunc(p.API.ReadPosts, func(prefix string) bool {
		return u.Path == prefix || (strings.HasSuffix(prefix, "/") || strings.HasSuffix(prefix, ".")) && strings.HasPrefix(u.Path, prefix)
	})
}

func parse(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return nil, fault.New(fault.Invalid, "The address of the request is not whole.", "An agent asks for whole addresses such as https://api.example.com/items.")
	}
	return u, nil
}

// send follows redirects by itself: every hop is checked, and the token is set
// on a hop only when that hop is allowed.
func (s *Session) send(ctx context.Context, p pass, call Call, u *url.URL) (Answer, error) {
	method, body := strings.ToUpper(call.Method), call.Body
	if method == "" {
		method = http.MethodGet
	}
	for range hopLimit {
		started := s.m.Now()
		r, err := newRequest(ctx, method, u, call.Headers, body, p)
		if err != nil {
			return Answer{}, err
		}
		res, err := s.m.do(ctx, p.allowed, r)
		if err != nil {
			return Answer{}, s.unreached(ctx, p, method, u, started, err)
		}
		next, again := location(res, u)
		answer, err := s.take(p, method, u, started, len(body), res)
		if err != nil || !again {
			return answer, err
		}
		if res.StatusCode == http.StatusSeeOther || method == http.MethodPost && res.StatusCode < http.StatusTemporaryRedirect {
			method, body = http.MethodGet, nil
		}
		if err := s.mayFollow(p, method, next, call); err != nil {
			return Answer{}, err
		}
		u = next
	}
	return Answer{}, fault.New(fault.Limited, "The service redirected ten times without an answer.", "Try again later.")
}

// mayFollow: a read goes on without the token to any public https address (that
// is how files are handed out); a write and context.fetch never leave the
// approved hosts.
func (s *Session) mayFollow(p pass, method string, next *url.URL, call Call) error {
	if p.allowed.Allowed(next) {
		return nil
	}
	if p.sign != nil && isRead(method) {
		if rule, ok := provider.Origin(next); ok && strings.EqualFold(next.Scheme, "https") && !namesPrivate(next.Hostname()) && rule.String() != "" {
			return nil
		}
	}
	return s.block(p, Call{Method: method, URL: call.URL}, next, fmt.Sprintf("The service redirected to %s, which is not allowed.", next.Host), "Nothing was sent there.")
}

func location(res *http.Response, from *url.URL) (*url.URL, bool) {
	switch res.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, false
	}
	next, err := from.Parse(res.Header.Get("Location"))
	if err != nil || res.Header.Get("Location") == "" {
		return nil, false
	}
	return next, true
}

// dropped are request headers that the program sets itself, or nobody should.
func dropped() []string {
	return []string{
		"Authorization", "Proxy-Authorization", "Cookie", "Host", "Connection", "Transfer-Encoding", "Content-Length",
		"Accept-Encoding", "Upgrade", "Te", "Trailer", "Keep-Alive", "Expect",
	}
}

func newRequest(ctx context.Context, method string, u *url.URL, headers map[string]string, body []byte, p pass) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fault.New(fault.Invalid, "The agent made a request that cannot be sent.", "Its author must correct the method or the address.")
	}
	r.Header.Set("User-Agent", "PIE-Desktop")
	allowed := p.allowed.Allowed(u)
	for name, value := range headers {
		canonical := http.CanonicalHeaderKey(strings.TrimSpace(name))
		// An agent's own key may go in Authorization, but only to hosts it was given.
		own := p.sign == nil && allowed && canonical == "Authorization"
		if slices.Contains(dropped(), canonical) && !own || !allowed && canonical != "Accept" {
			continue
		}
		r.Header.Set(canonical, value)
	}
	if p.sign != nil && allowed {
		p.sign(r)
	}
	return r, nil
}

// stripped are answer headers that may carry credentials.
func stripped(name string) bool {
	switch name {
	case "set-cookie", "set-cookie2", "authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate", "authentication-info":
		return true
	}
	return false
}

// take reads the answer, removes the token from it and writes it down.
func (s *Session) take(p pass, method string, u *url.URL, started time.Time, out int, res *http.Response) (Answer, error) {
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, bodyLimit+1))
	answer := Answer{OK: res.StatusCode >= 200 && res.StatusCode < 300, Status: res.StatusCode, Headers: map[string]string{}, Body: body}
	s.note(p, method, u, started, res.StatusCode, int64(len(body)), int64(out), "sent", "")
	if err != nil {
		return Answer{}, fault.New(fault.Offline, "The connection broke while the answer was coming in.", "Try again.")
	}
	if len(body) > bodyLimit {
		return Answer{}, fault.New(fault.Limited, "The answer is larger than 10 MB.", "Ask the service for less at a time.")
	}
	for name, values := range res.Header {
		lower := strings.ToLower(name)
		if !stripped(lower) {
			answer.Headers[lower] = strings.Join(values, ", ")
		}
	}
	if challenge := res.Header.Get("WWW-Authenticate"); strings.Contains(challenge, "insufficient_scope") {
		answer.Headers["x-pie-missing-scope"] = "true"
	}
	if p.scrubber != nil {
		answer.Body = p.scrubber.Bytes(answer.Body)
		for name, value := range answer.Headers {
			answer.Headers[name] = p.scrubber.Text(value)
		}
	}
	return answer, nil
}

func (s *Session) unreached(ctx context.Context, p pass, method string, u *url.URL, started time.Time, err error) error {
	if inner, ok := errors.AsType[*url.Error](err); ok {
		err = inner.Err // the outer text holds the query
	}
	private := errors.Is(err, errPrivate)
	decision, reason := "sent", "no answer"
	if private {
		decision, reason = "blocked", "private network"
	}
	s.note(p, method, u, started, 0, 0, 0, decision, reason)
	switch {
	case private:
		return fault.Wrap(err, fault.Denied, fmt.Sprintf("%s leads into a private network, which was not approved.", u.Hostname()), "Approve the address itself if it is yours.")
	case errors.Is(ctx.Err(), context.Canceled):
		return fault.Wrap(err, fault.Canceled, "The request was stopped.", "")
	}
	return fault.Wrap(err, fault.Offline, fmt.Sprintf("%s cannot be reached.", u.Hostname()), "Check the network and try again.")
}
