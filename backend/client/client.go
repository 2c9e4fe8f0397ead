// Package client keeps the person's own apps: OAuth clients (RFC 6749, section 2)
// that the person registered at a provider, one for each, to be used by several
// agents.
//
// Id and secret are sealed. An app is used by no agent that was not granted it by
// name, and its secret goes to no other token address than that of the day it was
// kept. The package sends nothing.
package client

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"pie/backend/fault"
	"pie/backend/secret"
	"pie/backend/store"
)

// Verdicts of a check at the provider.
const (
	Accepted = "accepted"
	Refused  = "refused"
	Unknown  = "unknown" // the provider's answer does not tell
)

// Longest id and secret, in bytes. Some secrets are signed texts.
const (
	longestID     = 1 << 10
	longestSecret = 16 << 10
)

// Sealer seals a value for one place of one owner. The vault is one.
type Sealer interface {
	Seal(ctx context.Context, owner, field string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, owner, field string, sealed []byte) ([]byte, error)
}

// Check is what a provider said about an app.
type Check struct {
	Verdict string    `json:"verdict"` // accepted | refused | unknown
	Detail  string    `json:"detail"`  // a sentence for the person
	At      time.Time `json:"at"`
}

// App is one registered client, without its id and secret.
type App struct {
	Provider  string    `json:"provider"`
	TokenURL  string    `json:"token_url"` // where the secret may go
	HasSecret bool      `json:"has_secret"`
	Agents    []string  `json:"agents"` // who may use it, in order
	AddedAt   time.Time `json:"added_at"`
	Check     *Check    `json:"check"` // the last one, nil when it was never checked
}

// Granted tells whether the agent may use the app.
func (a App) Granted(agent string) bool { return slices.Contains(a.Agents, agent) }

// Credentials are what a provider knows an app by.
type Credentials struct {
	ID     string
	Secret secret.String // empty for a public client
}

// Valid says whether credentials can be sent at all (RFC 6749, appendix A): the
// texts are printable ASCII without spaces around them. Faults: invalid, limited.
func (c Credentials) Valid() error {
	for _, part := range []struct {
		name, text string
		longest    int
	}{{"client id", c.ID, longestID}, {"client secret", c.Secret.Reveal(), longestSecret}} {
		switch {
		case len(part.text) > part.longest:
			return fault.New(fault.Limited, fmt.Sprintf("The %s is longer than %d bytes.", part.name, part.longest), "Check that the right text was copied.")
		case strings.TrimSpace(part.text) != part.text || strings.ContainsFunc(part.text, unsendable):
			return fault.New(fault.Invalid, "The "+part.name+" holds characters that no "+part.name+" has.", "Copy it alone, without spaces or line breaks around it.")
		}
	}
	if c.ID == "" {
		return fault.New(fault.Invalid, "The client id is empty.", "Copy it from the page of your app at the service.")
	}
	return nil
}

func unsendable(r rune) bool { return r < 0x20 || r > 0x7e }

// record is an app in the file.
type record struct {
	App    App    `json:"app"`
	Sealed []byte `json:"sealed"`
}

// sealed is what Sealed holds.
type sealed struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
}

const (
	bucket = "clients"
	field  = "app"
)

func apps() store.Table[record] { return store.Table[record]{Bucket: bucket, Version: 1} }

// Apps keeps the apps of one home. It is safe for concurrent use.
type Apps struct {
	store  *store.Store
	sealer Sealer
	now    func() time.Time
}

// New makes Apps over st; now is time.Now when nil.
func New(st *store.Store, sealer Sealer, now func() time.Time) *Apps {
	if now == nil {
		now = time.Now
	}
	return &Apps{st, sealer, now}
}

// Put keeps an app, over an older one of the same provider, whose grants stay.
// Faults: those of Valid, locked.
func (a *Apps) Put(ctx context.Context, provider, tokenURL string, c Credentials, check *Check) (App, error) {
	if err := c.Valid(); err != nil {
		return App{}, err
	}
	plain, err := json.Marshal(sealed{c.ID, c.Secret.Reveal()}) // #nosec G117 -- for sealing, cleared below
	if err != nil {
		return App{}, fmt.Errorf("encoding app: %w", err)
	}
	box, err := a.sealer.Seal(ctx, provider, field, plain)
	clear(plain)
	if err != nil {
		return App{}, err
	}
	app := App{
		Provider: provider, TokenURL: tokenURL, HasSecret: !c.Secret.IsEmpty(), Agents: []string{},
		AddedAt: a.now().UTC().Truncate(time.Second), Check: check,
	}
	err = a.store.Update(func(tx *store.Tx) error {
		old, found, err := apps().Get(tx, provider)
		if err != nil {
			return err
		}
		if found {
			app.Agents = old.App.Agents
		}
		return apps().Put(tx, provider, record{app, box})
	})
	return app, err
}

// Credentials opens an app. Faults: not_found, locked.
func (a *Apps) Credentials(ctx context.Context, provider string) (Credentials, error) {
	r, found, err := a.read(provider)
	if err == nil && !found {
		err = None(provider)
	}
	if err != nil {
		return Credentials{}, err
	}
	plain, err := a.sealer.Open(ctx, provider, field, r.Sealed)
	if err != nil {
		return Credentials{}, err
	}
	defer clear(plain)
	var s sealed
	if err := json.Unmarshal(plain, &s); err != nil {
		return Credentials{}, fmt.Errorf("decoding app of %s", provider) // the library's text quotes values
	}
	return Credentials{s.ID, secret.New(s.Secret)}, nil
}

// None is the fault for a provider that the person has no app for.
func None(provider string) error {
	return fault.New(fault.NotFound, "You have no app of your own for "+provider+".", "Keep one with: pie client add "+provider)
}
