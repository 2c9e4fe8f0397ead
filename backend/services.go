package backend

import (
	"context"
	"slices"
	"strings"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/plugin"
	"pie/backend/practice"
	"pie/backend/provider"
)

// practiceID is the provider that lives in the program itself.
const practiceID = "practice"

// known tells whether a manifest may name the provider.
func (b *Backend) known(id string) bool { return id == practiceID || b.Catalog.Has(id) }

// Practice starts the practice provider, once.
func (b *Backend) Practice(ctx context.Context) (*practice.Server, error) {
	b.practice.Lock()
	defer b.practice.Unlock()
	if b.practice.Server != nil {
		return b.practice.Server, nil
	}
	server, err := practice.Start(context.WithoutCancel(ctx), practice.Options{File: b.options.Paths.PracticeFile()})
	if err != nil {
		return nil, err
	}
	b.practice.Server = server
	return server, nil
}

// RunningPractice is the practice provider if it runs, else nil.
func (b *Backend) RunningPractice() *practice.Server {
	b.practice.Lock()
	defer b.practice.Unlock()
	return b.practice.Server
}

// services tells connections what agents want. It reads the registry at every
// question, so that a changed grant counts at once.
type services struct{ b *Backend }

// Service returns a service with its client. Faults: not_found, conflict (the
// agent's files were changed), invalid, denied (mixed addresses), locked.
func (s services) Service(ctx context.Context, agent, key string) (connection.Service, error) {
	out, block, err := s.describe(agent, key)
	if err != nil {
		return out, err
	}
	if block.Provider == practiceID {
		return s.practice(ctx, out)
	}
	if out.Shared {
		return s.withApp(ctx, out)
	}
	return s.withClient(ctx, out, block)
}

// practice starts the practice provider, whose client is built in.
func (s services) practice(ctx context.Context, out connection.Service) (connection.Service, error) {
	server, err := s.b.Practice(ctx)
	if err != nil {
		return out, err
	}
	out.Provider = provider.Practice(server.URL())
	out.Client = oauth.Client{ID: server.ClientID(), Secret: server.ClientSecret()}
	out.Hosts, err = provider.ParseHosts(out.Provider.API.Hosts)
	return out, err
}

// Services returns the services of one agent, or of all when agent is empty,
// without their clients: no key is needed. Broken agents are left out.
func (s services) Services(ctx context.Context, agent string) ([]connection.Service, error) {
	names := []string{agent}
	if agent == "" {
		var err error
		if names, err = s.b.Agents.List(); err != nil {
			return nil, err
		}
	}
	out := []connection.Service{}
	for _, name := range names {
		p, _, err := s.b.Agents.Get(name)
		if err != nil {
			if agent != "" {
				return nil, err
			}
			continue
		}
		for _, key := range p.ServiceKeys() {
			service, block, err := s.describe(name, key)
			if err == nil && block.Provider == practiceID {
				service, err = s.practice(ctx, service) // its address is known only while it runs
			}
			if err == nil {
				out = append(out, service)
			}
		}
	}
	return out, nil
}

// NetworkHosts are the hosts that context.fetch of the agent may reach.
func (s services) NetworkHosts(_ context.Context, agent string) (provider.HostSet, error) {
	_, installed, err := s.b.Agents.Get(agent)
	if err != nil {
		return nil, err
	}
	return provider.ParseHosts(installed.Approved.Hosts)
}

// describe is a service without its client.
func (s services) describe(agent, key string) (connection.Service, *plugin.OAuth, error) {
	p, installed, err := s.b.Agents.Get(agent)
	if err != nil {
		return connection.Service{}, nil, err
	}
	block := p.Services()[key]
	if block == nil {
		return connection.Service{}, nil, noService(p, key)
	}
	known, err := s.b.provider(block)
	if err != nil {
		return connection.Service{}, nil, err
	}
	hosts, err := provider.ParseHosts(append(known.FixedHosts(), installed.Approved.APIHosts[key]...))
	if err != nil {
		return connection.Service{}, nil, err
	}
	out := connection.Service{Agent: agent, Key: key, Provider: known, Scopes: block.Scopes, Hosts: hosts}
	out.HasApp, out.Shared, err = s.app(out, block)
	return out, block, err
}

