package app

import (
	"context"

	"pie/backend"
	"pie/backend/agent"
)

// Check says what an author should know of a package, with places. Faults:
// not_found, offline, limited; what is wrong in the package is a finding.
func (s *Agents) Check(q InspectRequest) ([]agent.Finding, error) {
	found, err := s.backend.Check(context.Background(), backend.Source{Name: q.Source, Content: q.Content})
	if found == nil {
		found = []agent.Finding{}
	}
	return found, err
}
