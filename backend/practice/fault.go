package practice

import (
	"slices"

	"pie/backend/fault"
)

// Fault is a way in which the server misbehaves when told to.
type Fault string

// The switches. Those of the token endpoint do nothing with the request, except
// where the sentence says otherwise.
const (
	FaultRefreshLost  Fault = "refresh_lost"       // rotated, the answer is dropped
	FaultRefreshGrace Fault = "refresh_lost_grace" // the same, and the old token is taken once more
	FaultServerError  Fault = "server_error"       // 500
	FaultRateLimit    Fault = "rate_limit"         // 429 with Retry-After: 2
	FaultSlow         Fault = "slow"               // answers late
	FaultMalformed    Fault = "malformed"          // an HTML page instead of JSON
	FaultWrongIssuer  Fault = "wrong_issuer"       // another iss in the callback
	FaultReuse        Fault = "old_refresh"        // the used refresh token is handed out again
	FaultAPIError     Fault = "api_error"          // 503 from the notes API
	FaultAPILimit     Fault = "api_limit"          // 429 from the notes API with Retry-After: 2
)

const mostSwitched = 1000

// Faults lists the switches in their documented order.
func Faults() []Fault {
	return []Fault{
		FaultRefreshLost, FaultRefreshGrace, FaultServerError, FaultRateLimit, FaultSlow,
		FaultMalformed, FaultWrongIssuer, FaultReuse, FaultAPIError, FaultAPILimit,
	}
}

// Title is a short name for a list.
func (f Fault) Title() string {
	switch f {
	case FaultRefreshLost:
		return "Lost renewal"
	case FaultRefreshGrace:
		return "Lost renewal, kind service"
	case FaultServerError:
		return "Failing service"
	case FaultRateLimit:
		return "Too many requests"
	case FaultSlow:
		return "Slow service"
	case FaultMalformed:
		return "Unreadable answer"
	case FaultWrongIssuer:
		return "Wrong issuer"
	case FaultReuse:
		return "Old renewal token"
	case FaultAPIError:
		return "Failing notes"
	case FaultAPILimit:
		return "Too many notes requests"
	}
	return string(f)
}

// Sentence says what happens, for help and for a page.
func (f Fault) Sentence() string {
	switch f {
	case FaultRefreshLost:
		return "The next renewal happens, but its answer never arrives; the old token sent again ends the access, as strict services do."
	case FaultRefreshGrace:
		return "The next renewal happens, but its answer never arrives; the old token sent again is taken once more, as services with a grace period do."
	case FaultServerError:
		return "The token address answers the next request with error 500."
	case FaultRateLimit:
		return "The token address answers the next request with error 429 and asks for a wait of 2 seconds."
	case FaultSlow:
		return "The token address lets the next request wait before it answers it rightly."
	case FaultMalformed:
		return "The token address answers the next request with a web page instead of a token, as a hotel network might."
	case FaultWrongIssuer:
		return "The next consent comes back under the name of another server, as in a mix-up attack."
	case FaultReuse:
		return "The next renewal hands out the used token once more; using that one ends the access."
	case FaultAPIError:
		return "The notes answer the next request with error 503."
	case FaultAPILimit:
		return "The notes answer the next request with error 429 and ask for a wait of 2 seconds."
	}
	return ""
}

// Switch lets the next n requests that f is about misbehave; 0 switches it off.
// Fault: invalid.
func (s *Server) Switch(f Fault, n int) error {
	if !slices.Contains(Faults(), f) {
		return fault.New(fault.Invalid, "The practice provider knows no such fault.", "Choose one of those on its page.")
	}
	if n < 0 || n > mostSwitched {
		return fault.New(fault.Invalid, "A fault can be switched on for 1 to 1000 requests.", "Use 0 to switch it off.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[f] = n
	return nil
}

// take uses up one of the requests that f is switched on for.
func (s *Server) take(f Fault) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.takeLocked(f)
}

func (s *Server) takeLocked(f Fault) bool {
	if s.faults[f] == 0 {
		return false
	}
	s.faults[f]--
	return true
}
