package app

import (
	"cmp"
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"time"

	"pie/backend"
	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/plugin"
	"pie/backend/secret"
)

// Agents is the service of installed and bundled agents.
type Agents struct{ backend *backend.Backend }

// Agent is an agent as people and scripts see it.
type Agent struct {
	Name        string           `json:"name"`
	DisplayName string           `json:"display_name"`
	Version     string           `json:"version"`
	Description string           `json:"description"`
	Tier        string           `json:"tier"`
	Functions   []string         `json:"functions"`
	Services    []AgentService   `json:"services"`
	Secrets     []AgentSecret    `json:"secrets"`
	Hosts       []string         `json:"hosts"` // that context.fetch may reach
	Automations []plugin.Trigger `json:"automations"`
	Warnings    []string         `json:"warnings"`
}

// AgentService is one service the agent uses.
type AgentService struct {
	Key      string   `json:"key"`
	Provider string   `json:"provider"`
	Scopes   []string `json:"scopes"`
}

// AgentSecret is one declared secret; its value is never shown.
type AgentSecret struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Required    bool   `json:"required"`
	Set         bool   `json:"set"`
}

// AgentDetail is all about one installed agent.
type AgentDetail struct {
	Agent       Agent               `json:"agent"`
	Tool        *plugin.Tool        `json:"tool"`
	Permissions []plugin.Permission `json:"permissions"`
	Redirects   []RedirectInfo      `json:"redirects"`
	TokenHosts  map[string][]string `json:"token_hosts"`
	Link        string              `json:"link"`
	InstalledAt time.Time           `json:"installed_at"`
	UserConfig  json.RawMessage     `json:"user_config"`
	Calls       []string            `json:"calls"` // agents that it may call
	Files       AgentFiles          `json:"files"`
}

// AgentFiles is what an agent keeps as files. The person finds them in Folder,
// which is there once there are any.
type AgentFiles struct {
	Folder string `json:"folder"`
	Count  int    `json:"count"`
	Bytes  int64  `json:"bytes"`
}

// SecretRequest sets a secret of an agent.
type SecretRequest struct {
	Agent string        `json:"agent"`
	Name  string        `json:"name"`
	Value secret.String `json:"value"`
}

// SecretRef names a secret of an agent.
type SecretRef struct {
	Agent string `json:"agent"`
	Name  string `json:"name"`
}

// ConfigRequest sets what the code reads as context.userConfig.
type ConfigRequest struct {
	Agent  string          `json:"agent"`
	Config json.RawMessage `json:"config"`
}

// Removed is what came of removing an agent.
type Removed struct {
	Agent        string                    `json:"agent"`
	Disconnected []connection.Disconnected `json:"disconnected"`
}

// List returns the installed agents. One whose files cannot be read stands there
// with the reason among its warnings.
func (s *Agents) List() ([]Agent, error) {
	names, err := s.backend.Agents.List()
	if err != nil {
		return nil, err
	}
	out := []Agent{}
	for _, name := range names {
		p, installed, err := s.backend.Agents.Get(name)
		if err != nil {
			problem := fault.Public(err)
			out = append(out, Agent{
				Name: name, DisplayName: name, Functions: []string{}, Services: []AgentService{}, Secrets: []AgentSecret{},
				Hosts: []string{}, Automations: []plugin.Trigger{}, Warnings: []string{problem.Message + " " + problem.Hint},
			})
			continue
		}
		agent, err := s.agent(p, installed.Approved.Hosts)
		if err != nil {
			return nil, err
		}
		out = append(out, agent)
	}
	return out, nil
}

// Show returns all about one installed agent. Faults: not_found, conflict.
func (s *Agents) Show(q AgentRef) (AgentDetail, error) {
	p, installed, err := s.backend.Agents.Get(q.Agent)
	if err != nil {
		return AgentDetail{}, err
	}
	agent, err := s.agent(p, installed.Approved.Hosts)
	if err != nil {
		return AgentDetail{}, err
	}
	detail := AgentDetail{
		Agent: agent, Tool: p.Manifest.Tool, Permissions: s.backend.Permissions(p), Redirects: []RedirectInfo{},
		TokenHosts: map[string][]string{}, Link: installed.Link, InstalledAt: installed.InstalledAt, UserConfig: installed.UserConfig,
		Calls: append([]string{}, installed.Approved.Calls...),
	}
	if detail.UserConfig == nil {
		detail.UserConfig = json.RawMessage("{}")
	}
	services, err := s.backend.Services(context.Background(), p.Name)
	if err != nil {
		return AgentDetail{}, err
	}
	if detail.Files, err = s.files(p.Name); err != nil {
		return AgentDetail{}, err
	}
	for _, each := range services {
		detail.Redirects = append(detail.Redirects, redirects(s.backend.Connections, each)...)
		detail.TokenHosts[each.Key] = each.Hosts.Strings()
	}
	return detail, nil
}

