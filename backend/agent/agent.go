// Package agent is the host's side of a run: it starts worker processes, hands
// them code and input, does for them what they may ask for, holds the limits and
// kills what passes them. The JavaScript itself runs in package worker, in a
// process without files, network or other people's secrets.
//
// A Runner is safe for concurrent use. What comes from a worker is a stranger's:
// frames are bounded, calls in flight are counted, logs are cut.
package agent

import (
	"context"
	"encoding/json"
	"time"

	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/secret"
)

// Host does for a run what its code may ask for. It is called from several
// goroutines at once.
type Host interface {
	// Fetch makes a request. service is "" for context.fetch, else a service key.
	Fetch(ctx context.Context, service string, r Request) (Response, error)
	// Connection tells what the code may know of a service.
	Connection(ctx context.Context, service string) (Connection, error)
	// Notify shows a message to the person.
	Notify(ctx context.Context, n Notification) error
}

// Request is a request of an agent.
type Request struct {
	Method, URL string
	Headers     map[string]string
	Body        []byte
}

// Response is what the agent gets. Headers have names in lower case.
type Response struct {
	OK      bool
	Status  int
	Headers map[string]string
	Body    []byte
}

// Account is whose account a connection is.
type Account struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

// Connection is what the code may know of one: never a token.
type Connection struct {
	Connected bool     `json:"connected"`
	Account   *Account `json:"account"`
	Scopes    []string `json:"scopes"`
	APIBase   string   `json:"apiBase"`

	// Parameters are what differs from account to account, such as a subdomain.
	Parameters map[string]string `json:"parameters,omitempty"`
}

// Notification is a message of an agent. Text is Markdown; Cut tells that it was
// longer than 16 KB.
type Notification struct {
	Title, Text string
	Cut         bool
}

// Job is one call of a function of an agent.
type Job struct {
	RunID, Agent string
	Code         string
	CodeName     string // the file, for error messages
	CodeLine     int    // its line on which Code begins, from 1
	CodeMap      []byte // source map, where Code is compiled
	Function     string // handler when empty
	Input        json.RawMessage
	Secrets      map[string]secret.String
	UserConfig   json.RawMessage
	Services     []string
	TimeZone     string        // IANA name
	Timeout      time.Duration // 30 s when zero
	Memory       int64         // bytes of the language's heap, 128 MB when zero
	OnLog        func(history.Log)
	Calls        Caller // what the code may ask for beyond requests; nil for nothing
}

// Outcome is how a run ended. Status is one of history's: ok, failed,
// requires_auth, stopped, canceled.
type Outcome struct {
	Status   string
	Result   json.RawMessage
	Error    *fault.Problem
	Logs     []history.Log
	Duration time.Duration
}

// Defaults and bounds of a run.
const (
	DefaultTimeout = 30 * time.Second
	DefaultMemory  = 128 << 20
	killAfter      = 200 * time.Millisecond // beyond the limit the worker itself holds
	maxInput       = 4 << 20
	maxDepth       = 1000
)

// CheckInput holds an input to its limits: JSON, 4 MB, 1,000 levels. Fault:
// invalid.
func CheckInput(input []byte) error {
	bad := func(message string) error {
		return fault.New(fault.Invalid, message, "Give the input as JSON, for example {\"name\": \"value\"}.")
	}
	if len(input) > maxInput {
		return bad("The input is larger than 4 MB.")
	}
	depth, inText, escaped := 0, false, false
	for _, c := range input {
		switch {
		case escaped:
			escaped = false
		case inText:
			escaped, inText = c == '\\', c != '"'
		case c == '"':
			inText = true
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return bad("The input is nested deeper than 1,000 levels.")
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	if !json.Valid(input) {
		return bad("The input is not valid JSON.")
	}
	return nil
}
