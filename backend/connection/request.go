package connection

import (
	"context"
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

	tokens  tokens
	granted granted

	mu       sync.Mutex
	known    []secret.String // what scrubber knows
	lowered  []string        // the same values in lower case, for names of headers
	requests []history.Request
}

// Session begins the requests of a run.
func (m *Manager) Session(ref RunRef) *Session {
	return &Session{m: m, ref: ref, scrubber: secret.NewScrubber()}
}

// learnSecrets makes sure that nothing of t or the client comes back to the agent.
func (s *Session) learnSecrets(t *oauth.Token, c oauth.Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, value := range [...]secret.String{t.Access, t.Refresh, c.Secret} {
		same := func(known secret.String) bool { return known.Reveal() == value.Reveal() }
		if value.IsEmpty() || slices.ContainsFunc(s.known, same) {
			continue
		}
		s.known = append(s.known, value)
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
