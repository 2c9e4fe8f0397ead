package connection

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/oauth"
	"pie/backend/provider"
	"pie/backend/secret"
)

// longestURL bounds the address of a request, in bytes.
const longestURL = 16 << 10

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

	missingScope, invalidToken bool // said by WWW-Authenticate (RFC 6750, section 3)
}

// RunRef names the run that requests belong to.
type RunRef struct {
	Agent   string
	RunID   string
	Account string // label of the connections to use; "" means the only one there is
	DryRun  bool   // writes wait in the outbox

	Attended   bool // somebody can be asked about a write
	Background bool // nobody began it: it writes only where the agent wrote before
}

// Session makes the requests of one run. It is safe for concurrent use.
type Session struct {
	m        *Manager
	ref      RunRef
	scrubber *secret.Scrubber // knows every token that the run has used

	mu       sync.Mutex
	known    map[string]bool // hashes of what scrubber knows
	lowered  []string        // the same values in lower case, for names of headers
	requests []history.Request
}

// Session begins the requests of a run.
func (m *Manager) Session(ref RunRef) *Session {
	return &Session{m: m, ref: ref, scrubber: secret.NewScrubber(), known: map[string]bool{}}
}

// learnSecrets makes sure that nothing of t or the client comes back to the agent.
func (s *Session) learnSecrets(t *oauth.Token, c oauth.Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, value := range []secret.String{t.Access, t.Refresh, c.Secret} {
		hash := hashOf("known", value.Reveal())
		if value.IsEmpty() || s.known[hash] {
			continue
		}
		s.known[hash] = true
		s.scrubber.Add(value)
		s.lowered = append(s.lowered, strings.ToLower(value.Reveal()))
	}
}

// Connected tells whether the service can be used without the person.
func (s *Session) Connected(ctx context.Context, service string) (bool, error) {
	r, found, _, err := s.m.pick(s.ref.Agent, service, s.ref.Account)
	if err != nil || !found {
		return false, err
	}
	return s.m.settled(ctx, r).status(s.m.Now()) != NeedsReconnect, nil
}

// Connection returns what the agent may know of a connection, and the first
// address that takes its token; nil when there is none.
func (s *Session) Connection(ctx context.Context, service string) (*Connection, string, error) {
	r, found, _, err := s.m.pick(s.ref.Agent, service, s.ref.Account)
	if err != nil || !found {
		return nil, "", err
	}
	known, err := s.m.of(ctx, r)
	if err != nil {
		return nil, "", err
	}
	base := ""
	for _, host := range known.Hosts.Strings() {
		if base == "" && !strings.HasPrefix(host, "*.") {
			base = host
		}
	}
	if base != "" && !strings.Contains(base, "://") {
		base = "https://" + base
	}
	c := s.m.shape(s.m.settle(known, r))
	return &c, base, nil
}

// pass is what one request goes by on every hop.
type pass struct {
	service    *string
	connection string // its id, for the audit
	allowed    provider.HostSet
	sign       func(r *http.Request)                // sets the token; nil for context.fetch
	readOnly   func(method string, u *url.URL) bool // tells what counts as a read; nil when writes are allowed
	may        allowance
}

// Fetch is context.fetch: to approved hosts only, never with a token. Faults:
// denied, offline, limited, invalid, canceled.
func (s *Session) Fetch(ctx context.Context, call Call) (Answer, error) {
	return s.fetch(ctx, call, nil)
}

func (s *Session) fetch(ctx context.Context, call Call, a *approval) (Answer, error) {
	allowed, err := s.m.Agents.NetworkHosts(ctx, s.ref.Agent)
	if err != nil {
		return Answer{}, err
	}
	u, err := parse(call)
	if err != nil {
		return Answer{}, err
	}
	p := pass{allowed: allowed}
	if !allowed.Allowed(u) {
		return Answer{}, s.block(p, call.Method, u, fmt.Sprintf("%s was not approved for this agent.", s.host(u)), "Install it again with --allow-host "+s.host(u)+" if you trust it.")
	}
	if isRead(call.Method) {
		if s.ref.DryRun || s.ref.Background {
			p.readOnly = func(method string, _ *url.URL) bool { return isRead(method) }
		}
		return s.send(ctx, p, call, u)
	}
	if held, err := s.gate(ctx, p, record{}, call, u, a); err != nil || held != nil {
		return given(held), err
	}
	p.may = s.allowed(record{}, a)
	answer, err := s.send(ctx, p, call, u)
	if err == nil {
		s.wrote(record{}, u, a)
	}
	return answer, err
}

// given is the answer behind p, empty for nil.
func given(p *Answer) Answer {
	if p == nil {
		return Answer{}
	}
	return *p
}

// wrote remembers the host of a write for what runs in the background later.
func (s *Session) wrote(r record, u *url.URL, a *approval) {
	if !s.ref.Background || a != nil {
		s.m.noteWritten(s.ref.Agent, r, u)
	}
}

// OAuthFetch is context.oauth.fetch, for the default service when the key is
// empty. Faults: reconnect, denied, offline, limited, invalid, locked, canceled.
func (s *Session) OAuthFetch(ctx context.Context, serviceKey string, call Call) (Answer, error) {
	return s.oauthFetch(ctx, serviceKey, call, nil)
}

