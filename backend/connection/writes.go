package connection

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/outbox"
)

// askTime is how long a run waits for the person's answer about one write.
const askTime = 2 * time.Minute

// allowance is what one call may do beyond reading.
type allowance struct {
	write   bool
	writeTo func(u *url.URL) bool // also on the way of redirects; nil for all allowed hosts
	left    func()                // told before anything may reach the service; may be nil
}

// gate decides on a write through r, whose zero value stands for context.fetch.
// held is set when it does not go out now: then that is the agent's answer. A
// write that the person has approved passes all but the check of reading alone.
func (s *Session) gate(ctx context.Context, p pass, r record, call Call, u *url.URL, a *approval) (held *Answer, err error) {
	switch {
	case r.Access == AccessRead:
		return nil, s.block(p, call.Method, u, "This connection may only read, and the agent tried to write.", "Run pie access to change it.")
	case a != nil:
		return nil, nil
	case s.ref.DryRun:
		return s.hold(ctx, p, r, call, u, outbox.DryRun)
	case r.Access == AccessAsk && s.ref.Attended:
		return s.ask(ctx, p, r, call, u)
	case r.Access == AccessAsk:
		return s.hold(ctx, p, r, call, u, outbox.Access)
	case s.ref.Background && !s.m.wroteTo(s.ref.Agent, r, u):
		return s.hold(ctx, p, r, call, u, outbox.NewHost)
	}
	return nil, nil
}

// allowed is the allowance of a write that passed the gate.
func (s *Session) allowed(r record, a *approval) allowance {
	out := allowance{write: true}
	if s.ref.Background && a == nil {
		out.writeTo = func(u *url.URL) bool { return s.m.wroteTo(s.ref.Agent, r, u) }
	}
	if a != nil {
		out.left = func() { a.left.Store(true) }
	}
	return out
}

// item is a write as the outbox keeps it. Fault: invalid, when it could never be
// sent.
func (s *Session) item(ctx context.Context, p pass, r record, call Call, u *url.URL, reason string) (outbox.Item, outbox.Request, error) {
	call.Method = strings.ToUpper(call.Method)
	if _, err := newRequest(ctx, p, call, u); err != nil {
		return outbox.Item{}, outbox.Request{}, err
	}
	headers := map[string]string{}
	for name, value := range call.Headers {
		if header := http.CanonicalHeaderKey(name); passes(p, header, true) {
			headers[header] = value
		}
	}
	now := s.m.Now().UTC()
	address, _, _ := s.clean(u)
	item := outbox.Item{
		ID: "w" + history.NewID(now), Agent: s.ref.Agent, Service: p.service, Account: r.Label, Connection: r.ID, Run: s.ref.RunID,
		Method: call.Method, URL: address, Reason: reason, CreatedAt: now.Truncate(time.Second),
	}
	if r.Account != nil {
		item.Person = r.Account.ID
	}
	return item, outbox.Request{URL: u.String(), Headers: headers, Body: call.Body}, nil
}

// whyHeld is what the audit says of a write that waits.
func whyHeld(reason string) string {
	switch reason {
	case outbox.DryRun:
		return "dry run"
	case outbox.NewHost:
		return "first write to this host in the background: it waits in the outbox"
	}
	return "this connection asks before each write: it waits in the outbox"
}

// hold keeps a write for the person and answers the agent as a service does that
// will see to it later (RFC 9110, section 15.3.3).
func (s *Session) hold(ctx context.Context, p pass, r record, call Call, u *url.URL, reason string) (*Answer, error) {
	item, request, err := s.item(ctx, p, r, call, u, reason)
	if err == nil {
		err = s.m.Outbox.Keep(ctx, item, request)
	}
	if err != nil {
		return nil, s.blockAs(p, call.Method, u, err)
	}
	return s.heldAnswer(p, call, u, item), nil
}

