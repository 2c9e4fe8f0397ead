package plugin

import (
	"slices"
	"strings"
)

// Permission is one thing an agent asks for, in words.
type Permission struct {
	Kind  string   `json:"kind"` // service | network | secret | call | model | schedule | warning
	Text  string   `json:"text"`
	Items []string `json:"items"`
}

// Words tells what a provider and its scopes are called for a person.
type Words interface {
	ProviderName(o *OAuth) string
	ScopeLabel(o *OAuth, scope string) string
	TokenHosts(o *OAuth) []string
}

// Permissions says in words all that the agent asks for.
func (p *Package) Permissions(words Words) []Permission {
	var out []Permission
	for _, key := range p.ServiceKeys() {
		service := p.Services()[key]
		items := []string{}
		for _, scope := range service.Scopes {
			items = append(items, words.ScopeLabel(service, scope))
		}
		if len(items) == 0 {
			items = append(items, "What you allow on "+words.ProviderName(service)+"'s own page")
		}
		items = append(items, "Requests with your access go only to "+strings.Join(words.TokenHosts(service), ", "))
		if service.PKCE == "off" {
			items = append(items, "Signs in without PKCE, a protection of the sign-in that every common service takes")
		}
		out = append(out, Permission{"service", "Use " + words.ProviderName(service) + " as you", items})
	}
	if hosts := p.ownHosts(words); len(hosts) > 0 {
		out = append(out, Permission{"network", "Send requests of its own, without your access, to", hosts})
	}
	if names := p.RunSecrets(); len(names) > 0 {
		out = append(out, Permission{"secret", "Read these values that you give it", names})
	}
	if calls := p.Calls(); len(calls) > 0 {
		out = append(out, Permission{"call", "Have other agents work for it, each with its own access and secrets", calls})
	} else if p.CallsTools() {
		out = append(out, Permission{"call", "Its code calls other agents, which it may do once you allow it", []string{"pie agent allow " + p.Name + " AGENT"}})
	}
	if p.Manifest.Automation != nil && len(p.Manifest.Automation.Triggers) > 0 {
		items := []string{}
		for _, trigger := range p.Manifest.Automation.Triggers {
			items = append(items, strings.TrimSpace(trigger.Type+" "+trigger.Description))
		}
		out = append(out, Permission{"schedule", "Run by itself, once you switch it on", items})
	}
	if p.PlansTasks() {
		out = append(out, Permission{"schedule", "Plan work for later, which runs once you switch that on", []string{"What it plans stands in pie automation list"}})
	}
	if len(p.Warnings) > 0 {
		out = append(out, Permission{"warning", "Worth knowing", p.Warnings})
	}
	return out
}

// ownHosts are the network hosts that no service of the agent reaches anyway.
func (p *Package) ownHosts(words Words) []string {
	var token []string
	for _, o := range p.Services() {
		token = append(token, words.TokenHosts(o)...)
	}
	return slices.DeleteFunc(p.NetworkHosts(), func(host string) bool {
		return slices.Contains(token, host) && !slices.Contains(p.Manifest.Network.Hosts, host)
	})
}

// NetworkHosts are the hosts that context.fetch may reach once approved: the
// declared ones and those written in the code, unless a custom service takes
// these for its token.
func (p *Package) NetworkHosts() []string {
	hosts := slices.Clone(p.Manifest.Network.Hosts)
	if p.hasCustom() {
		return hosts
	}
	return appendNew(hosts, p.FoundHosts)
}

// ServiceHosts are the hosts, beyond the provider's own, that may receive the
// service's token once approved: apiHosts and, for a custom provider, those
// written in the code.
func (p *Package) ServiceHosts(o *OAuth) []string {
	hosts := slices.Clone(o.APIHosts)
	if o.Provider != "custom" {
		return nil
	}
	return appendNew(hosts, p.FoundHosts)
}

func (p *Package) hasCustom() bool {
	for _, o := range p.Services() {
		if o.Provider == "custom" {
			return true
		}
	}
	return false
}

func appendNew(hosts, more []string) []string {
	for _, host := range more {
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// RunSecrets are the names of the secrets that the code may read, in order. Those
// that only name a client are not among them: the host uses them for the sign-in.
func (p *Package) RunSecrets() []string {
	names := []string{}
	clients := map[string]bool{}
	for _, o := range p.Services() {
		clients[o.ClientIDSecret], clients[o.ClientSecretSecret] = true, true
	}
	for name := range p.Secrets() {
		if !clients[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
