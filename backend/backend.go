// Package backend joins the rooms of one home: Open makes each in turn and hands
// it what it needs of the others, Close ends them in reverse. Rooms that need
// something of a neighbour say so in an interface of their own; the small types
// that satisfy these stand in this package and nowhere else.
//
// There is one Backend for each home; package door makes sure of that. Open
// touches no key: the vault is opened when a secret is first needed.
package backend

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"pie/backend/agent"
	"pie/backend/ai"
	"pie/backend/automation"
	"pie/backend/client"
	"pie/backend/connection"
	"pie/backend/files"
	"pie/backend/history"
	"pie/backend/inbox"
	"pie/backend/metadata"
	"pie/backend/oauth"
	"pie/backend/outbox"
	"pie/backend/paths"
	"pie/backend/plugin"
	"pie/backend/practice"
	"pie/backend/provider"
	"pie/backend/quiet"
	"pie/backend/secret"
	"pie/backend/settings"
	"pie/backend/store"
	"pie/backend/system"
	"pie/backend/vault"
)

// Options of Open. Paths and Env must be set; the funcs may be nil.
type Options struct {
	Paths         paths.Paths
	Env           paths.Environment
	Log           *slog.Logger
	OpenURL       func(ctx context.Context, url string) error
	AskPassphrase func(ctx context.Context) (secret.String, error)
	Notify        func(kind, id string) // a noun changed: connection, recovered (a connection is well again), client, attempt, agent, run, outbox, inbox, automation, practice, vault, settings
	Desktop       func(ctx context.Context, title, text string) error
	Surroundings  automation.Surroundings // the desktop's when nil
	Now           func() time.Time        // the clock that automations go by
}

// Backend is everything of one home. It is safe for concurrent use.
type Backend struct {
	Catalog     *provider.Catalog
	Agents      *plugin.Registry
	Secrets     *plugin.Secrets
	Vault       *vault.Vault
	Clients     *client.Apps
	History     *history.History
	Inbox       *inbox.Inbox
	Files       *files.Files
	Metadata    *metadata.Metadata
	AI          *ai.Client
	Connections *connection.Manager
	Outbox      *outbox.Outbox
	Runner      *agent.Runner
	Automations *automation.Loop // stands still until it is started

	options  Options
	desktop  *system.Desktop
	wake     *system.Wake
	tending  sync.WaitGroup // what goes on until life ends
	db       *store.Store
	auditDB  *store.Store
	settings struct {
		sync.Mutex
		settings.Settings
	}
	practice struct {
		sync.Mutex
		*practice.Server
	}
	planning sync.Mutex      // held from reading a task to changing it
	nested   []*agent.Runner // of agents that others call, by depth
	hours    *quiet.Hours
	webhooks webhooks
	trims    chan struct{}  // closed with the program
	hooks    sync.WaitGroup // runs of onConnect, notifications under way
	life     context.Context
	endLife  context.CancelFunc
}

// Open opens the home, making it when there is none. Faults: in_use, invalid (a
// settings or provider file), denied, internal.
func Open(ctx context.Context, o Options) (_ *Backend, err error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Notify == nil {
		o.Notify = func(string, string) {}
	}
	if err := o.Paths.Ensure(); err != nil {
		return nil, err
	}
	b := &Backend{options: o, desktop: system.New(o.Env)}
	b.life, b.endLife = context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		if err != nil {
			_ = b.Close()
		}
	}()
	if b.settings.Settings, err = settings.Load(o.Paths.SettingsFile()); err != nil {
		return nil, err
	}
	if b.Catalog, err = provider.Load(overlay(o.Paths.Providers())); err != nil {
		return nil, err
	}
	if b.db, err = store.Open(o.Paths.Database(), store.Options{}); err != nil {
		return nil, err
	}
	if b.auditDB, err = store.Open(o.Paths.AuditDB(), store.Options{PageSize: history.PageSize}); err != nil {
		return nil, err
	}
	b.join()
	if err = b.History.InterruptOpen(); err != nil {
		return nil, err
	}
	if err = b.Outbox.Recover(); err != nil {
		return nil, err
	}
	return b, nil
}

// overlay is the person's own folder of provider files, nil when there is none.
func overlay(dir string) fs.FS {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil
	}
	return os.DirFS(dir)
}

