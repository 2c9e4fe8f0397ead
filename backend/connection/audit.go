package connection

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"pie/backend/fault"
	"pie/backend/history"
)

// note writes a request down: for the run, and for the audit. Neither ever holds
// a query or a fragment.
func (s *Session) note(p pass, method string, u *url.URL, started time.Time, status int, in, out int64, decision, reason string) {
	if method == "" {
		method = http.MethodGet
	}
	now := s.m.Now()
	took := now.Sub(started).Milliseconds()
	clean := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	s.mu.Lock()
	s.requests = append(s.requests, history.Request{
		At: started.UTC(), Method: method, URL: clean.String(), Status: status, MS: took, Bytes: in, Service: p.service,
	})
	s.mu.Unlock()
	if s.m.Audit == nil {
		return
	}
	err := s.m.Audit(history.AuditRow{
		At: started.UTC(), Agent: s.ref.Agent, Service: p.service, Run: s.ref.RunID, Method: method, Host: u.Host, Path: clean.EscapedPath(),
		Status: status, MS: took, BytesIn: in, BytesOut: out, Decision: decision, Reason: reason,
	})
	if err != nil && s.m.Log != nil {
		s.m.Log.Error("writing audit", "error", err)
	}
}

func (s *Session) block(p pass, call Call, u *url.URL, message, hint string) error {
	return s.blockAs(p, call, u, fault.New(fault.Denied, message, hint))
}

func (s *Session) blockAs(p pass, call Call, u *url.URL, err error) error {
	reason := ""
	if problem := fault.Public(err); problem != nil {
		reason = problem.Message
	}
	s.note(p, strings.ToUpper(call.Method), u, s.m.Now(), 0, 0, 0, "blocked", reason)
	return err
}

// dry answers a write of a dry run without sending it.
func (s *Session) dry(p pass, call Call, u *url.URL) Answer {
	s.note(p, strings.ToUpper(call.Method), u, s.m.Now(), http.StatusAccepted, 0, 0, "blocked", "dry run")
	return Answer{OK: true, Status: http.StatusAccepted, Headers: map[string]string{}, Body: []byte(`{}`)}
}

// touch notes the use of a connection; the file hears of it once a minute.
func (m *Manager) touch(r record) {
	now := m.Now().UTC().Truncate(time.Second)
	m.mu.Lock()
	m.used[r.ID] = now
	m.mu.Unlock()
	if r.LastUsedAt != nil && now.Sub(*r.LastUsedAt) < time.Minute {
		return
	}
	if _, err := m.change(r, func(r *record) { r.LastUsedAt = &now }); err != nil && m.Log != nil {
		m.Log.Warn("noting use", "connection", r.ID, "error", err)
	}
}

// learn reads a 403 for its cause: a missing scope asks for more, everything
// else is shown as what it is.
func (m *Manager) learn(s Service, r record, a Answer) {
	if a.Status != http.StatusForbidden {
		if a.OK && r.Problem != nil && r.Status == Connected {
			_, _ = m.change(r, func(r *record) { r.Problem = nil })
		}
		return
	}
	problem, more := readForbidden(s, a)
	_, _ = m.change(r, func(r *record) {
		r.Problem = problem
		if more {
			r.Status = NeedsMore
		}
	})
}

func readForbidden(s Service, a Answer) (problem *fault.Problem, needsMore bool) {
	body := strings.ToLower(string(a.Body[:min(len(a.Body), 16<<10)]))
	has := func(words ...string) bool {
		for _, word := range words {
			if strings.Contains(body, word) {
				return true
			}
		}
		return false
	}
	switch {
	case a.Headers["x-pie-missing-scope"] != "" || has("insufficient_scope", "access_token_scope_insufficient", "insufficientpermissions", "missing_scope", "insufficient authentication scopes"):
		return &fault.Problem{Code: fault.Denied, Message: s.Provider.Name + " says that the access given is not enough.", Hint: "Connect again and allow what the agent asks for."}, true
	case has("accessnotconfigured", "service_disabled", "has not been used in project"):
		return &fault.Problem{Code: fault.Denied, Message: "This API is switched off in your app at " + s.Provider.Name + ".", Hint: "Enable it in the console: " + s.Provider.Links.Console}, false
	case has("ratelimit", "rate limit", "quota"):
		return &fault.Problem{Code: fault.Limited, Message: s.Provider.Name + " says that too many requests were made.", Hint: "Wait a little and try again."}, false
	}
	return &fault.Problem{Code: fault.Denied, Message: s.Provider.Name + " does not allow this request for your account.", Hint: "Ask whoever looks after the account, if that is not you."}, false
}
