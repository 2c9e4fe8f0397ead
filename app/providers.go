package app

import (
	"pie/backend"
	"pie/backend/provider"
)

// Providers is the service of the catalogue.
type Providers struct{ backend *backend.Backend }

// ProviderRef names a provider.
type ProviderRef struct {
	ID string `json:"id"`
}

// ProviderInfo is a provider as people and scripts see it.
type ProviderInfo struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Status     string         `json:"status"`
	Checked    string         `json:"checked"` // proven | listed
	Redirect   []string       `json:"redirect"`
	APIHosts   []string       `json:"api_hosts"`
	Endpoints  EndpointInfo   `json:"endpoints"`
	ManageURL  *string        `json:"manage_url"`
	ConsoleURL *string        `json:"console_url"`
	Scopes     []ScopeInfo    `json:"scopes"`
	Category   []string       `json:"category"`
	Effort     string         `json:"effort"` // sign-in | token | setup | unreachable
	Note       string         `json:"note"`   // one sentence to know first, or ""
	Icon       string         `json:"icon"`   // simple-icons slug, "" for a letter
	DocsURL    *string        `json:"docs_url"`
	Setup      []string       `json:"setup"`     // steps to register an app; {redirect_uri} stands for the address
	Redirects  []RedirectInfo `json:"redirects"` // what to register for an app of your own, the preferred first
	TokenURL   *string        `json:"token_url"`
	TokenSteps []string       `json:"token_steps"` // steps to make a personal token, none when there is no such thing
	Origin     string         `json:"origin"`      // built-in | file
	AddedHosts []string       `json:"added_hosts"` // that a file of the person brought in

	// Parameters are what the person has to say of the account before a sign-in.
	// {key} stands for them in endpoints and hosts.
	Parameters []ParameterInfo `json:"parameters"`
}

// ParameterInfo is one thing that differs from account to account.
type ParameterInfo struct {
	Key     string   `json:"key"`
	Label   string   `json:"label"`
	Suffix  string   `json:"suffix"` // what comes after it where people see it: .zendesk.com
	Example string   `json:"example"`
	Choices []string `json:"choices"` // the only values there are, none when any that fits will do
	Default string   `json:"default"` // "" when the person must say
}

// EndpointInfo are the addresses of a provider's authorization server.
type EndpointInfo struct {
	Authorization string  `json:"authorization"`
	Token         string  `json:"token"`
	Device        *string `json:"device"`
	Revocation    *string `json:"revocation"`
	Registration  *string `json:"registration"` // where the program registers itself, so that no app is needed
}

// ScopeInfo is one scope in words.
type ScopeInfo struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	Risk  string `json:"risk"` // identity | read | write | send | admin | money, "" when not known
}

// List returns the catalogue.
func (s *Providers) List() ([]ProviderInfo, error) {
	out := []ProviderInfo{}
	for _, p := range s.backend.Catalog.List() {
		out = append(out, s.info(p))
	}
	return out, nil
}

// Show returns one provider. Fault: not_found.
func (s *Providers) Show(q ProviderRef) (ProviderInfo, error) {
	p, err := s.backend.Catalog.Get(q.ID)
	if err != nil {
		return ProviderInfo{}, err
	}
	return s.info(p), nil
}

// info is providerInfo with what a file of the person did to it.
func (s *Providers) info(p provider.Provider) ProviderInfo {
	info := overlaid(s.backend, p)
	info.Redirects = clientRedirects(s.backend, p)
	return info
}

// overlaid is providerInfo with what files of the person did to it, or to what it
// extends.
func overlaid(b *backend.Backend, p provider.Provider) ProviderInfo {
	info := providerInfo(p)
	for _, o := range b.Catalog.Overlays() {
		if !p.Custom && (o.ID == p.ID || o.ID == p.Extends) {
			info.Origin, info.AddedHosts = "file", append(info.AddedHosts, o.Hosts...)
		}
	}
	return info
}

func providerInfo(p provider.Provider) ProviderInfo {
	info := ProviderInfo{
		ID: p.ID, Name: p.Name, Status: p.Status, Checked: p.Checked, Redirect: p.RedirectKinds(),
		APIHosts: append([]string{}, p.API.Hosts...), ManageURL: orNull(p.Links.Manage), ConsoleURL: orNull(p.Links.Console),
		Endpoints: EndpointInfo{
			Authorization: p.Endpoints.Authorization, Token: p.Endpoints.Token,
			Device: orNull(p.Endpoints.Device), Revocation: orNull(p.Endpoints.Revocation.URL), Registration: orNull(p.Endpoints.Registration),
		},
		Redirects: []RedirectInfo{}, Scopes: []ScopeInfo{}, Category: append([]string{}, p.Category...), Effort: p.Effort, Note: p.Note, Icon: p.Icon,
		DocsURL: orNull(p.Links.Docs), Setup: append([]string{}, p.Setup...), TokenURL: orNull(p.Token.URL),
		TokenSteps: append([]string{}, p.Token.Steps...), Origin: "built-in", AddedHosts: []string{},
	}
	info.Parameters = []ParameterInfo{}
	for _, a := range p.Parameters {
		if a.From == provider.FromPerson {
			info.Parameters = append(info.Parameters, ParameterInfo{a.Key, a.Label, a.Suffix, a.Example, append([]string{}, a.Choices...), a.Default})
		}
	}
	for _, scope := range p.Scopes.Items {
		info.Scopes = append(info.Scopes, ScopeInfo{scope.ID, scope.Label, scope.Risk})
	}
	return info
}

func scopeInfos(p provider.Provider, scopes []string) []ScopeInfo {
	out := []ScopeInfo{}
	for _, id := range scopes {
		info := ScopeInfo{ID: id, Label: p.ScopeLabel(id)}
		for _, known := range p.Scopes.Items {
			if known.ID == id {
				info.Risk = known.Risk
			}
		}
		out = append(out, info)
	}
	return out
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
