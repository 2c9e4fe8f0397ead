package app

import (
	"context"
	"strings"

	"pie/backend"
	"pie/backend/connection"
	"pie/backend/fault"
)

// ConnectSheet is what a person sees before a sign-in.
type ConnectSheet struct {
	Agent         string                 `json:"agent"`
	AgentName     string                 `json:"agent_name"`
	Service       string                 `json:"service"`
	Account       string                 `json:"account"`
	Provider      ProviderInfo           `json:"provider"`
	Scopes        []ScopeInfo            `json:"scopes"`
	Hosts         []string               `json:"hosts"`
	Redirects     []RedirectInfo         `json:"redirects"`
	MissingSecret string                 `json:"missing_secret"` // "" when there is a client to sign in with
	Client        ConnectClient          `json:"client"`
	Setup         []string               `json:"setup"`
	Connection    *connection.Connection `json:"connection"`
}

// ConnectClient says by which app an agent signs in, and what other way there is.
type ConnectClient struct {
	Kind      string `json:"kind"`      // agent (its own) | app (the person's) | none (nothing yet)
	App       string `json:"app"`       // provider id for Clients.Add and Grant, "" where no app can be kept
	HasApp    bool   `json:"has_app"`   // the person has one there; with kind none: grant it
	Command   string `json:"command"`   // with kind none: what gives the agent a client other than its own
	Registers bool   `json:"registers"` // with kind agent: the program registers one by itself when the sign-in begins
}

func connectClient(s connection.Service) ConnectClient {
	out := ConnectClient{Kind: "agent", HasApp: s.HasApp, Registers: backend.Registers(s)}
	if s.Provider.TakesApps() && s.Provider.ID != "practice" {
		out.App = s.Provider.Base()
	}
	switch {
	case s.Shared:
		out.Kind = "app"
	case s.NeedsName != "" && !out.Registers:
		out.Kind = "none"
		if s.HasApp {
			out.Command = "pie client grant " + out.App + " " + s.Agent
		} else if out.App != "" {
			out.Command = "pie client add " + out.App
		}
	}
	return out
}

// RedirectInfo is one redirect address that can be registered at the provider.
type RedirectInfo struct {
	Service   string `json:"service"`
	Kind      string `json:"kind"`
	Address   string `json:"address"`
	Preferred bool   `json:"preferred"`
}

// Preview tells who would get what, and what is still missing. Faults: not_found,
// invalid, conflict.
func (s *Connections) Preview(q ConnectionRef) (ConnectSheet, error) {
	ctx := context.Background()
	p, _, err := s.backend.Agents.Get(q.Agent)
	if err != nil {
		return ConnectSheet{}, err
	}
	known, err := s.backend.Service(ctx, q.Agent, service(q.Service))
	if err != nil {
		return ConnectSheet{}, err
	}
	sheet := ConnectSheet{
		Agent: p.Name, AgentName: p.DisplayName, Service: known.Key, Account: q.Account, Provider: overlaid(s.backend, known.Provider),
		Scopes: scopeInfos(known.Provider, known.Scopes), Hosts: known.Hosts.Strings(),
		Redirects: redirects(s.backend.Connections, known), MissingSecret: known.NeedsName, Client: connectClient(known), Setup: []string{},
	}
	for _, host := range known.Provider.API.Hosts {
		if strings.Contains(host, "{") {
			sheet.Hosts = append(sheet.Hosts, host) // known once the person has said which
		}
	}
	if sheet.Client.Registers {
		sheet.MissingSecret = ""
	}
	if sheet.Client.App != "" {
		sheet.Provider.Redirects = clientRedirects(s.backend, known.Provider)
	}
	for _, step := range known.Provider.Setup {
		// A service without any redirect has no steps that name one.
		if len(sheet.Redirects) > 0 {
			step = strings.ReplaceAll(step, "{redirect_uri}", sheet.Redirects[0].Address)
		}
		sheet.Setup = append(sheet.Setup, step)
	}
	current, err := s.backend.Connections.Get(ctx, q.Agent, known.Key, q.Account)
	if err != nil {
		if !fault.Is(err, fault.NotFound) {
			return sheet, err
		}
		return sheet, nil
	}
	sheet.Connection = &current
	return sheet, nil
}

// redirects lists the addresses to register, the preferred kind first.
func redirects(m *connection.Manager, s connection.Service) []RedirectInfo {
	out := []RedirectInfo{}
	for i, kind := range s.Provider.RedirectKinds() {
		if kind == "device" {
			continue // has no address
		}
		out = append(out, RedirectInfo{Service: s.Key, Kind: kind, Address: m.RedirectURI(s, kind), Preferred: i == 0})
	}
	return out
}
