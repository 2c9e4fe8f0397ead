package backend

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"pie/backend/client"
	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/plugin"
	"pie/backend/provider"
)

// clientSlot names the data keys of the person's own apps, one for each provider.
const clientSlot = "clients"

// app tells whether the person has an app where a service signs in, and whether
// the agent uses it: it was granted, and has no client id of its own.
func (s services) app(out connection.Service, block *plugin.OAuth) (has, shared bool, err error) {
	if block.Provider == practiceID || !out.Provider.TakesApps() {
		return false, false, nil
	}
	kept, has, err := s.b.Clients.Get(out.Provider.Base())
	if err != nil || !has || !kept.Granted(out.Agent) {
		return has, false, err
	}
	set, err := s.b.Secrets.Names(out.Agent)
	return has, !set[block.ClientIDSecret], err
}

// withApp takes the client from the person's app. Faults: locked; conflict when
// the provider's token address is another than the one it was kept for.
func (s services) withApp(ctx context.Context, out connection.Service) (connection.Service, error) {
	base := out.Provider.Base()
	kept, _, err := s.b.Clients.Get(base)
	if err != nil {
		return out, err
	}
	if kept.TokenURL != out.Provider.GivesAt() {
		return out, fault.New(fault.Conflict, "The addresses of "+out.Provider.Name+" were changed since you kept your app, so its secret was not used.",
			"Look at them with pie provider show "+base+", and keep the app again if they are right: pie client add "+base)
	}
	c, err := s.b.Clients.Credentials(ctx, base)
	out.Client = oauth.Client{ID: c.ID, Secret: c.Secret}
	return out, err
}

// appProvider is the provider that an app can be kept for. Faults: not_found, invalid.
func (b *Backend) appProvider(id string) (provider.Provider, error) {
	if id == practiceID {
		return provider.Provider{}, fault.New(fault.Invalid, "The practice provider brings its own app.", "Connect an agent to it: pie connect practice-notes")
	}
	p, err := b.Catalog.Get(id)
	if err == nil && p.Extends != "" {
		p, err = b.Catalog.Get(p.Base())
	}
	if err == nil && !p.TakesApps() {
		err = fault.New(fault.Invalid, p.Name+" lets nobody sign in from a computer of their own, so there is no app to keep.", "See what it takes: pie provider show "+p.ID)
	}
	return p, err
}

// ClientRedirect is the address to register for the person's app at p, of the
// kind that p prefers.
func (b *Backend) ClientRedirect(p provider.Provider) string {
	return b.Connections.RedirectURI(connection.Service{Provider: p, Shared: true}, p.RedirectKinds()[0])
}

// AddClient keeps the person's app. With check the provider is asked first, and an
// app that it does not know is not kept. Faults: not_found, invalid, limited,
// denied, locked.
func (b *Backend) AddClient(ctx context.Context, id string, c client.Credentials, check bool) (client.App, error) {
	p, err := b.appProvider(id)
	if err == nil {
		err = c.Valid()
	}
	if err == nil && c.Secret.IsEmpty() && !public(p) {
		err = fault.New(fault.Invalid, p.Name+" gives an app a secret, and there is none here.", "Copy the client secret as well.")
	}
	if err != nil {
		return client.App{}, err
	}
	var checked *client.Check
	if check {
		found := b.askClient(ctx, p, c)
		if checked = &found; found.Verdict == client.Refused {
			return client.App{}, fault.New(fault.Denied, found.Detail+" Nothing was kept.",
				"Copy both once more from "+orWords(p.Links.Console, "the service's page")+", or keep them unchecked with --no-check.")
		}
	}
	kept, err := b.Clients.Put(ctx, p.ID, p.GivesAt(), c, checked)
	b.options.Notify("client", p.ID)
	return kept, err
}

// public tells whether the provider takes apps without a secret.
func public(p provider.Provider) bool {
	return slices.Contains(p.Client.Auth, "none") || slices.Contains(p.Client.Auth, "basic-empty")
}

