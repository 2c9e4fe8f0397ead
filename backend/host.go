package backend

import (
	"context"

	"pie/backend/agent"
	"pie/backend/connection"
)

// host does for one run what its code may ask for. Requests go through the run's
// session, which decides where a token may go.
type host struct {
	session *connection.Session
	desk    *desk
}

// Fetch sends one request.
func (h *host) Fetch(ctx context.Context, service string, r agent.Request) (agent.Response, error) {
	call := connection.Call{Method: r.Method, URL: r.URL, Headers: r.Headers, Body: r.Body}
	var answer connection.Answer
	var err error
	if service == "" {
		answer, err = h.session.Fetch(ctx, call)
	} else {
		answer, err = h.session.OAuthFetch(ctx, service, call)
	}
	h.desk.heed(answer.Status, answer.Headers)
	return agent.Response{OK: answer.OK, Status: answer.Status, Headers: answer.Headers, Body: answer.Body}, err
}

// Connection tells what the code may know of a service.
func (h *host) Connection(ctx context.Context, service string) (agent.Connection, error) {
	connected, err := h.session.Connected(ctx, service)
	if err != nil || !connected {
		return agent.Connection{}, err
	}
	c, base, err := h.session.Connection(ctx, service)
	if err != nil || c == nil {
		return agent.Connection{}, err
	}
	out := agent.Connection{Connected: true, Scopes: c.Scopes.Granted, APIBase: base, Parameters: c.Parameters}
	if c.Account != nil {
		out.Account = &agent.Account{ID: c.Account.ID, Label: c.Account.Label}
	}
	return out, nil
}

// Notify keeps a message for the person, and among the run's logs.
func (h *host) Notify(ctx context.Context, n agent.Notification) error { return h.desk.notify(ctx, n) }
