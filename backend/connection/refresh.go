package connection

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"time"

	"pie/backend/oauth"
)

const (
	aheadMost   = 5 * time.Minute
	refreshTime = 150 * time.Second // two waits for the network, two sendings and a save
)

type renewal struct {
	token *oauth.Token
	r     record
	err   error
}

// want is what a request needs: a token that is good now.
type want struct {
	refused string  // an access token that the API has just answered 401 to, or empty
	known   *tokens // of the run, nil for none
}

// fresh returns a token that is good now. The order: look, lock, look again,
// journal, refresh, save, use.
func (m *Manager) fresh(ctx context.Context, s *Service, r record, w want) (*oauth.Token, record, error) {
	token, r, err := m.usable(ctx, s, r, w)
	if err != nil || token != nil {
		return token, r, err
	}
	unlock, err := m.lock(ctx, r.key())
	if err != nil {
		return nil, r, err
	}
	token, r, err = m.usable(ctx, s, r, w)
	if err != nil || token != nil {
		unlock()
		return token, r, err
	}
	return m.refreshAside(ctx, *s, r, w.refused, unlock)
}

// refreshAside refreshes, and waits for that no longer than ctx.
func (m *Manager) refreshAside(ctx context.Context, s Service, r record, refused string, unlock func()) (*oauth.Token, record, error) {
	// The refresh outlives the run that asked for it: its answer may be the only
	// copy of a rotated token.
	result := make(chan renewal, 1)
	m.working.Go(func() {
		defer unlock()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshTime)
		defer cancel()
		token, r, err := m.refresh(ctx, s, r, refused)
		result <- renewal{token, r, err}
	})
	select {
	case n := <-result:
		return n.token, n.r, n.err
	case <-ctx.Done():
		return nil, r, stopped(ctx)
	}
}

// usable reads the store and returns the token there if it needs no refresh.
func (m *Manager) usable(ctx context.Context, s *Service, r record, w want) (*oauth.Token, record, error) {
	current, found, err := m.find(r.Agent, r.Service, r.Label)
	if err == nil && !found {
		err = notConnected(r.Agent, r.Service)
	}
	if err != nil {
		return nil, r, err
	}
	current = m.settle(*s, current)
	if err := current.another(*s); err != nil {
		return nil, current, err
	}
	// Whatever the record could not be told, tokens go to nobody else.
	if current.status(m.Now()) == NeedsReconnect || !current.madeBy(s.Provider) {
		return nil, current, m.ended(current)
	}
	token, err := m.openToken(ctx, current, w.known)
	if err != nil {
		return nil, current, err
	}
	refusedNow := w.refused != "" && token.Access.Reveal() == w.refused
	if !refusedNow && !m.due(current, token) {
		return token, current, nil
	}
	return m.paused(current, token, refusedNow)
}

// due tells whether a token should be refreshed: the smaller of five minutes and
// a tenth of its life before it ends, earlier by up to a fifth of that so that
// connections do not all come at once. One that cannot be refreshed is used to
// its end.
func (m *Manager) due(r record, t *oauth.Token) bool {
	if t.ExpiresAt == nil {
		return false
	}
	if t.Refresh.IsEmpty() {
		return !m.Now().Before(*t.ExpiresAt)
	}
	issued := r.ConnectedAt
	if r.RefreshedAt != nil {
		issued = *r.RefreshedAt
	}
	ahead := max(0, min(aheadMost, t.ExpiresAt.Sub(issued)/10))
	ahead += ahead * time.Duration(jitter(r.ID)) / 500
	return !m.Now().Before(t.ExpiresAt.Add(-ahead))
}

// jitter is 0 to 99, always the same for one connection.
func jitter(id string) uint32 {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(id))
	return sum.Sum32() % 100
}

func hashOf(kind, text string) string {
	sum := sha256.Sum256([]byte(kind + text))
	return hex.EncodeToString(sum[:8])
}

// refresh runs under the connection's lock.
func (m *Manager) refresh(ctx context.Context, s Service, r record, refused string) (*oauth.Token, record, error) {
	if token := m.takeUnsaved(r.ID); token != nil {
		return m.renewed(ctx, s, r, token, refused)
	}
	old, err := m.readToken(ctx, r)
	if err == nil {
		s, err = s.with(r.Values)
	}
	if err != nil {
		return nil, r, err
	}
	switch {
	case old.Refresh.IsEmpty():
		return m.giveUp(r, ranOut)
	case s.NeedsName != "":
		return m.later(r, old, r.Journal, refused, needsSecret(s))
	case s.Client.ID != r.ClientID:
		return m.otherClient(s, r, old, refused)
	}
	return m.sendRefresh(ctx, s, r, old, refused)
}

// sendRefresh sends the refresh token, and after a lost answer the same one once more.
func (m *Manager) sendRefresh(ctx context.Context, s Service, r record, old *oauth.Token, refused string) (*oauth.Token, record, error) {
	for {
		before := r.Journal
		if m.Network != nil {
			if err := m.Network.Settle(ctx); err != nil {
				return m.later(r, old, before, refused, err)
			}
		}
		var err error
		if r, err = m.noteSending(r, old); err != nil {
			return nil, r, err
		}
		if r.Journal.Sent > 2 {
			return m.giveUp(r, "The answer to a renewal was lost twice, so the access can no longer be renewed.")
		}
		token, refreshErr := m.HTTP.Refresh(ctx, s.Provider, s.Client, old)
		if refreshErr == nil {
			return m.renewed(ctx, s, r, token, refused)
		}
		class := oauth.ClassOf(refreshErr)
		m.Log.Warn("refreshing", "connection", r.ID, "class", string(class), "sent", r.Journal.Sent)
		switch class {
		case oauth.ClassLost, oauth.ClassMalformed:
			continue // once more with the same token, as the journal allows
		case oauth.ClassInvalidGrant:
			return m.refusedGrant(ctx, s, r, old)
		default:
			return m.later(r, old, before, refused, refreshErr)
		}
	}
}

// noteSending journals that the refresh token is about to be sent, on disk
// before it is. A token sent before by a process that died counts.
func (m *Manager) noteSending(r record, t *oauth.Token) (record, error) {
	hash := hashOf("refresh", t.Refresh.Reveal())
	return m.change(r, func(r *record) {
		sent := 0
		if r.Journal != nil && r.Journal.Token == hash {
			sent = r.Journal.Sent
		}
		if sent > 0 {
			r.Resent++
		}
		r.Journal = &journal{StartedAt: m.Now().UTC(), Sent: sent + 1, Token: hash}
	})
}

// renewed saves before anything uses the token. When that fails the token is
// kept in memory, because the old one may be worth nothing any more, and the
// next request tries to save it again.
func (m *Manager) renewed(ctx context.Context, s Service, r record, t *oauth.Token, refused string) (*oauth.Token, record, error) {
	now := m.Now().UTC()
	r, err := m.save(context.WithoutCancel(ctx), s, r, false, t, func(r *record) {
		r.Journal, r.RefreshedAt = nil, &now
		r.Refreshes++
		r.relieve(causeRefresh)
		r.regrant(s, t.Scopes)
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		m.unsaved[r.ID] = t
		return nil, r, fmt.Errorf("saving renewed tokens: %w", err)
	}
	delete(m.pauses, r.ID)
	if refused != "" {
		m.after[r.ID] = hashOf("access", t.Access.Reveal())
	}
	return t, r, nil
}

func (m *Manager) takeUnsaved(id string) *oauth.Token {
	m.mu.Lock()
	defer m.mu.Unlock()
	token := m.unsaved[id]
	delete(m.unsaved, id)
	return token
}