// join makes the rooms; none of them does any work yet.
func (b *Backend) join() {
	o := b.options
	b.Vault = vault.New(b.db, vault.Options{
		Source: vault.Source(o.Env.KeySource), Dir: o.Paths.Data,
		KeyFile: o.Env.KeyFile, PassphraseFile: o.Env.PassphraseFile, Ask: b.passphrase,
	})
	b.Agents = plugin.NewRegistry(b.db, o.Paths.Agents(), b.known)
	b.Secrets = plugin.NewSecrets(b.db, sealer{b.Vault, "agent-secrets", "secrets"})
	b.Clients = client.New(b.db, sealer{b.Vault, "clients", clientSlot}, nil)
	b.History = history.New(b.auditDB, sealer{b.Vault, "runs", "history"})
	b.History.Without(b.keepsNothing)
	b.trims = make(chan struct{})
	b.Inbox = inbox.New(b.auditDB, sealer{b.Vault, "inbox", "inbox"})
	b.hours = quiet.New(quiet.Options{Store: b.db, Now: b.now, Quiet: b.wantsQuiet, Tell: b.wasQuiet, Log: o.Log})
	b.Files = files.New(files.Options{Dir: o.Paths.Files()})
	b.AI = ai.New(b.observeModel)
	b.Metadata = metadata.New(b.db, sealer{b.Vault, "session-metadata", "metadata"})
	b.wake = system.NewWake(system.WakeOptions{Online: b.desktop.Online})
	b.Outbox = outbox.New(b.db, sealer{b.Vault, "outbox", "outbox"}, func(id string) { b.options.Notify("outbox", id) })
	b.Connections = connection.New(connection.Deps{
		Store: b.db, Vault: tokenVault{b.Vault}, Agents: services{b}, Outbox: b.Outbox, Network: b.wake,
		HTTP: oauth.NewHTTP(oauth.HTTPOptions{Transport: connection.TokenTransport()}), Open: b.OpenURL, Notify: o.Notify,
		Audit: b.History.AppendAudit, Connected: b.connected, Ended: b.disconnected, Log: o.Log, LoopbackPort: b.LoopbackPort(),
		Relay: func() string { return b.Settings().Relay },
	})
	b.Runner = agent.NewRunner(agent.Options{Log: o.Log})
	for range deepestCalls {
		b.nested = append(b.nested, agent.NewRunner(agent.Options{Log: o.Log}))
	}
	b.Automations = automation.New(automation.Options{
		Store: b.db, Runner: scheduler{b}, Log: o.Log,
		Notify: func(id string) { b.options.Notify("automation", id) }, Tell: b.tell, Surroundings: b.surroundings(), Now: o.Now,
	})
}

// LoopbackPort is the port of the loopback redirect address: the environment's,
// the settings', or the default.
func (b *Backend) LoopbackPort() int {
	if port := b.options.Env.LoopbackPort; port != 0 {
		return port
	}
	if port := b.Settings().LoopbackPort; port != 0 {
		return port
	}
	return connection.DefaultLoopbackPort
}

// Settings returns the preferences.
func (b *Backend) Settings() settings.Settings {
	b.settings.Lock()
	defer b.settings.Unlock()
	return b.settings.Settings
}

// Change applies fn to the preferences and saves them.
func (b *Backend) Change(fn func(*settings.Settings)) error {
	b.settings.Lock()
	defer b.settings.Unlock()
	next := b.settings.Settings
	fn(&next)
	if err := settings.Save(b.options.Paths.SettingsFile(), next); err != nil {
		return err
	}
	b.settings.Settings = next
	b.options.Notify("settings", "")
	return nil
}

// Paths returns the folders of this home.
func (b *Backend) Paths() paths.Paths { return b.options.Paths }

// Env returns the environment that this home was opened with.
func (b *Backend) Env() paths.Environment { return b.options.Env }

// Close cancels automations and waits for hooks under way, ends every room and
// closes the files.
func (b *Backend) Close() error {
	b.webhooks.stop()
	b.endTrim()
	if b.Automations != nil {
		b.Automations.Stop()
	}
	b.hooks.Wait()
	b.endLife()
	b.tending.Wait()
	var errs []error
	if b.Runner != nil {
		errs = append(errs, b.Runner.Close())
	}
	if b.AI != nil {
		b.AI.Close()
	}
	for _, r := range b.nested {
		errs = append(errs, r.Close())
	}
	if b.Connections != nil {
		errs = append(errs, b.Connections.Close())
	}
	b.practice.Lock()
	if b.practice.Server != nil {
		errs = append(errs, b.practice.Close())
	}
	b.practice.Unlock()
	for _, db := range []*store.Store{b.auditDB, b.db} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("closing home: %w", err)
	}
	return nil
}
