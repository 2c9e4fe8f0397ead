package connection

import (
	"context"
	"sync"

	"pie/backend/provider"
)

// granted is what the agent of one run may use, good while nothing is written to
// the store: whoever removes the agent, changes its hosts or takes an app back
// writes. To find it out anew for each request would read and hash the agent's
// whole folder each time.
type granted struct {
	mu       sync.Mutex
	version  uint64 // of the store
	services map[string]Service
	network  *provider.HostSet
}

// at locks, and forgets what was found at another version. The caller unlocks.
func (g *granted) at(version uint64) {
	g.mu.Lock()
	if g.services == nil || g.version != version {
		g.version, g.services, g.network = version, map[string]Service{}, nil
	}
}

// service is the agent's service of that key. Faults: those of Agents.
func (s *Session) service(ctx context.Context, key string) (Service, error) {
	version := s.m.Store.Version()
	s.granted.at(version)
	known, found := s.granted.services[key]
	s.granted.mu.Unlock()
	if found {
		return known, nil
	}
	service, err := s.m.Agents.Service(ctx, s.ref.Agent, key)
	if err == nil && s.m.Store.Version() == version {
		s.granted.at(version)
		s.granted.services[key] = service
		s.granted.mu.Unlock()
	}
	return service, err
}

// networkHosts are the hosts that context.fetch may reach. Faults: those of Agents.
func (s *Session) networkHosts(ctx context.Context) (provider.HostSet, error) {
	version := s.m.Store.Version()
	s.granted.at(version)
	known := s.granted.network
	s.granted.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	hosts, err := s.m.Agents.NetworkHosts(ctx, s.ref.Agent)
	if err == nil && s.m.Store.Version() == version {
		s.granted.at(version)
		s.granted.network = &hosts
		s.granted.mu.Unlock()
	}
	return hosts, err
}