// agent is the shape of a package; hosts are those that were approved.
func (s *Agents) agent(p *plugin.Package, hosts []string) (Agent, error) {
	set, err := s.backend.Secrets.Names(p.Name)
	if err != nil {
		return Agent{}, err
	}
	agent := Agent{
		Name: p.Name, DisplayName: p.DisplayName, Version: p.Version, Description: p.Description, Tier: p.Tier,
		Functions: p.Functions(), Services: []AgentService{}, Secrets: []AgentSecret{},
		Hosts: append([]string{}, hosts...), Automations: []plugin.Trigger{}, Warnings: append([]string{}, p.Warnings...),
	}
	for _, key := range p.ServiceKeys() {
		block := p.Services()[key]
		agent.Services = append(agent.Services, AgentService{key, block.Provider, append([]string{}, block.Scopes...)})
	}
	for name, spec := range p.Secrets() {
		agent.Secrets = append(agent.Secrets, AgentSecret{name, spec.Description, spec.Required, set[name]})
	}
	slices.SortFunc(agent.Secrets, func(a, b AgentSecret) int { return cmp.Compare(a.Name, b.Name) })
	if p.Manifest.Automation != nil {
		agent.Automations = append(agent.Automations, p.Manifest.Automation.Triggers...)
	}
	return agent, nil
}

// SecretSet keeps a value. Faults: not_found (agent, or a name that it does not
// declare), invalid, locked.
func (s *Agents) SecretSet(q SecretRequest) error {
	if err := s.declares(q.Agent, q.Name); err != nil {
		return err
	}
	return s.backend.SetSecret(context.Background(), q.Agent, q.Name, q.Value)
}

// SecretRemove deletes a value.
func (s *Agents) SecretRemove(q SecretRef) error {
	if err := s.declares(q.Agent, q.Name); err != nil {
		return err
	}
	return s.backend.RemoveSecret(q.Agent, q.Name)
}

func (s *Agents) declares(agent, name string) error {
	p, _, err := s.backend.Agents.Get(agent)
	if err != nil {
		return err
	}
	if _, ok := p.Secrets()[name]; !ok {
		return fault.New(fault.NotFound, agent+" has no secret named "+name+".", "Run pie secret list "+agent+" to see what it takes.")
	}
	return nil
}

// SetConfig keeps what the code reads as context.userConfig.
func (s *Agents) SetConfig(q ConfigRequest) error { return s.backend.SetConfig(q.Agent, q.Config) }

func (s *Agents) files(agent string) (AgentFiles, error) {
	list, err := s.backend.Files.List(agent)
	out := AgentFiles{Folder: filepath.Join(s.backend.Paths().Files(), agent), Count: len(list)}
	for _, each := range list {
		out.Bytes += each.Size
	}
	return out, err
}

// CallsRequest sets which agents an agent may call.
type CallsRequest struct {
	Agent string   `json:"agent"`
	Calls []string `json:"calls"` // in place of those before
}

// AllowCalls sets which agents the agent may call, and returns them. Faults:
// not_found, invalid.
func (s *Agents) AllowCalls(q CallsRequest) ([]string, error) {
	if err := s.backend.AllowCalls(q.Agent, q.Calls); err != nil {
		return nil, err
	}
	_, installed, err := s.backend.Agents.Get(q.Agent)
	return append([]string{}, installed.Approved.Calls...), err
}

// Remove disconnects, deletes secrets and files, and keeps history.
func (s *Agents) Remove(q AgentRef) (Removed, error) {
	gone, err := s.backend.Remove(context.Background(), q.Agent)
	if gone == nil {
		gone = []connection.Disconnected{}
	}
	return Removed{q.Agent, gone}, err
}
