package connection

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/provider"
	"pie/backend/store"
)

// record is a connection in the file, without its tokens.
type record struct {
	ID          string            `json:"id"`
	Agent       string            `json:"agent"`
	Service     string            `json:"service"`
	Label       string            `json:"label"`
	Provider    string            `json:"provider"`
	TokenURL    string            `json:"token_url"` // who gave the tokens: they go to nobody else
	ClientID    string            `json:"client_id"`
	Values      map[string]string `json:"values,omitempty"` // of the provider's parameters
	App         string            `json:"app,omitempty"`    // made with the person's own app at this provider
	Kind        string            `json:"kind"`
	Account     *oauth.Account    `json:"account"`
	Status      string            `json:"status"`
	Access      string            `json:"access"`
	Requested   []string          `json:"requested"`
	Granted     []string          `json:"granted"`   // nil when the server did not say
	Renewable   bool              `json:"renewable"` // there is a refresh token
	ConnectedAt time.Time         `json:"connected_at"`
	ExpiresAt   *time.Time        `json:"expires_at"`
	RefreshedAt *time.Time        `json:"refreshed_at"`
	LastUsedAt  *time.Time        `json:"last_used_at"`
	CheckedAt   *time.Time        `json:"checked_at"`
	Refreshes   int               `json:"refreshes"`
	Resent      int               `json:"resent"` // refresh tokens sent once more after a lost answer
	Problem     *fault.Problem    `json:"problem"`
	Cause       string            `json:"cause"` // where Problem comes from, and so what ends it
	Journal     *journal          `json:"journal"`
	RenewBy     *time.Time        `json:"renew_by"` // unused so long, the refresh token would die soon after
	Ahead       time.Duration     `json:"ahead"`    // of this computer's clock, at the last token answer
}

// Causes of a problem.
const (
	causeRefresh = "refresh" // ends with a good refresh
	causeAPI     = "api"     // ends with a good request
	causeScopes  = "scopes"  // ends with a wider grant
	causeAccount = "account" // ends with a check
	causeClock   = "clock"   // ends with a token answer by a clock that agrees
	causeEnded   = "ended"   // ends with a new sign-in
	causeMoved   = "moved"   // ends when the agent names the old service again
)

// journal is written before a refresh token is sent and cleared when its answer
// is saved: what stands here may have been used up by the server.
type journal struct {
	StartedAt time.Time `json:"started_at"`
	Sent      int       `json:"sent"`  // how often this token was sent and not answered
	Token     string    `json:"token"` // a hash that tells tokens apart
}

const (
	tokenBucket = "tokens"
	flowBucket  = "flows"
)

func records() store.Table[record] { return store.Table[record]{Bucket: "connections", Version: 1} }

// recordKey is unambiguous: agents and services hold no slash, and Connect lets
// none into a label.
func recordKey(agent, service, label string) string { return agent + "/" + service + "/" + label }

func (r record) key() string { return recordKey(r.Agent, r.Service, r.Label) }

// status is the status now: a token that has run out and cannot be renewed needs
// the person, whether or not anybody has tried it.
func (r record) status(now time.Time) string {
	if r.ranOut(now) {
		return NeedsReconnect
	}
	return r.Status
}

func (r record) ranOut(now time.Time) bool {
	return r.Status != NeedsReconnect && !r.Renewable && r.ExpiresAt != nil && !now.Before(*r.ExpiresAt)
}

// madeBy tells whether the tokens are those of p. An update of the agent may
// point the service elsewhere; tokens never follow it there.
func (r record) madeBy(p provider.Provider) bool {
	return r.Provider == p.ID && r.TokenURL == p.GivesAt()
}

// misplaced tells whether the mark of an agent that names another service is there
// without reason, or is not there with one.
func (r *record) misplaced(p *provider.Provider) bool {
	made, marked := r.madeBy(*p), r.Cause == causeMoved
	return made == marked && (r.Status != NeedsReconnect || marked)
}