func noService(p *plugin.Package, key string) error {
	if len(p.ServiceKeys()) == 0 {
		return fault.New(fault.Invalid, p.Name+" uses no service that could be connected.", "It can be run as it is.")
	}
	return fault.New(fault.NotFound, p.Name+" has no service named "+quote(key)+".",
		"Its services are: "+strings.Join(p.ServiceKeys(), ", ")+".")
}

// provider resolves a manifest's block: a catalogue id, the practice provider
// (which is not started for that), or custom addresses. Hosts that the person
// approved are added by the caller.
func (b *Backend) provider(block *plugin.OAuth) (provider.Provider, error) {
	switch block.Provider {
	case practiceID:
		if server := b.RunningPractice(); server != nil {
			return provider.Practice(server.URL()), nil
		}
		return provider.Practice("http://127.0.0.1"), nil
	case "custom":
		spec := provider.CustomSpec{
			Name: block.ProviderName, AuthorizationURL: block.AuthorizationURL, TokenURL: block.TokenURL,
			UserInfoURL: block.UserInfoURL, RevokeURL: block.RevokeURL, DeviceURL: block.DeviceAuthorizationURL, Issuer: block.Issuer,
			PKCE: block.PKCE, TokenAuth: block.TokenAuth, AuthorizationParams: block.AuthorizationParams,
		}
		if discovers(block) {
			found, known := b.discovered(spec)
			if !known {
				return unasked(spec)
			}
			spec = found
		}
		return b.Catalog.Custom(spec)
	}
	return b.Catalog.Get(block.Provider)
}

// withClient reads the client's id and secret from the agent's own secrets.
func (s services) withClient(ctx context.Context, out connection.Service, block *plugin.OAuth) (connection.Service, error) {
	if block.ClientIDSecret == "" {
		return s.withRegistration(ctx, out, "")
	}
	names := []string{block.ClientIDSecret, block.ClientSecretSecret}
	if block.TokenAuth == "none" {
		names = names[:1]
	}
	for i, name := range names {
		if name == "" {
			continue
		}
		value, err := s.b.Secrets.Get(ctx, out.Agent, name)
		if err != nil {
			return out, err
		}
		if value.IsEmpty() && i == 0 && out.Provider.Endpoints.Registration != "" {
			return s.withRegistration(ctx, out, name)
		}
		if value.IsEmpty() && (i == 0 || !optionalSecret(out, block)) {
			out.NeedsName = name
			return out, nil
		}
		if i == 0 {
			out.Client.ID = value.Reveal() // a client id is public (RFC 6749, section 2.2)
		} else {
			out.Client.Secret = value
		}
	}
	return out, nil
}

// withRegistration takes the client that was registered by request; name is the
// secret that an app registered by hand would be kept in.
func (s services) withRegistration(ctx context.Context, out connection.Service, name string) (connection.Service, error) {
	reg, _, found, err := s.b.registered(ctx, out)
	if err != nil {
		return out, err
	}
	out.Client, out.Registered = reg.Client, found
	if !found {
		out.NeedsName = name
	}
	return out, nil
}

// optionalSecret: a provider that also takes public clients needs no secret.
func optionalSecret(s connection.Service, block *plugin.OAuth) bool {
	return slices.Contains(s.Provider.Client.Auth, "none") || block.TokenAuth == "none"
}

// MissingSecret is the first required secret of the agent that has no value, ""
// when all have one. Secrets that name a client are asked for at Connect.
func (b *Backend) MissingSecret(p *plugin.Package) (string, error) {
	set, err := b.Secrets.Names(p.Name)
	if err != nil {
		return "", err
	}
	for _, name := range p.RunSecrets() {
		if p.Secrets()[name].Required && !set[name] {
			return name, nil
		}
	}
	return "", nil
}
