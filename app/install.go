package app

import (
	"context"
	"slices"
	"strings"

	"pie/backend"
	"pie/backend/fault"
	"pie/backend/plugin"
)

// InspectRequest names a package to look at. With Content (the bytes of a .pie
// file) Source is just the file's name.
type InspectRequest struct {
	Source  string `json:"source"` // sample:NAME, a file or folder, an https address
	Content []byte `json:"content"`
}

// InstallRequest installs what a person has looked at and approved.
type InstallRequest struct {
	Source   string              `json:"source"`
	Content  []byte              `json:"content"`
	Hash     string              `json:"hash"` // of the sheet that was approved
	Hosts    []string            `json:"hosts"`
	APIHosts map[string][]string `json:"api_hosts"`
	Calls    []string            `json:"calls"` // agents that it may call
	Link     bool                `json:"link"`
	Clients  []string            `json:"clients"` // providers whose app of the person is granted, of those on the sheet
}

// InstallSheet says what an agent asks for before it is installed.
type InstallSheet struct {
	Agent       Agent               `json:"agent"`
	Hash        string              `json:"hash"`
	Permissions []plugin.Permission `json:"permissions"`
	Hosts       []string            `json:"hosts"`     // asked for context.fetch
	APIHosts    map[string][]string `json:"api_hosts"` // service -> hosts asked for its token, beyond the provider's own
	Calls       []string            `json:"calls"`     // agents that it asks to call
	Update      *Update             `json:"update"`
	Needs       []string            `json:"needs"`   // what the person still has to do, in words
	Clients     []string            `json:"clients"` // providers whose app the person has and could grant it
}

// Update says how a package differs from the installed one.
type Update struct {
	From    string   `json:"from"`
	To      string   `json:"to"`
	Added   []string `json:"added"`
	Removed []string `json:"removed"`
}

// Sample is a bundled agent.
type Sample struct {
	Name        string   `json:"name"`
	DisplayName string   `json:"display_name"`
	Description string   `json:"description"`
	Tier        string   `json:"tier"`
	Installed   bool     `json:"installed"`
	Effort      string   `json:"effort"` // none | token | setup
	Services    []string `json:"services"`
}

// Samples returns the bundled agents.
func (s *Agents) Samples() ([]Sample, error) {
	packages, err := s.backend.Samples()
	if err != nil {
		return nil, err
	}
	installed, err := s.backend.Agents.List()
	if err != nil {
		return nil, err
	}
	out := []Sample{}
	for _, p := range packages {
		sample := Sample{
			Name: p.Name, DisplayName: p.DisplayName, Description: p.Description, Tier: p.Tier,
			Installed: slices.Contains(installed, p.Name), Effort: effort(p), Services: []string{},
		}
		for _, key := range p.ServiceKeys() {
			sample.Services = append(sample.Services, p.Services()[key].Provider)
		}
		out = append(out, sample)
	}
	return out, nil
}

// effort is what stands between installing an agent and its first result: a
// one-time set-up at a provider's console, a key to paste, or nothing.
func effort(p *plugin.Package) string {
	for _, service := range p.Services() {
		if service.ClientIDSecret != "" {
			return "setup"
		}
	}
	if len(p.RunSecrets()) > 0 {
		return "token"
	}
	return "none"
}

// Inspect reads a package and says what it asks for; nothing is installed.
// Faults: not_found, invalid, limited, offline, denied.
func (s *Agents) Inspect(q InspectRequest) (InstallSheet, error) {
	ctx := context.Background()
	p, err := s.backend.Load(ctx, backend.Source{Name: q.Source, Content: q.Content})
	if err != nil {
		return InstallSheet{}, err
	}
	agent, err := s.agent(p, p.NetworkHosts())
	if err != nil {
		return InstallSheet{}, err
	}
	sheet := InstallSheet{
		Agent: agent, Hash: p.Hash, Permissions: s.backend.Permissions(p),
		Hosts: append([]string{}, p.NetworkHosts()...), APIHosts: map[string][]string{}, Needs: s.needs(p, agent),
		Calls: append([]string{}, p.Calls()...),
	}
	for _, key := range p.ServiceKeys() {
		if hosts := p.ServiceHosts(p.Services()[key]); len(hosts) > 0 {
			sheet.APIHosts[key] = hosts
		}
	}
	offers, err := s.backend.Offers(p)
	if err != nil {
		return InstallSheet{}, err
	}
	sheet.Clients = append([]string{}, offers.Bases...)
	sheet.Update = s.update(p, sheet.Permissions)
	return sheet, nil
}

// needs lists what the person still has to do after installing.
func (s *Agents) needs(p *plugin.Package, agent Agent) []string {
	needs := []string{}
	offers, err := s.backend.Offers(p)
	if err != nil {
		offers = backend.Offers{} // what else is needed is told all the same
	}
	for _, base := range offers.Bases {
		needs = append(needs, "Let it use the app that you have: pie client grant "+base+" "+p.Name)
	}
	for _, each := range agent.Secrets {
		if each.Required && !each.Set && !slices.Contains(offers.Covered, each.Name) {
			text := "Set " + each.Name
			if each.Description != "" {
				text += " (" + each.Description + ")"
			}
			needs = append(needs, text+": pie secret set "+p.Name+" "+each.Name)
		}
	}
	for _, service := range agent.Services {
		command := "pie connect " + p.Name
		if service.Key != plugin.DefaultService {
			command += " --service " + service.Key
		}
		needs = append(needs, "Connect "+s.backend.ProviderName(p.Services()[service.Key])+": "+command)
	}
	if m, err := s.backend.Model(); err == nil && m.Off && p.UsesModel() {
		needs = append(needs, "Turn the language model on, which you turned off: pie ai set --on")
	}
	return needs
}

// update compares with the installed version, if there is one.
func (s *Agents) update(p *plugin.Package, permissions []plugin.Permission) *Update {
	old, installed, err := s.backend.Agents.Get(p.Name)
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		// The installed files are broken or changed: everything counts as new.
		return &Update{From: installed.Version, To: p.Version, Added: flat(permissions), Removed: []string{}}
	}
	before, after := flat(s.backend.Permissions(old)), flat(permissions)
	return &Update{From: old.Version, To: p.Version, Added: without(after, before), Removed: without(before, after)}
}

func flat(permissions []plugin.Permission) []string {
	out := []string{}
	for _, permission := range permissions {
		for _, item := range permission.Items {
			out = append(out, strings.TrimSpace(permission.Text+": "+item))
		}
	}
	return out
}

func without(list, known []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(item string) bool { return slices.Contains(known, item) })
}

// Install keeps the package as approved. Faults: those of Inspect; conflict when
// the package is no longer the one that was shown, or older than the installed.
// A grant that fails is told after the agent is installed.
func (s *Agents) Install(q InstallRequest) (Agent, error) {
	p, err := s.backend.Install(context.Background(), backend.Source{Name: q.Source, Content: q.Content}, q.Hash,
		plugin.Approved{Hosts: q.Hosts, APIHosts: q.APIHosts, Calls: q.Calls}, q.Link)
	if err != nil {
		return Agent{}, err
	}
	for _, provider := range q.Clients {
		if _, err := s.backend.GrantClient(provider, p.Name); err != nil {
			return Agent{}, err
		}
	}
	return s.agent(p, q.Hosts)
}