func orWords(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (b *Backend) askClient(ctx context.Context, p provider.Provider, c client.Credentials) client.Check {
	if strings.Contains(p.Endpoints.Token, "{") {
		return client.Check{
			Verdict: client.Unknown, At: time.Now().UTC().Truncate(time.Second),
			Detail: p.Name + " has another address for each account, so it can only be asked when an agent signs in.",
		}
	}
	verdict := b.Connections.HTTP.CheckClient(ctx, p, oauth.Client{ID: c.ID, Secret: c.Secret}, b.ClientRedirect(p))
	out := client.Check{Verdict: client.Unknown, Detail: verdict.Detail, At: time.Now().UTC().Truncate(time.Second)}
	switch {
	case verdict.Known == nil:
	case *verdict.Known:
		out.Verdict = client.Accepted
	default:
		out.Verdict = client.Refused
	}
	return out
}

// CheckClient asks the provider now whether it knows the app, and keeps what it
// said. Faults: not_found, conflict, locked.
func (b *Backend) CheckClient(ctx context.Context, id string) (client.App, error) {
	p, kept, err := b.client(id)
	if err == nil && kept.TokenURL != p.GivesAt() {
		err = fault.New(fault.Conflict, "The addresses of "+p.Name+" were changed since you kept your app, so its secret was not used.", "Keep it again if they are right: pie client add "+p.ID)
	}
	if err != nil {
		return kept, err
	}
	c, err := b.Clients.Credentials(ctx, p.ID)
	if err != nil {
		return kept, err
	}
	kept, err = b.Clients.Note(p.ID, b.askClient(ctx, p, c))
	b.options.Notify("client", p.ID)
	return kept, err
}

// client is a kept app with its provider. An app whose provider is gone from the
// catalogue comes with an empty one.
func (b *Backend) client(id string) (provider.Provider, client.App, error) {
	p, err := b.appProvider(id)
	if err != nil {
		p = provider.Provider{ID: id, Name: id}
	}
	kept, found, readErr := b.Clients.Get(p.ID)
	switch {
	case readErr != nil:
		return p, kept, readErr
	case !found && err != nil:
		return p, kept, err
	case !found:
		return p, kept, client.None(p.ID)
	}
	return p, kept, nil
}

// GrantClient lets an agent use the person's app. Faults: not_found, invalid when
// the agent does not use that provider.
func (b *Backend) GrantClient(id, agent string) (client.App, error) {
	p, kept, err := b.client(id)
	if err != nil {
		return kept, err
	}
	uses, err := b.Uses(agent, p.ID)
	if err == nil && !uses {
		err = fault.New(fault.Invalid, agent+" does not use "+p.Name+".", "See what it uses: pie agent show "+agent)
	}
	if err != nil {
		return kept, err
	}
	kept, err = b.Clients.Grant(p.ID, agent)
	b.options.Notify("client", p.ID)
	return kept, err
}

// Uses tells whether a service of the agent signs in at the provider. Faults:
// not_found, conflict.
func (b *Backend) Uses(agent, id string) (bool, error) {
	p, _, err := b.Agents.Get(agent)
	if err != nil {
		return false, err
	}
	return slices.Contains(b.Bases(p), id), nil
}

// Bases are the providers at which an agent could use an app of the person.
func (b *Backend) Bases(p *plugin.Package) []string {
	out := []string{}
	for _, key := range p.ServiceKeys() {
		known, err := b.provider(p.Services()[key])
		if err == nil && known.TakesApps() && known.ID != practiceID && !slices.Contains(out, known.Base()) {
			out = append(out, known.Base())
		}
	}
	return out
}

// RevokeClient takes a grant back and ends what the agent has connected with it.
// Faults: not_found; locked, before anything is done.
func (b *Backend) RevokeClient(ctx context.Context, id, agent string) (client.App, []connection.Disconnected, error) {
	p, kept, err := b.client(id)
	if err == nil && !kept.Granted(agent) {
		_, err = b.Clients.Revoke(p.ID, agent) // says that there is none
	}
	if err != nil {
		return kept, nil, err
	}
	gone, err := b.Connections.DisconnectApp(ctx, p.ID, agent, false)
	b.addAllStops(gone)
	if err != nil {
		return kept, gone, err
	}
	kept, err = b.Clients.Revoke(p.ID, agent)
	b.options.Notify("client", p.ID)
	return kept, gone, err
}

// RemoveClient ends all that was connected with the app, then deletes it and the
// key that it was sealed with. Faults: not_found; locked, before anything is done.
func (b *Backend) RemoveClient(ctx context.Context, id string) (client.App, []connection.Disconnected, error) {
	p, kept, err := b.client(id)
	if err != nil {
		return kept, nil, err
	}
	gone, err := b.Connections.DisconnectApp(ctx, p.ID, "", true)
	b.addAllStops(gone)
	if err != nil {
		return kept, gone, err
	}
	if err := b.Clients.Remove(p.ID); err != nil {
		return kept, gone, err
	}
	if err := b.Vault.Shred(ctx, p.ID, clientSlot); err != nil {
		return kept, gone, fmt.Errorf("destroying key of app: %w", err)
	}
	b.options.Notify("client", p.ID)
	return kept, gone, nil
}
