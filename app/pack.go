package app

import (
	"context"

	"pie/backend"
	"pie/backend/agent"
)

// Packed is a package as one .pie file. Content is empty when a finding is an
// error.
type Packed struct {
	Agent    string          `json:"agent"`
	Version  string          `json:"version"`
	Hash     string          `json:"hash"`    // of what install will show
	Bundled  bool            `json:"bundled"` // the code was compiled to one script
	Content  []byte          `json:"content"` // base64 in JSON
	Findings []agent.Finding `json:"findings"`
}

// Pack makes a .pie file of a package; nothing is written or installed. Faults:
// not_found, limited; what is wrong in the package is a finding.
func (s *Agents) Pack(q InspectRequest) (Packed, error) {
	made, err := s.backend.Pack(context.Background(), backend.Source{Name: q.Source, Content: q.Content})
	if err != nil {
		return Packed{}, err
	}
	out := Packed{Bundled: made.Bundled, Content: made.Content, Findings: append([]agent.Finding{}, made.Findings...)}
	if p := made.Package; p != nil {
		out.Agent, out.Version, out.Hash = p.Name, p.Version, p.Hash
	}
	return out, nil
}
