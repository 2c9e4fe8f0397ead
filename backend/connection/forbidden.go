package connection

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"pie/backend/fault"
	"pie/backend/oauth"
)

// touch notes the use of a connection; the file hears of it once a minute.
func (m *Manager) touch(r record) {
	now := m.Now().UTC().Truncate(time.Second)
	m.mu.Lock()
	m.used[r.ID] = now
	m.mu.Unlock()
	if r.LastUsedAt != nil && now.Sub(*r.LastUsedAt) < time.Minute {
		return
	}
	if _, err := m.change(r, func(r *record) { r.LastUsedAt = &now }); err != nil {
		m.Log.Warn("noting use", "connection", r.ID, "error", err)
	}
}

// learn reads a 403 for its cause: a missing scope asks for more, everything
// else is shown as what it is until a request goes well.
func (m *Manager) learn(s Service, r record, a Answer) {
	if a.OK && r.Cause == causeAPI && r.Status == Connected {
		_, _ = m.change(r, func(r *record) { r.relieve(causeAPI) })
	}
	m.rest(s, r, a)
	if a.Status != http.StatusForbidden {
		return
	}
	problem, more := readForbidden(s, a)
	_, _ = m.change(r, func(r *record) {
		if r.Status == NeedsReconnect {
			return
		}
		if more {
			r.Status = NeedsMore
			r.trouble(causeScopes, problem)
		} else if r.Status == Connected {
			r.trouble(causeAPI, problem)
		}
	})
}

// rest notes that the service asks to be left alone for a while, which what runs
// in the background heeds (RFC 6585, section 4; RFC 9110, section 15.6.4).
func (m *Manager) rest(s Service, r record, a Answer) {
	if a.Status != http.StatusTooManyRequests && a.Status != http.StatusServiceUnavailable {
		return
	}
	wait := oauth.RetryAfter(http.Header{"Retry-After": {a.Headers["retry-after"]}}, m.Now())
	if wait <= 0 {
		return
	}
	until := m.Now().Add(wait)
	m.mu.Lock()
	m.rests[r.ID] = until
	m.mu.Unlock()
	_, _ = m.change(r, func(r *record) {
		if r.Status == Connected && (r.Problem == nil || r.Cause == causeAPI) {
			r.trouble(causeAPI, resting(s.Provider.Name, wait))
		}
	})
}

func resting(name string, wait time.Duration) *fault.Problem {
	return &fault.Problem{
		Code: fault.Limited, Message: fmt.Sprintf("%s asks to be left alone for %s.", name, wait.Round(time.Second)),
		Hint: "What runs by itself waits that long.",
	}
}

// rested refuses a request in the background while the service wants to be left
// alone. Fault: limited.
func (m *Manager) rested(s Service, r record) error {
	m.mu.Lock()
	until, ok := m.rests[r.ID]
	m.mu.Unlock()
	if wait := until.Sub(m.Now()); ok && wait > 0 {
		p := resting(s.Provider.Name, wait)
		return fault.New(p.Code, p.Message, p.Hint)
	}
	return nil
}

// readForbidden knows the words of RFC 6750, section 3.1, and of the large APIs.
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
	name := s.Provider.Name
	switch {
	case a.missingScope || has("insufficient_scope", "access_token_scope_insufficient", "insufficientpermissions", "missing_scope", "insufficient authentication scopes"):
		return &fault.Problem{Code: fault.Denied, Message: name + " says that the access given is not enough.", Hint: "Connect again and allow what the agent asks for."}, true
	case has("accessnotconfigured", "service_disabled", "has not been used in project"):
		hint := "Enable it in the service's console."
		if s.Provider.Links.Console != "" {
			hint = "Enable it in the console: " + s.Provider.Links.Console
		}
		return &fault.Problem{Code: fault.Denied, Message: "This API is switched off in your app at " + name + ".", Hint: hint}, false
	case has("ratelimit", "rate limit", "quota"):
		return &fault.Problem{Code: fault.Limited, Message: name + " says that too many requests were made.", Hint: "Wait a little and try again."}, false
	}
	return &fault.Problem{Code: fault.Denied, Message: name + " does not allow this request for your account.", Hint: "Ask whoever looks after the account, if that is not you."}, false
}
