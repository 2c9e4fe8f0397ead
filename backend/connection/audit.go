package connection

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"pie/backend/fault"
	"pie/backend/history"
)

// Bounds of what a run may make the program keep.
const (
	mostRequests = 10_000
	longestPath  = 2048
	longestHost  = 255
)

// Requests returns what was sent or blocked so far, at most the first 10,000.
func (s *Session) Requests() []history.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// event is what became of one request.
type event struct {
	status   int
	in, out  int64
	decision string // sent | blocked
	reason   string
}

// clean is u without user, query and fragment, without a token that a service
// has put into a redirect, and not too long.
func (s *Session) clean(u *url.URL) (address, host, path string) {
	bare := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	path = cut(s.scrubber.Text(bare.EscapedPath()), longestPath)
	host = s.host(u)
	return strings.ToLower(cut(u.Scheme, 16)) + "://" + host + path, host, path
}

// host is the host of u as it may be shown.
func (s *Session) host(u *url.URL) string { return cut(s.scrubber.Text(u.Host), longestHost) }

func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// note writes a request down: for the run, and for the audit. Neither ever holds
// a query or a fragment.
func (s *Session) note(p pass, method string, u *url.URL, started time.Time, e event) {
	method = cut(cmp.Or(strings.ToUpper(method), http.MethodGet), 32)
	took := s.m.Now().Sub(started).Milliseconds()
	address, host, path := s.clean(u)
	s.mu.Lock()
	if len(s.requests) < mostRequests {
		s.requests = append(s.requests, history.Request{
			At: started.UTC(), Method: method, URL: address, Status: e.status, MS: took, Bytes: e.in, Service: p.service,
		})
	}
	s.mu.Unlock()
	if s.m.Audit == nil {
		return
	}
	err := s.m.Audit(history.AuditRow{
		At: started.UTC(), Agent: s.ref.Agent, Service: p.service, Run: s.ref.RunID, Method: method, Host: host, Path: path,
		Status: e.status, MS: took, BytesIn: e.in, BytesOut: e.out, Decision: e.decision, Reason: e.reason, Connection: p.connection,
	})
	if err != nil {
		s.m.Log.Error("writing audit", "error", err)
	}
}

func (s *Session) block(p pass, method string, u *url.URL, message, hint string) error {
	return s.blockAs(p, method, u, fault.New(fault.Denied, message, hint))
}

func (s *Session) blockAs(p pass, method string, u *url.URL, err error) error {
	reason := ""
	if problem := fault.Public(err); problem != nil {
		reason = problem.Message
	}
	s.note(p, method, u, s.m.Now(), event{decision: "blocked", reason: reason})
	return err
}
