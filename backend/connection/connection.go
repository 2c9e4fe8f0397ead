// Package connection owns the life of a person's connection: sign-in, refresh,
// authorized requests, disconnecting. It is the only place where tokens are
// alive: they leave it in the Authorization header of a request to an allowed
// host, sealed into the store, and in no other way.
//
// A Manager is safe for concurrent use. There is one for each home; the door
// makes sure of that across processes, so one lock for each connection is enough
// to refresh once.
package connection

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/oauth"
	"pie/backend/outbox"
	"pie/backend/provider"
	"pie/backend/store"
)

// Statuses of a connection.
const (
	Connected      = "connected"
	NeedsMore      = "needs_more"
	NeedsReconnect = "needs_reconnect"
	NotConnected   = "not_connected"
)

// Access modes.
const (
	AccessFull = "full"
	AccessAsk  = "ask"
	AccessRead = "read"
)

// DefaultLoopbackPort is the port of the loopback redirect address.
const DefaultLoopbackPort = 53682

// Connection is what people and scripts see of a connection.
type Connection struct {
	ID          string         `json:"id"`
	Agent       string         `json:"agent"`
	Service     string         `json:"service"`
	Label       string         `json:"label"`
	Provider    string         `json:"provider"`
	Kind        string         `json:"kind"` // oauth | token
	Account     *oauth.Account `json:"account"`
	Status      string         `json:"status"`
	Access      string         `json:"access"`
	Scopes      Scopes         `json:"scopes"`
	ConnectedAt *time.Time     `json:"connected_at"`
	ExpiresAt   *time.Time     `json:"expires_at"`
	RefreshedAt *time.Time     `json:"refreshed_at"`
	LastUsedAt  *time.Time     `json:"last_used_at"`
	CheckedAt   *time.Time     `json:"checked_at"`
	Renews      bool           `json:"renews"` // what runs out is renewed without the person
	Refreshes   int            `json:"refreshes"`
	Resent      int            `json:"resent"` // renewals sent once more, because their answer was lost
	Problem     *fault.Problem `json:"problem"`

	// Parameters are what differs from account to account there, such as the
	// subdomain, given by the person or learnt; left out where nothing does.
	Parameters map[string]string `json:"parameters,omitempty"`
}

// Scopes are what was asked for and what was given.
type Scopes struct {
	Requested []string `json:"requested"`
	Granted   []string `json:"granted"`
}

// Service is one service of one agent, ready to be connected.
type Service struct {
	Agent      string
	Key        string
	Provider   provider.Provider
	Scopes     []string
	Client     oauth.Client     // empty until its secrets are needed and set
	Shared     bool             // the client is the person's own app, registered once for all agents
	HasApp     bool             // the person has an app there, granted to this agent or not
	Hosts      provider.HostSet // may receive the token
	NeedsName  string           // the first secret that is not set
	Registered bool             // the client was registered by request, for this service of this agent

	open   *opened           // before values were filled in; nil until then
	values map[string]string // that were filled in
}

// Agents tells the services of agents. It is asked at every request, never
// copied, so that a changed grant counts at once.
type Agents interface {
	Service(ctx context.Context, agent, key string) (Service, error)
	// Services are those of agent, of all agents when it is empty, without their
	// clients: listing needs no key.
	Services(ctx context.Context, agent string) ([]Service, error)
	NetworkHosts(ctx context.Context, agent string) (provider.HostSet, error)
}

// Vault seals tokens and pending flows for one place each.
type Vault interface {
	Seal(ctx context.Context, bucket, agent, connection string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, bucket, agent, connection string, sealed []byte) ([]byte, error)
	Shred(ctx context.Context, agent, connection string) error
}

