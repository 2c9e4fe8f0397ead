package cassette

import (
	"encoding/json"
	"maps"
	"net/url"
	"strings"
	"sync"
	"time"

	"pie/backend/secret"
)

// Recorder collects what a run does. It is safe for concurrent use.
type Recorder struct {
	secrets []secret.String

	mu          sync.Mutex
	exchanges   []Exchange
	connections map[string]json.RawMessage
}

// NewRecorder makes a Recorder for a run that knows secrets.
func NewRecorder(secrets map[string]secret.String) *Recorder {
	r := &Recorder{connections: map[string]json.RawMessage{}}
	for _, value := range secrets {
		r.secrets = append(r.secrets, value)
	}
	return r
}

// Add notes one exchange.
func (r *Recorder) Add(x Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.exchanges) < mostEntries {
		r.exchanges = append(r.exchanges, x)
	}
}

// Connection notes what the code was told of a service.
func (r *Recorder) Connection(service string, told json.RawMessage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.connections[service] = told
}

// Cassette is head with what was noted, without secrets.
func (r *Recorder) Cassette(head Cassette) *Cassette {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := newHider(r.secrets)
	for _, x := range r.exchanges {
		lookThrough(h, x)
	}
	c := &head
	c.Version, c.RecordedAt = Version, head.RecordedAt.UTC().Truncate(time.Second)
	c.Input, c.UserConfig = h.json(head.Input), h.json(head.UserConfig)
	c.Connections, c.Exchanges = map[string]json.RawMessage{}, []Exchange{}
	for service, told := range maps.All(r.connections) {
		c.Connections[service] = h.json(told)
	}
	for _, x := range r.exchanges {
		c.Exchanges = append(c.Exchanges, hidden(h, x))
	}
	return c
}

func lookThrough(h *hider, x Exchange) {
	if q := x.Request; q != nil {
		if u, err := url.Parse(q.URL); err == nil {
			h.lookAt(u.Query())
			h.look(u.Path)
		}
		if isForm(q) {
			if values, err := url.ParseQuery(q.Text); err == nil {
				h.lookAt(values)
			}
		}
		lookAtBody(h, q.Body)
	}
	if q := x.Call; q != nil {
		h.look(string(q.Params))
		lookAtBody(h, q.Body)
	}
	if a := x.Answer; a != nil {
		for _, value := range a.Headers {
			h.look(`"` + value + `"`)
		}
		h.look(string(a.Value))
		lookAtBody(h, a.Body)
	}
}

func lookAtBody(h *hider, b Body) {
	h.look(string(b.JSON))
	h.look(b.Text)
}

func isForm(q *Request) bool {
	for name, value := range q.Headers {
		if strings.EqualFold(name, "Content-Type") {
			return strings.HasPrefix(strings.ToLower(value), "application/x-www-form-urlencoded")
		}
	}
	return false
}

// hidden is x without secrets.
func hidden(h *hider, x Exchange) Exchange {
	if q := x.Request; q != nil {
		x.Request = &Request{Method: q.Method, URL: h.address(q.URL), Headers: h.headers(q.Headers), Body: h.body(q.Body, isForm(q))}
	}
	if q := x.Call; q != nil {
		x.Call = &Call{Op: q.Op, Params: h.json(q.Params), Body: h.body(q.Body, false)}
	}
	if a := x.Answer; a != nil {
		x.Answer = &Answer{Status: a.Status, Headers: h.headers(a.Headers), Value: h.json(a.Value), Body: h.body(a.Body, false)}
	}
	if x.Fault != nil {
		problem := *x.Fault
		problem.Message, problem.Hint = h.text(problem.Message), h.text(problem.Hint)
		x.Fault = &problem
	}
	return x
}

// Exchanges are what was noted so far, without secrets.
func (r *Recorder) Exchanges() []Exchange { return r.Cassette(Cassette{}).Exchanges }