// ailing tells whether a person has been told of something wrong.
func (r record) ailing() bool { return r.Problem != nil || r.Status == NeedsReconnect }

func (r *record) trouble(cause string, problem *fault.Problem) { r.Problem, r.Cause = problem, cause }

func (r *record) relieve(causes ...string) {
	if slices.Contains(causes, r.Cause) {
		r.Problem, r.Cause = nil, ""
	}
}

// eachRecord collects first, because fn may write.
func eachRecord(tx *store.Tx, prefix string, fn func(key string, r record) error) error {
	type entry struct {
		key string
		r   record
	}
	var all []entry
	err := records().Each(tx, prefix, func(key string, r record) error {
		all = append(all, entry{key, r})
		return nil
	})
	for _, e := range all {
		err = cmp.Or(err, fn(e.key, e.r))
	}
	return err
}

func newID() string {
	raw := make([]byte, 10)
	_, _ = rand.Read(raw)
	return "c" + hex.EncodeToString(raw)
}

func (m *Manager) find(agent, service, label string) (r record, found bool, err error) {
	list, err := m.recordsOf(agent, service)
	for _, each := range list {
		if each.Label == label {
			return each, true, nil
		}
	}
	return r, false, err
}

// change applies fn to the record as it is in the file now.
func (m *Manager) change(r record, fn func(*record)) (record, error) {
	return m.write(r, false, func(_ *store.Tx, r *record) error { fn(r); return nil })
}

// write applies fn in one transaction. A record that is not there is made when
// create is set, and otherwise a fault: reconnect.
func (m *Manager) write(r record, create bool, fn func(*store.Tx, *record) error) (record, error) {
	var before, now record
	err := m.Store.Update(func(tx *store.Tx) error {
		current, found, err := m.shelf.get(tx, r.key())
		before = current
		switch {
		case err != nil:
			return err
		case !found && create:
			current = r
		case !found || current.ID != r.ID:
			return notConnected(r.Agent, r.Service)
		}
		if err := fn(tx, &current); err != nil {
			return err
		}
		now = current
		return records().Put(tx, r.key(), current)
	})
	if err != nil {
		return r, err
	}
	m.noteSchedule(now, false)
	m.Notify("connection", r.ID)
	if before.ailing() && !now.ailing() {
		m.Notify("recovered", r.ID)
	}
	return now, nil
}

// save writes tokens and the changed record in one transaction, on disk when it
// returns.
func (m *Manager) save(ctx context.Context, s Service, r record, create bool, t *oauth.Token, fn func(*record)) (record, error) {
	plain, err := t.Encode()
	if err != nil {
		return r, err
	}
	sealed, err := m.Vault.Seal(ctx, tokenBucket, r.Agent, r.ID, plain)
	clear(plain)
	if err != nil {
		return r, fmt.Errorf("sealing tokens: %w", err)
	}
	return m.write(r, create, func(tx *store.Tx, r *record) error {
		fn(r)
		r.ExpiresAt, r.Renewable = t.ExpiresAt, !t.Refresh.IsEmpty()
		r.RenewBy = renewBy(s, *r, t, m.Now())
		r.noteClock(t)
		return tx.Put(tokenBucket, r.ID, sealed)
	})
}

// readToken opens the tokens of a connection as they are in the file now.
func (m *Manager) readToken(ctx context.Context, r record) (*oauth.Token, error) {
	return m.openToken(ctx, r, nil)
}

// openToken is readToken, which asks the vault every time: a locked one gives
// nothing. What known has decoded of the same sealed bytes is not decoded again.
func (m *Manager) openToken(ctx context.Context, r record, known *tokens) (*oauth.Token, error) {
	sealed, err := m.sealedToken(r.ID)
	if err != nil {
		return nil, err
	}
	if sealed == nil {
		return nil, notConnected(r.Agent, r.Service)
	}
	plain, err := m.Vault.Open(ctx, tokenBucket, r.Agent, r.ID, sealed)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	return known.decode(r.ID, sealed, plain)
}
