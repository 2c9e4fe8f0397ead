package connection

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash/fnv"
	"time"

	"pie/backend/fault"
	"pie/backend/oauth"
)

const (
	aheadMost   = 5 * time.Minute
	refreshTime = time.Minute
)

// fresh returns a token that is good now. refused is an access token that the
// API has just answered 401 to, or empty. The order: look, lock, look again,
// journal, refresh, save, use.
func (m *Manager) fresh(ctx context.Context, s Service, r record, refused string) (*oauth.Token, record, error) {
	token, r, err := m.usable(ctx, r, refused)
	if err != nil || token != nil {
		return token, r, err
	}
	defer m.lock(r.ID)()
	token, r, err = m.usable(ctx, r, refused)
	if err != nil || token != nil {
		return token, r, err
	}
	// The refresh outlives the run that asked for it: its answer may be the only
	// copy of a rotated token.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshTime)
	defer cancel()
	return m.refresh(ctx, s, r, refused)
}

// usable reads the store and returns the token there if it needs no refresh.
func (m *Manager) usable(ctx context.Context, r record, refused string) (*oauth.Token, record, error) {
	current, found, err := m.find(r.Agent, r.Service, r.Label)
	if err != nil {
		return nil, r, err
	}
	if !found || current.Status == NeedsReconnect {
		return nil, r, notConnected(r.Agent, r.Service)
	}
	token, err := m.readToken(ctx, current)
	if err != nil {
		return nil, current, err
	}
	if refused != "" && token.Access.Reveal() == refused {
		return nil, current, nil
	}
	if !m.due(current, token) {
		return token, current, nil
	}
	return nil, current, nil
}

// due tells whether a token should be refreshed: the smaller of five minutes and
// a tenth of its life before it ends, earlier by up to a fifth of that so that
// connections do not all come at once.
func (m *Manager) due(r record, t *oauth.Token) bool {
	if t.ExpiresAt == nil {
		return false
	}
	issued := r.ConnectedAt
	if r.RefreshedAt != nil {
		issued = *r.RefreshedAt
	}
	ahead := min(aheadMost, t.ExpiresAt.Sub(issued)/10)
	if !t.Refresh.IsEmpty() {
		ahead += ahead * time.Duration(jitter(r.ID)) / 500
	} else {
		ahead = 0
	}
	return !m.Now().Before(t.ExpiresAt.Add(-ahead))
}

// jitter is 0 to 99, always the same for one connection.
func jitter(id string) uint32 {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(id))
	return sum.Sum32() % 100
}

func tokenHash(t *oauth.Token) string {
	sum := sha256.Sum256([]byte("refresh" + t.Refresh.Reveal()))
	return hex.EncodeToString(sum[:8])
}

// refresh runs under the connection's lock.
func (m *Manager) refresh(ctx context.Context, s Service, r record, refused string) (*oauth.Token, record, error) {
	old, err := m.readToken(ctx, r)
	if err != nil {
		return nil, r, err
	}
	if old.Refresh.IsEmpty() {
		return m.giveUp(r, "The access has run out, and this service gives no way to renew it without you.")
	}
	for {
		var err error
		before := r.Journal
		if r, err = m.noteSending(r, old); err != nil {
			return nil, r, err
		}
		if r.Journal.Sent > 2 {
			return m.giveUp(r, "The answer to a renewal was lost twice, so the access can no longer be renewed.")
		}
		token, refreshErr := m.HTTP.Refresh(ctx, s.Provider, s.Client, old)
		if refreshErr == nil {
			return m.renewed(ctx, r, token)
		}
		class := oauth.ClassOf(refreshErr)
		if m.Log != nil {
			m.Log.Warn("refreshing", "connection", r.ID, "class", string(class), "sent", r.Journal.Sent)
		}
		switch class {
		case oauth.ClassLost, oauth.ClassMalformed:
			continue // once more with the same token, as the journal allows
		case oauth.ClassInvalidGrant:
			return m.refusedGrant(ctx, s, r, old)
		default:
			return m.later(r, old, before, class, refused, refreshErr)
		}
	}
}

// noteSending journals that the refresh token is about to be sent, on disk
// before it is. A token sent before by a process that died counts.
func (m *Manager) noteSending(r record, t *oauth.Token) (record, error) {
	hash := tokenHash(t)
	return m.change(r, func(r *record) {
		sent := 0
		if r.Journal != nil && r.Journal.Token == hash {
			sent = r.Journal.Sent
		}
		r.Journal = &journal{StartedAt: m.Now().UTC(), Sent: sent + 1, Token: hash}
	})
}

// renewed saves before anything uses the token.
func (m *Manager) renewed(ctx context.Context, r record, t *oauth.Token) (*oauth.Token, record, error) {
	now := m.Now().UTC()
	r.Journal, r.Problem, r.Status = nil, nil, Connected
	r.ExpiresAt, r.RefreshedAt = t.ExpiresAt, &now
	if t.Scopes != nil {
		r.Granted = t.Scopes
	}
	r.Refreshes++
	if err := m.save(ctx, r, t); err != nil {
		return nil, r, err
	}
	return t, r, nil
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
	if s.Provider.ID == "google" && age > 6*24*time.Hour && age < 8*24*time.Hour {
		return "Google has ended this sign-in after 7 days, as it does while the app's consent screen is in Testing."
	}
	return "The service has ended this sign-in."
}

func (m *Manager) giveUp(r record, why string) (*oauth.Token, record, error) {
	problem := fault.New(fault.Reconnect, why, "Connect again.")
	r, err := m.change(r, func(r *record) {
		r.Status, r.Problem, r.Journal = NeedsReconnect, fault.Public(problem), nil
	})
	if err != nil {
		return nil, r, err
	}
	return nil, r, problem
}

// later is for answers that do not end the grant: the connection stays, with the
// problem shown, and a token that still lives is used. A dial that failed was no
// sending, so the journal goes back to what it said before.
func (m *Manager) later(r record, old *oauth.Token, before *journal, class oauth.Class, refused string, cause error) (*oauth.Token, record, error) {
	r, err := m.change(r, func(r *record) {
		r.Problem, r.Journal = fault.Public(cause), nil
		if class == oauth.ClassUnsent {
			r.Journal = before
		}
	})
	if err != nil {
		return nil, r, err
	}
	if refused == "" && old.ExpiresAt != nil && m.Now().Before(*old.ExpiresAt) {
		return old, r, nil
	}
	return nil, r, cause
}