func (s *Session) oauthFetch(ctx context.Context, serviceKey string, call Call, a *approval) (Answer, error) {
	service, err := s.m.Agents.Service(ctx, s.ref.Agent, cmp.Or(serviceKey, defaultService))
	if err == nil {
		service, err = s.ofRun(service)
	}
	if err != nil {
		return Answer{}, err
	}
	u, err := parse(call)
	if err != nil {
		return Answer{}, err
	}
	p := pass{service: &service.Key, allowed: service.Hosts}
	if !service.Hosts.Allowed(u) {
		return Answer{}, s.block(p, call.Method, u, fmt.Sprintf("%s may not receive your access to %s.", s.host(u), service.Provider.Name),
			"The access goes only to "+strings.Join(service.Hosts.Strings(), ", ")+".")
	}
	r, err := s.usableNow(service)
	p.connection = r.ID
	if err == nil {
		err = a.sameConnection(r)
	}
	if err == nil && s.ref.Background {
		err = s.m.rested(service, r)
	}
	if err != nil {
		return Answer{}, s.blockAs(p, call.Method, u, err)
	}
	if isRead(call.Method) || readPost(service.Provider, call.Method, u) {
		free := r.Access == AccessFull && !s.ref.DryRun && !s.ref.Background
		return s.authorized(ctx, service, r, allowance{write: free}, call, u)
	}
	p.sign = func(*http.Request) {} // the token is set when it is sent
	if held, err := s.gate(ctx, p, r, call, u, a); err != nil || held != nil {
		return given(held), err
	}
	answer, err := s.authorized(ctx, service, r, s.allowed(r, a), call, u)
	if err == nil {
		s.wrote(r, u, a)
	}
	return answer, err
}

// usableNow picks the connection of the run. Fault: reconnect.
func (s *Session) usableNow(service Service) (record, error) {
	r, found, labels, err := s.m.pick(s.ref.Agent, service.Key, s.ref.Account)
	if err == nil && !found {
		err = noSuch(fault.Reconnect, s.ref.Agent, service.Key, s.ref.Account, labels)
	}
	if err != nil {
		return r, err
	}
	if r = s.m.settle(service, r); r.status(s.m.Now()) == NeedsReconnect {
		return r, s.m.ended(r)
	}
	return r, nil
}

// signed is the pass of a request with the token.
func (s *Session) signed(service Service, of record, t *oauth.Token, may allowance) pass {
	s.learnSecrets(t, service.Client)
	p := pass{service: &service.Key, connection: of.ID, allowed: service.Hosts, may: may, sign: func(r *http.Request) {
		header, value := service.Provider.Signed(t.Access.Reveal())
		if of.Kind == kindToken {
			header, value = service.Provider.Credential(t.Access.Reveal())
		}
		r.Header.Set(header, value)
		for name, value := range service.Provider.API.Headers(service.Client.ID) {
			if r.Header.Get(name) == "" {
				r.Header.Set(name, value)
			}
		}
	}}
	if !may.write {
		p.readOnly = func(method string, u *url.URL) bool { return Reads(service.Provider, method, u) }
	}
	return p
}

// authorized sends with the token. A 401 renews it once and repeats once, and
// only what cannot have changed anything.
func (s *Session) authorized(ctx context.Context, service Service, r record, may allowance, call Call, u *url.URL) (Answer, error) {
	refused := ""
	for {
		token, current, err := s.m.fresh(ctx, service, r, refused)
		if err != nil {
			return Answer{}, s.blockAs(pass{service: &service.Key, connection: r.ID}, call.Method, u, err)
		}
		answer, err := s.send(ctx, s.signed(service, current, token, may), call, u)
		if err != nil {
			return Answer{}, err
		}
		s.m.touch(current)
		if answer.Status != http.StatusUnauthorized {
			s.m.accepted(current)
			s.m.learn(service, current, answer)
			return answer, nil
		}
		if refused != "" || token.Refresh.IsEmpty() || s.m.inVain(current, token) {
			s.m.unauthorized(ctx, service, current, token, answer, u.String() == service.Provider.Identity.URL)
			return answer, nil
		}
		refused = token.Access.Reveal()
		if !isRead(call.Method) {
			// The write is not repeated, but the next request finds a good token.
			_, _, _ = s.m.fresh(ctx, service, current, refused)
			return answer, nil
		}
	}
}

func isRead(method string) bool {
	return method == "" || strings.EqualFold(method, http.MethodGet) || strings.EqualFold(method, http.MethodHead)
}

// Reads tells whether a request only reads: by its method, or because the catalogue
// calls this POST a read.
func Reads(p provider.Provider, method string, u *url.URL) bool {
	return isRead(method) || readPost(p, method, u)
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

// parse reads the address and refuses methods that are no requests for something.
func parse(call Call) (*url.URL, error) {
	u, err := url.Parse(call.URL)
	if err != nil || u.Host == "" || len(call.URL) > longestURL {
		return nil, fault.New(fault.Invalid, "The address of the request is not whole.", "An agent asks for whole addresses such as https://api.example.com/items.")
	}
	switch strings.ToUpper(call.Method) {
	case http.MethodConnect, http.MethodTrace, "TRACK":
		return nil, unsendable()
	}
	return u, nil
}

func unsendable() error {
	return fault.New(fault.Invalid, "The agent made a request that cannot be sent.", "Its author must correct the method, the headers or the address.")
}
