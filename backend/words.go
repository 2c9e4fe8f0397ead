package backend

import (
	"slices"

	"pie/backend/plugin"
	"pie/backend/provider"
)

// Permissions says in words all that a package asks for.
func (b *Backend) Permissions(p *plugin.Package) []plugin.Permission {
	out := p.Permissions(words{b, p})
	if m, err := b.Model(); err == nil && p.UsesModel() {
		where := "The model is on this computer, at " + m.Address + "; change it with pie ai set"
		if !m.Local {
			where = "The words go to " + m.Address + ", which you set up"
		}
		out = append(out, plugin.Permission{Kind: "model", Text: "Show what it works on to a language model", Items: []string{where}})
	}
	return out
}

// ProviderOf resolves the provider of a manifest's block.
func (b *Backend) ProviderOf(block *plugin.OAuth) (provider.Provider, error) {
	return b.provider(block)
}

// words takes names and labels from the catalogue.
type words struct {
	b *Backend
	p *plugin.Package
}

func (w words) ProviderName(o *plugin.OAuth) string {
	if p, err := w.b.provider(o); err == nil {
		return p.Name
	}
	return o.Provider
}

func (w words) ScopeLabel(o *plugin.OAuth, scope string) string {
	if p, err := w.b.provider(o); err == nil {
		return p.ScopeLabel(scope)
	}
	return scope
}

// TokenHosts are the hosts that would receive the token if everything that is
// asked for were approved.
func (w words) TokenHosts(o *plugin.OAuth) []string {
	if o.Provider == practiceID {
		return []string{"the pretend service on this computer"}
	}
	p, err := w.b.provider(o)
	if err != nil {
		return nil
	}
	hosts := append([]string{}, p.API.Hosts...)
	for _, host := range w.p.ServiceHosts(o) {
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}
