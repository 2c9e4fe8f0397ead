package app

import (
	"context"
	"slices"
	"time"

	"pie/backend"
	"pie/backend/client"
	"pie/backend/connection"
	"pie/backend/provider"
	"pie/backend/secret"
)

// Clients is the service of the person's own apps.
type Clients struct{ backend *backend.Backend }

// Client is one of the person's own apps, without its id and secret.
type Client struct {
	Provider  string         `json:"provider"`
	Name      string         `json:"name"`
	HasSecret bool           `json:"has_secret"`
	AddedAt   time.Time      `json:"added_at"`
	Check     *client.Check  `json:"check"`  // {verdict: accepted|refused|unknown, detail, at}, null when never checked
	Agents    []ClientAgent  `json:"agents"` // who may use it
	Offers    []string       `json:"offers"` // agents that use the provider, and were not granted it
	Redirects []RedirectInfo `json:"redirects"`
}

// ClientAgent is an agent that was granted an app.
type ClientAgent struct {
	Agent     string `json:"agent"`
	Connected int    `json:"connected"` // connections made with the app, which end with it
}

// ClientRequest keeps an app.
type ClientRequest struct {
	Provider     string        `json:"provider"`
	ClientID     string        `json:"client_id"`
	ClientSecret secret.String `json:"client_secret"`
	NoCheck      bool          `json:"no_check"` // ask nothing of the provider
}

// ClientRef names an app by its provider.
type ClientRef struct {
	Provider string `json:"provider"`
}

// GrantRef names an agent's use of an app.
type GrantRef struct {
	Provider string `json:"provider"`
	Agent    string `json:"agent"`
}

// ClientEnded is what came of taking an app, or a grant of it, away.
type ClientEnded struct {
	Provider     string                    `json:"provider"`
	Removed      bool                      `json:"removed"` // the app itself, not just a grant
	Stopped      []string                  `json:"stopped"` // agents that could use it
	Disconnected []connection.Disconnected `json:"disconnected"`
}

// List returns the person's apps.
func (s *Clients) List() ([]Client, error) {
	apps, err := s.backend.Clients.List()
	if err != nil {
		return nil, err
	}
	out := []Client{}
	for _, app := range apps {
		shaped, err := s.shape(app)
		if err != nil {
			return nil, err
		}
		out = append(out, shaped)
	}
	return out, nil
}

func (s *Clients) shape(app client.App) (Client, error) {
	out := Client{
		Provider: app.Provider, Name: app.Provider, HasSecret: app.HasSecret, AddedAt: app.AddedAt, Check: app.Check,
		Agents: []ClientAgent{}, Offers: []string{}, Redirects: []RedirectInfo{},
	}
	if p, err := s.backend.Catalog.Get(app.Provider); err == nil {
		out.Name, out.Redirects = p.Name, clientRedirects(s.backend, p)
	}
	for _, agent := range app.Agents {
		made, err := s.backend.Connections.OfApp(app.Provider, agent)
		if err != nil {
			return out, err
		}
		out.Agents = append(out.Agents, ClientAgent{agent, len(made)})
	}
	names, err := s.backend.Agents.List()
	if err != nil {
		return out, err
	}
	for _, name := range names {
		uses, err := s.backend.Uses(name, app.Provider)
		if err == nil && uses && !slices.Contains(app.Agents, name) { // one that cannot be read uses nothing
			out.Offers = append(out.Offers, name)
		}
	}
	return out, nil
}

// clientRedirects are the addresses to register for an app at p, the preferred
// kind first; none where nobody can sign in from a computer of their own.
func clientRedirects(b *backend.Backend, p provider.Provider) []RedirectInfo {
	if !p.TakesApps() {
		return []RedirectInfo{}
	}
	out := redirects(b.Connections, connection.Service{Provider: p, Shared: true})
	for i := range out {
		out[i].Service = ""
	}
	return out
}

// Add keeps an app, over an older one of the same provider. Unless NoCheck is set
// the provider is asked first. Faults: not_found, invalid, limited, denied when
// the provider does not know the app, locked.
func (s *Clients) Add(q ClientRequest) (Client, error) {
	app, err := s.backend.AddClient(context.Background(), q.Provider, client.Credentials{ID: q.ClientID, Secret: q.ClientSecret}, !q.NoCheck)
	if err != nil {
		return Client{}, err
	}
	return s.shape(app)
}

// Check asks the provider now whether it knows the app. Faults: not_found,
// conflict, locked.
func (s *Clients) Check(q ClientRef) (Client, error) {
	app, err := s.backend.CheckClient(context.Background(), q.Provider)
	if err != nil {
		return Client{}, err
	}
	return s.shape(app)
}

// Grant lets an agent use an app. Faults: not_found, invalid.
func (s *Clients) Grant(q GrantRef) (Client, error) {
	app, err := s.backend.GrantClient(q.Provider, q.Agent)
	if err != nil {
		return Client{}, err
	}
	return s.shape(app)
}

// Revoke takes a grant back and ends what the agent has connected with it.
// Faults: not_found, locked.
func (s *Clients) Revoke(q GrantRef) (ClientEnded, error) {
	app, gone, err := s.backend.RevokeClient(context.Background(), q.Provider, q.Agent)
	return clientEnded(app, false, []string{q.Agent}, gone), err
}

// Remove ends what was connected with an app, and deletes it. Faults: not_found,
// locked.
func (s *Clients) Remove(q ClientRef) (ClientEnded, error) {
	app, gone, err := s.backend.RemoveClient(context.Background(), q.Provider)
	return clientEnded(app, true, app.Agents, gone), err
}

func clientEnded(app client.App, removed bool, agents []string, gone []connection.Disconnected) ClientEnded {
	out := ClientEnded{Provider: app.Provider, Removed: removed, Stopped: append([]string{}, agents...), Disconnected: gone}
	if out.Disconnected == nil {
		out.Disconnected = []connection.Disconnected{}
	}
	for _, each := range gone {
		for _, agent := range each.Stopped {
			if !slices.Contains(out.Stopped, agent) {
				out.Stopped = append(out.Stopped, agent)
			}
		}
	}
	return out
}
