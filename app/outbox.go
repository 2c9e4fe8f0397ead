package app

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"pie/backend"
	"pie/backend/connection"
	"pie/backend/outbox"
)

// Outbox is the service of writes that wait for the person. The event of one has
// the kind outbox and its id.
type Outbox struct {
	backend *backend.Backend
	ops     *Operations
}

// OutboxList asks for what waits, of all agents and runs where those are empty.
type OutboxList struct {
	Agent string `json:"agent"`
	Run   string `json:"run"`
}

// OutboxRef names a write.
type OutboxRef struct {
	ID string `json:"id"`
}

// OutboxSend asks to send a write. Again lets one go out that may have been sent
// before (state unsure).
type OutboxSend struct {
	Op    string `json:"op"`
	ID    string `json:"id"`
	Again bool   `json:"again"`
}

// OutboxAnswer answers a write that a run asks about (state asking).
type OutboxAnswer struct {
	ID   string `json:"id"`
	Send bool   `json:"send"`
}

// OutboxWrite is a write as a whole: an outbox.Item whose url has its query, and
// what will be sent. The access token is set when it is sent, and never shown.
type OutboxWrite struct {
	outbox.Item

	Headers      map[string]string `json:"headers"` // values of those that carry a key are hidden
	Body         string            `json:"body"`
	BodyEncoding string            `json:"body_encoding"` // utf8 | base64
}

// hidden stands where a header carries a key of the agent's own.
const hidden = "(hidden)"

// List returns what waits, the oldest first.
func (s *Outbox) List(q OutboxList) ([]outbox.Item, error) {
	return s.backend.Outbox.List(q.Agent, q.Run)
}

// Get returns the exact request. Faults: not_found, locked.
func (s *Outbox) Get(q OutboxRef) (OutboxWrite, error) {
	item, request, err := s.backend.Outbox.Get(context.Background(), q.ID)
	if err != nil {
		return OutboxWrite{}, err
	}
	item.URL = request.URL
	out := OutboxWrite{Item: item, Headers: map[string]string{}, Body: string(request.Body), BodyEncoding: "utf8"}
	if !utf8.Valid(request.Body) {
		out.Body, out.BodyEncoding = base64.StdEncoding.EncodeToString(request.Body), "base64"
	}
	for name, value := range request.Headers {
		if carriesKey(name) {
			value = hidden
		}
		out.Headers[name] = value
	}
	return out, nil
}

func carriesKey(header string) bool {
	header = strings.ToLower(header)
	for _, part := range []string{"auth", "token", "secret", "key", "cookie", "password", "signature"} {
		if strings.Contains(header, part) && header != "idempotency-key" {
			return true
		}
	}
	return false
}

// Send sends a write, once, and returns what the service answered. One that a run
// asks about is sent by that run, and its state is sending. Faults: not_found,
// locked, conflict (may have been sent; another account is connected now), and
// those of a request: reconnect, denied, offline, limited.
func (s *Outbox) Send(q OutboxSend) (connection.Delivered, error) {
	ctx, done, err := s.ops.begin(q.Op)
	if err != nil {
		return connection.Delivered{}, err
	}
	defer done()
	list, err := s.backend.Outbox.List("", "")
	if err != nil {
		return connection.Delivered{}, err
	}
	for _, item := range list {
		if item.ID == q.ID && item.State == outbox.Asking {
			item, err := s.Answer(OutboxAnswer{ID: q.ID, Send: true})
			return connection.Delivered{Write: item, Status: http.StatusAccepted, OK: true}, err
		}
	}
	return s.backend.Connections.Send(ctx, q.ID, q.Again)
}

// Answer tells the run that asks whether the write goes out. Faults: not_found,
// conflict when it asks no more.
func (s *Outbox) Answer(q OutboxAnswer) (outbox.Item, error) {
	return s.backend.Outbox.Answer(q.ID, q.Send, time.Now())
}

// Drop forgets a write. Faults: not_found, conflict while it is being sent.
func (s *Outbox) Drop(q OutboxRef) (outbox.Item, error) { return s.backend.Outbox.Drop(q.ID) }
