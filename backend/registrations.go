package backend

import (
	"context"
	"slices"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/plugin"
	"pie/backend/store"
)

// registration is a client that was registered by request for one service of one
// agent (RFC 7591).
type registration struct {
	TokenURL string    `json:"token_url"` // whose client it is
	Redirect string    `json:"redirect"`
	Sealed   []byte    `json:"sealed"`
	At       time.Time `json:"at"`
}

func registrations() store.Table[registration] {
	return store.Table[registration]{Bucket: "registrations", Version: 1}
}

func (b *Backend) registrationSealer() sealer { return sealer{b.Vault, "registrations", "client"} }

// registered is the client of the service. Fault: locked.
func (b *Backend) registered(ctx context.Context, s connection.Service) (reg oauth.Registration, kept registration, found bool, err error) {
	err = b.db.View(func(tx *store.Tx) (err error) {
		kept, found, err = registrations().Get(tx, s.Agent+"/"+s.Key)
		return err
	})
	if err != nil || !found || kept.TokenURL != s.Provider.GivesAt() {
		return reg, kept, false, err
	}
	plain, err := b.registrationSealer().Open(ctx, s.Agent, s.Key, kept.Sealed)
	if err != nil {
		return reg, kept, false, err
	}
	defer clear(plain)
	reg, err = oauth.DecodeRegistration(plain)
	return reg, kept, err == nil, err
}

// Registers tells that the program registers a client for the service by itself, so
// that nobody has to: the provider takes that, and there is no other client.
func Registers(s connection.Service) bool {
	takes := s.Provider.Endpoints.Registration != "" && len(s.Provider.Parameters) == 0
	return takes && !s.Shared && (s.NeedsName != "" || s.Client.ID == "" || s.Registered)
}

// Prepare does what must be done before a person's sign-in can begin: it asks an
// issuer for its addresses, and registers a client where the service takes that
// and there is no other. Faults: as connection.Manager.Connect.
func (b *Backend) Prepare(ctx context.Context, q connection.Request) error {
	p, _, err := b.Agents.Get(q.Agent)
	if err != nil {
		return err
	}
	key := q.Service
	if key == "" {
		key = plugin.DefaultService
	}
	block := p.Services()[key]
	if block == nil {
		return nil // connecting says what there is
	}
	if discovers(block) {
		if err := b.askIssuer(ctx, block.Issuer); err != nil {
			return err
		}
	}
	s, err := services{b}.Service(ctx, q.Agent, key)
	if err != nil {
		return err
	}
	if !Registers(s) {
		return nil
	}
	return b.ensureRegistered(ctx, s, q.Redirect)
}

// ensureRegistered keeps the client that a working connection was made with, and
// registers a new one otherwise: an old one may have run out at the service.
func (b *Backend) ensureRegistered(ctx context.Context, s connection.Service, kind string) error {
	kinds := s.Provider.RedirectKinds()
	if kind == "" && len(kinds) > 0 {
		kind = kinds[0]
	}
	if !slices.Contains(kinds, kind) {
		return nil // connecting says which kinds there are
	}
	redirect := ""
	if kind != "device" {
		redirect = b.Connections.RedirectURI(s, kind)
	}
	old, kept, found, err := b.registered(ctx, s)
	if err != nil {
		return err
	}
	working, err := b.working(ctx, s)
	if err != nil || found && kept.Redirect == redirect && working {
		return err
	}
	reg, err := b.Connections.HTTP.Register(ctx, s.Provider, redirect, s.Scopes)
	if err != nil {
		return err
	}
	plain, err := reg.Encode()
	if err != nil {
		return err
	}
	defer clear(plain)
	sealed, err := b.registrationSealer().Seal(ctx, s.Agent, s.Key, plain)
	if err == nil {
		err = b.db.Update(func(tx *store.Tx) error {
			return registrations().Put(tx, s.Agent+"/"+s.Key, registration{s.Provider.GivesAt(), redirect, sealed, time.Now().UTC()})
		})
	}
	if err != nil {
		return err
	}
	if found && !working {
		b.takeBack(ctx, old)
	}
	return nil
}

// working tells whether the service has a connection that its client still serves.
func (b *Backend) working(ctx context.Context, s connection.Service) (bool, error) {
	all, err := b.Connections.List(ctx, s.Agent)
	return slices.ContainsFunc(all, func(c connection.Connection) bool {
		return c.Service == s.Key && c.Kind == "oauth" && (c.Status == connection.Connected || c.Status == connection.NeedsMore)
	}), err
}

func (b *Backend) takeBack(ctx context.Context, reg oauth.Registration) {
	if err := b.Connections.HTTP.Unregister(ctx, reg); err != nil {
		b.options.Log.Warn("taking a registration back", "error", err)
	}
}

// disconnected takes the client of a service back with its last connection. Where the
// person only forgets, the service is told nothing.
func (b *Backend) disconnected(ctx context.Context, agent, key string, forget bool) {
	left := false
	all, err := b.Connections.List(ctx, agent)
	for _, c := range all {
		left = left || c.Service == key && c.ID != ""
	}
	if err != nil || left {
		return
	}
	s := connection.Service{Agent: agent, Key: key}
	var kept registration
	found := false
	err = b.db.View(func(tx *store.Tx) (err error) {
		kept, found, err = registrations().Get(tx, agent+"/"+key)
		return err
	})
	if err != nil || !found {
		return
	}
	s.Provider.Endpoints.Token = kept.TokenURL
	reg, _, found, err := b.registered(ctx, s)
	if found && !forget {
		b.takeBack(ctx, reg)
	}
	if fault.Is(err, fault.Locked) {
		return
	}
	err = b.db.Update(func(tx *store.Tx) error { return registrations().Delete(tx, agent+"/"+key) })
	if err != nil {
		b.options.Log.Warn("forgetting a registration", "error", err)
	}
}
