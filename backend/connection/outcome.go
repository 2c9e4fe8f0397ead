package connection

import (
	"context"
	"errors"
	"net/http"
	"time"

	"pie/backend/fault"
	"pie/backend/oauth"
)

// pauseTime is how long a failed refresh is not tried again while the token it
// was to replace is still good.
const pauseTime = 30 * time.Second

// pause is a refresh that has to wait.
type pause struct {
	until time.Time
	cause error
}

// paused is for a token that should be refreshed: all nil when it may be now.
// After a failure the old token serves while it lives.
func (m *Manager) paused(r record, t *oauth.Token, refused bool) (*oauth.Token, record, error) {
	m.mu.Lock()
	p, ok := m.pauses[r.ID]
	m.mu.Unlock()
	if !ok || !m.Now().Before(p.until) {
		return nil, r, nil
	}
	if !refused && m.alive(t) {
		return t, r, nil
	}
	if limited, ok := errors.AsType[*oauth.Error](p.cause); ok && limited.RetryAfter > 0 {
		return nil, r, p.cause
	}
	return nil, r, nil
}

func (m *Manager) alive(t *oauth.Token) bool {
	return t.ExpiresAt == nil || m.Now().Before(*t.ExpiresAt)
}

// later is for answers that do not end the grant: the connection stays, with the
// problem shown, and a token that still lives is used. What was answered, or
// never left, is no lost sending, so the journal says again what it said before.
func (m *Manager) later(r record, old *oauth.Token, before *journal, refused string, cause error) (*oauth.Token, record, error) {
	wait := pauseTime
	if known, ok := errors.AsType[*oauth.Error](cause); ok {
		wait = max(wait, known.RetryAfter)
	}
	m.mu.Lock()
	m.pauses[r.ID] = pause{m.Now().Add(wait), cause}
	m.mu.Unlock()
	r, err := m.change(r, func(r *record) {
		r.trouble(causeRefresh, fault.Public(cause))
		if oauth.ClassOf(cause) == oauth.ClassUnsent && r.Journal != nil && r.Journal.Sent > 1 {
			r.Resent-- // the second sending did not happen yet
		}
		r.Journal = before
	})
	if err != nil {
		return nil, r, err
	}
	if refused == "" && m.alive(old) {
		return old, r, nil
	}
	return nil, r, cause
}

// otherClient is for a client id that is not the one of the sign-in: its refresh
// token is worth nothing to the new one.
func (m *Manager) otherClient(s Service, r record, old *oauth.Token, refused string) (*oauth.Token, record, error) {
	if refused == "" && m.alive(old) {
		return old, r, nil
	}
	return m.giveUp(r, "The client id for "+s.Provider.Name+" was changed since you connected, so the access cannot be renewed.")
}

// refusedGrant re-reads the store: if the token there is another one, somebody
// else has renewed it; only otherwise the grant is over.
func (m *Manager) refusedGrant(ctx context.Context, s Service, r record, sent *oauth.Token) (*oauth.Token, record, error) {
	current, found, err := m.find(r.Agent, r.Service, r.Label)
	if err != nil {
		return nil, r, err
	}
	if !found || current.ID != r.ID {
		return nil, r, notConnected(r.Agent, r.Service)
	}
	token, err := m.readToken(ctx, current)
	if err != nil {
		return nil, r, err
	}
	if !token.Refresh.Equal(sent.Refresh) {
		return token, current, nil
	}
	return m.giveUp(r, endedBecause(s, r, m.Now()))
}

// endedBecause names the cause where the signs are clear.
func endedBecause(s Service, r record, now time.Time) string {
	age := now.Sub(r.ConnectedAt)
	switch {
	case s.Provider.Base() == "google" && age > 6*24*time.Hour && age < 8*24*time.Hour:
		return "Google has ended this sign-in after 7 days, as it does while the app's consent screen is in Testing. Press Publish app at https://console.cloud.google.com/auth/audience to stay connected."
	case r.Journal != nil && r.Journal.Sent > 1:
		return "The answer to a renewal was lost on its way, and the service does not take the old access again."
	}
	return "The service has ended this sign-in."
}

// giveUp marks that only the person can go on. It never returns a token.
func (m *Manager) giveUp(r record, why string) (*oauth.Token, record, error) {
	r, err := m.change(r, func(r *record) {
		r.Status, r.Journal = NeedsReconnect, nil
		r.trouble(causeEnded, &fault.Problem{Code: fault.Reconnect, Message: why, Hint: "Connect again."})
	})
	if err != nil {
		return nil, r, err
	}
	m.forgetMemory(r.ID)
	return nil, r, m.ended(r)
}

// settle marks a connection whose agent now names another service than the one
// that gave the tokens, and takes the mark away when it names the old one again.
func (m *Manager) settle(s Service, r record) record {
	if !r.misplaced(&s.Provider) {
		return r
	}
	return m.resettle(s, r)
}

func (m *Manager) resettle(s Service, r record) record {
	made := r.madeBy(s.Provider)
	changed, err := m.change(r, func(r *record) {
		if made {
			r.relieve(causeMoved)
			r.regrant(s, r.Granted)
			return
		}
		r.Status = NeedsReconnect
		r.trouble(causeMoved, &fault.Problem{
			Code: fault.Reconnect, Message: r.Agent + " was changed and now names another service than the one you connected.", Hint: "Connect again.",
		})
	})
	if err != nil {
		m.Log.Warn("noting another service", "connection", r.ID, "error", err)
		return r
	}
	return changed
}

// settled is settle where the service is not at hand.
func (m *Manager) settled(ctx context.Context, r record) record {
	s, err := m.Agents.Service(ctx, r.Agent, r.Service)
	if err != nil {
		return r // the agent is gone; so is its use of this
	}
	return m.settle(s, r)
}

// inVain tells whether token was itself got because of a 401, so that another
// refresh would help no more.
func (m *Manager) inVain(r record, t *oauth.Token) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.after[r.ID] != "" && m.after[r.ID] == hashOf("access", t.Access.Reveal())
}

// accepted notes that the API took the token.
func (m *Manager) accepted(r record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.after, r.ID)
}

// unauthorized draws the conclusion from a 401 that no refresh can heal. A token
// that cannot be renewed is over when the service says so plainly, or when the
// identity address refuses it too; probed tells that it was that address.
func (m *Manager) unauthorized(ctx context.Context, s Service, r record, t *oauth.Token, a Answer, probed bool) {
	over := t.Refresh.IsEmpty() && (a.invalidToken || probed)
	if _, ok := canProbe(s); ok && t.Refresh.IsEmpty() && !over {
		again, err := m.probe(ctx, s, r, t)
		if err != nil || again.Status != http.StatusUnauthorized {
			return // that one address refuses, the access itself is good or cannot be judged
		}
		over = true
	}
	if over {
		_, _, _ = m.giveUp(r, s.Provider.Name+" does not accept this access any more.")
		return
	}
	_, _ = m.change(r, func(r *record) {
		r.trouble(causeAPI, &fault.Problem{
			Code: fault.Denied, Message: s.Provider.Name + " does not accept this access, although it is fresh.",
			Hint: "Try again; if it stays, connect again.",
		})
	})
}