func (s *Session) heldAnswer(p pass, call Call, u *url.URL, item outbox.Item) *Answer {
	s.note(p, call.Method, u, s.m.Now(), event{status: http.StatusAccepted, decision: "blocked", reason: whyHeld(item.Reason)})
	return &Answer{OK: true, Status: http.StatusAccepted, Headers: map[string]string{"pie-outbox": item.ID}, Body: []byte(`{}`)}
}

// ask shows a write to the person and waits for the answer. The write that goes
// out is checked anew: the answer may have taken minutes.
func (s *Session) ask(ctx context.Context, p pass, r record, call Call, u *url.URL) (*Answer, error) {
	item, request, err := s.item(ctx, p, r, call, u, outbox.Access)
	if err != nil {
		return nil, s.blockAs(p, call.Method, u, err)
	}
	verdict, err := s.m.Outbox.Ask(ctx, item, request, askTime)
	switch {
	case err != nil:
		return nil, s.blockAs(p, call.Method, u, err)
	case verdict == outbox.Later:
		return s.heldAnswer(p, call, u, item), nil
	case verdict == outbox.No:
		return nil, s.block(p, call.Method, u, "You did not let the agent do this.", "Run it again if you change your mind.")
	}
	answer, _, err := s.deliver(ctx, item, request)
	return &answer, err
}

// approval is the person's word for one write.
type approval struct {
	item outbox.Item
	left atomic.Bool // something may have reached the service
}

// deliver sends a write that Begin was called for, with every check of a request
// made now, and settles it.
func (s *Session) deliver(ctx context.Context, item outbox.Item, request outbox.Request) (Answer, outbox.Item, error) {
	a := &approval{item: item}
	call := Call{Method: item.Method, URL: request.URL, Headers: request.Headers, Body: request.Body}
	var answer Answer
	var err error
	if item.Service == nil {
		answer, err = s.fetch(ctx, call, a)
	} else {
		answer, err = s.oauthFetch(ctx, *item.Service, call, a)
	}
	settled, settleErr := s.m.Outbox.Settle(item.ID, outbox.Ending{Left: a.left.Load(), Status: answer.Status})
	if err == nil {
		err = settleErr
	}
	return answer, settled, err
}

// sameConnection refuses a write that was meant for another connection or
// another account than the one there is now.
func (a *approval) sameConnection(r record) error {
	if a == nil || a.item.Service == nil {
		return nil
	}
	person := ""
	if r.Account != nil {
		person = r.Account.ID
	}
	if a.item.Connection == r.ID && (a.item.Person == "" || person == "" || a.item.Person == person) {
		return nil
	}
	return fault.New(fault.Conflict, "This write was made for another account than the one that is connected now.", "Drop it, and run the agent again.")
}

// Delivered is what came of sending a write from the outbox. Write.State tells
// whether it is gone; then it is sending.
type Delivered struct {
	Write  outbox.Item `json:"write"`
	Status int         `json:"status"` // of the service's answer
	OK     bool        `json:"ok"`     // the service took it
	Body   string      `json:"body"`   // of the answer, at most 4 KB
}

// Send sends a write from the outbox, once. again lets one go out that may have
// been sent before. A refusal by the service is no fault. Faults: not_found,
// conflict (being sent, may have been sent, asked about, another account now),
// and those of OAuthFetch.
func (m *Manager) Send(ctx context.Context, id string, again bool) (Delivered, error) {
	_, request, err := m.Outbox.Get(ctx, id)
	if err != nil {
		return Delivered{}, err
	}
	item, err := m.Outbox.Begin(id, again, m.Now())
	if err != nil {
		return Delivered{}, err
	}
	session := m.Session(RunRef{Agent: item.Agent, RunID: item.Run, Account: item.Account})
	answer, item, err := session.deliver(ctx, item, request)
	if err != nil {
		return Delivered{}, err
	}
	body := cut(strings.ToValidUTF8(string(answer.Body), "\ufffd"), 4<<10)
	return Delivered{Write: item, Status: answer.Status, OK: answer.Status < 400, Body: body}, nil
}
