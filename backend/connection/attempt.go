package connection

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pie/backend/fault"
)

// finishTime is more than an exchange and an account probe can take.
const finishTime = 3 * time.Minute

// Attempt is a sign-in under way, as people see it.
type Attempt struct {
	Op          string `json:"op"`
	Step        string `json:"step"` // preparing | authorize | device | exchanging
	Agent       string `json:"agent"`
	Service     string `json:"service"`
	Kind        string `json:"kind"`
	URL         string `json:"url"`
	RedirectURI string `json:"redirect_uri"`
	Relay       bool   `json:"relay,omitempty"` // the person's own page hands the answer back by the scheme

	// Of the device step only; URL is the page with the code, where there is one.
	UserCode                string     `json:"user_code,omitempty"`
	VerificationURI         string     `json:"verification_uri,omitempty"`
	VerificationURIComplete string     `json:"verification_uri_complete,omitempty"`
	ExpiresAt               *time.Time `json:"expires_at,omitempty"`
}

type attempt struct {
	Attempt
	account string
	flowKey string
	cancel  func()
	done    chan outcome  // one outcome, never blocks
	ended   chan struct{} // closed when its port is free again
}

type outcome struct {
	connection Connection
	err        error
}

func (a *attempt) sameAccount(b *attempt) bool {
	return a.Agent == b.Agent && a.Service == b.Service && a.account == b.account
}

// addAttempt registers a. One that waits for the same account gives way first,
// so that only one page in the browser counts.
func (m *Manager) addAttempt(ctx context.Context, a *attempt) error {
	m.mu.Lock()
	if _, taken := m.attempts[a.Op]; taken {
		m.mu.Unlock()
		return fault.New(fault.Conflict, "This sign-in is already under way.", "Finish or cancel it first.")
	}
	var older []*attempt
	for _, each := range m.attempts {
		if each.sameAccount(a) {
			older = append(older, each)
		}
	}
	m.attempts[a.Op] = a
	m.mu.Unlock()
	for _, each := range older {
		each.cancel()
	}
	for _, each := range older {
		select {
		case <-each.ended:
		case <-ctx.Done():
			return canceled(ctx, signInTime)
		}
	}
	return nil
}

func (m *Manager) dropAttempt(a *attempt) {
	m.mu.Lock()
	if m.attempts[a.Op] == a {
		delete(m.attempts, a.Op)
	}
	m.mu.Unlock()
	close(a.ended)
	m.Notify("attempt", a.Op)
}

// Attempt returns a sign-in under way.
func (m *Manager) Attempt(op string) (Attempt, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.attempts[op]
	if !ok {
		return Attempt{}, false
	}
	return a.Attempt, true
}

// wait returns what came of the flow, or takes the flow back when ctx ends.
func (m *Manager) wait(ctx context.Context, a *attempt, q Request) (Connection, error) {
	select {
	case o := <-a.done:
		return o.connection, o.err
	case <-ctx.Done():
	}
	claimed, err := m.claimFlow(a.flowKey)
	if err == nil && claimed == nil {
		// An answer that is being worked on still counts.
		late := time.NewTimer(finishTime)
		defer late.Stop()
		select {
		case o := <-a.done:
			return o.connection, o.err
		case <-late.C:
		}
	}
	return Connection{}, canceled(ctx, q.Timeout)
}

func canceled(ctx context.Context, timeout time.Duration) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fault.New(fault.Limited, fmt.Sprintf("Nobody signed in within %s.", timeout), "Connect again when you are ready.")
	}
	return fault.New(fault.Canceled, "The sign-in was canceled.", "Connect again when you are ready.")
}

// attemptOf calls fn for the attempt that waits for a flow, if one is here.
func (m *Manager) attemptOf(key string, fn func(*attempt)) {
	m.mu.Lock()
	op := ""
	for _, a := range m.attempts {
		if a.flowKey == key {
			fn(a)
			op = a.Op
		}
	}
	m.mu.Unlock()
	if op != "" {
		m.Notify("attempt", op)
	}
}

// abandon ends the sign-ins of an agent whose flows are gone: no answer can come
// for them any more.
func (m *Manager) abandon(agent string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.attempts {
		if a.Agent != agent {
			continue
		}
		select {
		case a.done <- outcome{err: fault.New(fault.Canceled, "The agent was removed while you signed in.", "")}:
		default:
		}
	}
}

func (m *Manager) deliver(key string, o outcome) {
	m.attemptOf(key, func(a *attempt) {
		select {
		case a.done <- o:
		default:
		}
	})
}
