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
	"pie/backend/store"
)

// record is a connection in the file, without its tokens.
type record struct {
	ID          string         `json:"id"`
	Agent       string         `json:"agent"`
	Service     string         `json:"service"`
	Label       string         `json:"label"`
	Provider    string         `json:"provider"`
	Kind        string         `json:"kind"`
	Account     *oauth.Account `json:"account"`
	Status      string         `json:"status"`
	Access      string         `json:"access"`
	Requested   []string       `json:"requested"`
	Granted     []string       `json:"granted"` // nil when the server did not say
	ConnectedAt time.Time      `json:"connected_at"`
	ExpiresAt   *time.Time     `json:"expires_at"`
	RefreshedAt *time.Time     `json:"refreshed_at"`
	LastUsedAt  *time.Time     `json:"last_used_at"`
	CheckedAt   *time.Time     `json:"checked_at"`
	Refreshes   int            `json:"refreshes"`
	Problem     *fault.Problem `json:"problem"`
	Journal     *journal       `json:"journal"`
}

// journal is written before a refresh token is sent and cleared when its answer
// is saved: what stands here may have been used up by the server.
type journal struct {
	StartedAt time.Time `json:"started_at"`
	Sent      int       `json:"sent"`  // how often this token was sent
	Token     string    `json:"token"` // a hash that tells tokens apart
}

const (
	tokenBucket = "tokens"
	flowBucket  = "flows"
)

func records() store.Table[record] { return store.Table[record]{Bucket: "connections", Version: 1} }

func recordKey(agent, service, label string) string { return agent + "/" + service + "/" + label }

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
	err = m.Store.View(func(tx *store.Tx) error {
		r, found, err = records().Get(tx, recordKey(agent, service, label))
		return err
	})
	return r, found, err
}

// change applies fn to the record as it is in the file now.
func (m *Manager) change(r record, fn func(*record)) (record, error) {
	key := recordKey(r.Agent, r.Service, r.Label)
	var now record
	err := m.Store.Update(func(tx *store.Tx) error {
		current, found, err := records().Get(tx, key)
		if err != nil {
			return err
		}
		if !found || current.ID != r.ID {
			return notConnected(r.Agent, r.Service)
		}
		fn(&current)
		now = current
		return records().Put(tx, key, current)
	})
	if err == nil {
		m.Notify("connection", r.ID)
	}
	return now, err
}

// readToken opens the tokens of a connection as they are in the file now.
func (m *Manager) readToken(ctx context.Context, r record) (*oauth.Token, error) {
	var sealed []byte
	err := m.Store.View(func(tx *store.Tx) error {
		sealed = tx.Get(tokenBucket, r.ID)
		return nil
	})
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
	return oauth.DecodeToken(plain)
}

// save writes tokens and record in one transaction, on disk when it returns.
func (m *Manager) save(ctx context.Context, r record, t *oauth.Token) error {
	plain, err := t.Encode()
	if err != nil {
		return err
	}
	sealed, err := m.Vault.Seal(ctx, tokenBucket, r.Agent, r.ID, plain)
	clear(plain)
	if err != nil {
		return fmt.Errorf("sealing tokens: %w", err)
	}
	err = m.Store.Update(func(tx *store.Tx) error {
		if err := tx.Put(tokenBucket, r.ID, sealed); err != nil {
			return err
		}
		return records().Put(tx, recordKey(r.Agent, r.Service, r.Label), r)
	})
	if err == nil {
		m.Notify("connection", r.ID)
	}
	return err
}

func notConnected(agent, service string) error {
	hint := "Run pie connect " + agent
	if service != "default" {
		hint += " --service " + service
	}
	return fault.New(fault.Reconnect, fmt.Sprintf("%s is not connected.", agent), hint+".")
}

// shape is the record for people.
func (m *Manager) shape(r record) Connection {
	c := Connection{
		ID: r.ID, Agent: r.Agent, Service: r.Service, Label: r.Label, Provider: r.Provider, Kind: r.Kind,
		Account: r.Account, Status: r.Status, Access: r.Access,
		Scopes:      Scopes{list(r.Requested), list(r.Granted)},
		ConnectedAt: &r.ConnectedAt, ExpiresAt: r.ExpiresAt, RefreshedAt: r.RefreshedAt,
		LastUsedAt: r.LastUsedAt, CheckedAt: r.CheckedAt, Refreshes: r.Refreshes, Problem: r.Problem,
	}
	if r.Granted == nil {
		c.Scopes.Granted = list(r.Requested) // RFC 6749, section 5.1: silence means all
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if at, ok := m.used[r.ID]; ok {
		c.LastUsedAt = &at
	}
	return c
}

func list(in []string) []string {
	if in == nil {
		return []string{}
	}
	return slices.Clone(in)
}

// List returns the connections of agent, or of all when it is empty, and the
// services that have none yet.
func (m *Manager) List(ctx context.Context, agent string) ([]Connection, error) {
	services, err := m.Agents.ServiceKeys(ctx, agent)
	if err != nil {
		return nil, err
	}
	out, seen := []Connection{}, map[string]bool{}
	err = m.Store.View(func(tx *store.Tx) error {
		return records().Each(tx, "", func(_ string, r record) error {
			if agent == "" || r.Agent == agent {
				out = append(out, m.shape(r))
				seen[r.Agent+"/"+r.Service] = true
			}
			return nil
		})
	})
	for name, keys := range services {
		for _, key := range keys {
			if seen[name+"/"+key] {
				continue
			}
			empty := Connection{Agent: name, Service: key, Kind: "oauth", Status: NotConnected, Access: AccessFull, Scopes: Scopes{[]string{}, []string{}}}
			if service, err := m.Agents.Service(ctx, name, key); err == nil {
				empty.Provider, empty.Scopes.Requested = service.Provider.ID, list(service.Scopes)
			}
			out = append(out, empty)
		}
	}
	slices.SortFunc(out, func(a, b Connection) int {
		return cmp.Or(cmp.Compare(a.Agent, b.Agent), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Label, b.Label))
	})
	return out, err
}

// SetAccess changes what a connection may be used for. Faults: not_found,
// invalid.
func (m *Manager) SetAccess(agent, service, label, access string) (Connection, error) {
	if !slices.Contains([]string{AccessFull, AccessAsk, AccessRead}, access) {
		return Connection{}, fault.New(fault.Invalid, "The access must be full, ask or read.", "Use one of the three words.")
	}
	r, found, err := m.find(agent, service, label)
	if err == nil && !found {
		err = noConnection(agent)
	}
	if err != nil {
		return Connection{}, err
	}
	r, err = m.change(r, func(r *record) { r.Access = access })
	return m.shape(r), err
}

func noConnection(agent string) error {
	return fault.New(fault.NotFound, fmt.Sprintf("%s has no such connection.", agent), "Run pie connections to see them.")
}
