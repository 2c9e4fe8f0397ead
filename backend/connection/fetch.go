package connection

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"pie/backend/provider"
)

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
	allowed, err := s.networkHosts(ctx)
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