// Deps are what a Manager needs. All but Network, the funcs and the numbers must be set.
type Deps struct {
	Store        *store.Store
	Vault        Vault
	Agents       Agents
	Outbox       *outbox.Outbox // keeps writes that wait for the person
	HTTP         *oauth.HTTP
	Network      Network           // asked before a refresh token is sent; may be nil
	Transport    http.RoundTripper // for tests; the guarded one when nil
	Open         func(ctx context.Context, url string) error
	Notify       func(kind, id string)
	Audit        func(history.AuditRow) error
	Connected    func(c Connection)                                            // runs onConnect
	Ended        func(ctx context.Context, agent, service string, forget bool) // after a connection was deleted
	Log          *slog.Logger                                                  // nothing is logged when nil
	Relay        func() string                                                 // address of the person's relay page, "" without one; may be nil
	LoopbackPort int                                                           // DefaultLoopbackPort when zero
	Now          func() time.Time
}

// Manager looks after all connections of one home.
type Manager struct {
	Deps

	mu       sync.Mutex
	locks    map[string]chan struct{} // by record key
	attempts map[string]*attempt      // by op

	// By connection id; all of it is lost without harm when the process ends.
	used     map[string]time.Time    // last uses not yet on disk
	pauses   map[string]pause        // refreshes that have to wait
	rests    map[string]time.Time    // until when the API wants to be left alone
	unsaved  map[string]*oauth.Token // renewed, but the store could not be written
	after    map[string]string       // hash of the access token that a 401 has brought
	schedule schedule                // nil until it is needed
	written  map[string]bool         // what is in writtenBucket, as far as it was needed

	shelf   shelf
	recent  recent
	buffers sync.Pool      // *[]byte, for reading answers
	working sync.WaitGroup // refreshes and exchanges under way

	plain   http.RoundTripper // for names the person allowed that lie in private ranges
	guarded http.RoundTripper
}

// New makes a Manager.
func New(d Deps) *Manager {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.LoopbackPort == 0 {
		d.LoopbackPort = DefaultLoopbackPort
	}
	if d.Notify == nil {
		d.Notify = func(string, string) {}
	}
	if d.Connected == nil {
		d.Connected = func(Connection) {}
	}
	if d.Ended == nil {
		d.Ended = func(context.Context, string, string, bool) {}
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	m := &Manager{
		Deps: d, locks: map[string]chan struct{}{}, attempts: map[string]*attempt{}, used: map[string]time.Time{},
		pauses: map[string]pause{}, rests: map[string]time.Time{}, unsaved: map[string]*oauth.Token{}, after: map[string]string{}, written: map[string]bool{},
		plain: d.Transport, guarded: d.Transport,
	}
	if d.Transport == nil {
		m.plain, m.guarded = newTransport(false), newTransport(true)
	}
	return m
}

// lock serialises all work on one connection's tokens. It gives up with ctx.
func (m *Manager) lock(ctx context.Context, key string) (unlock func(), err error) {
	m.mu.Lock()
	l := m.locks[key]
	if l == nil {
		l = make(chan struct{}, 1)
		m.locks[key] = l
	}
	m.mu.Unlock()
	select {
	case l <- struct{}{}:
		return func() { <-l }, nil
	case <-ctx.Done():
		return nil, stopped(ctx)
	}
}

func stopped(ctx context.Context) error {
	if fault.Is(ctx.Err(), fault.Limited) {
		return fault.Wrap(ctx.Err(), fault.Limited, "This took too long and was stopped.", "Try again.")
	}
	return fault.Wrap(ctx.Err(), fault.Canceled, "This was stopped before it finished.", "")
}

// Close waits for refreshes and exchanges under way, whose answers may be the
// only copy of a token, and writes what is only in memory. Begin nothing after.
func (m *Manager) Close() error {
	m.working.Wait()
	m.mu.Lock()
	used := m.used
	m.used = map[string]time.Time{}
	m.mu.Unlock()
	if len(used) == 0 {
		return nil
	}
	return m.Store.Update(func(tx *store.Tx) error {
		return eachRecord(tx, "", func(key string, r record) error {
			at, ok := used[r.ID]
			if !ok {
				return nil
			}
			r.LastUsedAt = &at
			return records().Put(tx, key, r)
		})
	})
}

// forgetMemory drops what is remembered of a connection that ends or begins anew.
func (m *Manager) forgetMemory(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.pauses, id)
	delete(m.rests, id)
	delete(m.unsaved, id)
	delete(m.after, id)
}
