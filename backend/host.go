package backend

import (
	"context"
	"sync"
	"time"

	"pie/backend/agent"
	"pie/backend/connection"
	"pie/backend/history"
)

// host does for one run what its code may ask for. Requests go through the run's
// session, which decides where a token may go.
type host struct {
	b       *Backend
	session *connection.Session

	mu   sync.Mutex
	logs []history.Log
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
	out := agent.Connection{Connected: true, Scopes: c.Scopes.Granted, APIBase: base}
	if c.Account != nil {
		out.Account = &agent.Account{ID: c.Account.ID, Label: c.Account.Label}
	}
	return out, nil
}

// Notify shows a message: on the desktop where there is one, and always among
// the run's logs, in full.
func (h *host) Notify(ctx context.Context, n agent.Notification) error {
	text := n.Text
	if n.Title != "" {
		text = n.Title + "\n" + text
	}
	h.mu.Lock()
	h.logs = append(h.logs, history.Log{At: time.Now().UTC(), Level: "notify", Text: text})
	h.mu.Unlock()
	if h.b.options.Desktop != nil {
		if err := h.b.options.Desktop(ctx, n.Title, n.Text); err != nil {
			h.b.options.Log.Info("showing notification", "error", err)
		}
	}
	return nil
}

func (h *host) notices() []history.Log {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.logs
}
