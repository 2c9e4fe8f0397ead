package connection

import (
	"context"

	"pie/backend/provider"
)

// granted is what the agent of one run may use. Whoever removes the agent, changes
// its hosts or takes an app back writes to the store; to find it out anew for each
// request would read and hash the agent's whole folder each time.
type granted struct {
	services remembered[string, Service]
	network  remembered[string, provider.HostSet] // by agent
}

// service is the agent's service of that key. Faults: those of Agents.
func (s *Session) service(ctx context.Context, key string) (Service, error) {
	return s.granted.services.of(s.m.Store, key, func() (Service, error) {
		return s.m.Agents.Service(ctx, s.ref.Agent, key)
	})
}

// networkHosts are the hosts that context.fetch may reach. Faults: those of Agents.
func (s *Session) networkHosts(ctx context.Context) (provider.HostSet, error) {
	return s.granted.network.of(s.m.Store, s.ref.Agent, func() (provider.HostSet, error) {
		return s.m.Agents.NetworkHosts(ctx, s.ref.Agent)
	})
}
