package app

import (
	"context"

	"pie/backend"
)

// Receipts say in plain words what connections were used for: {connection, text,
// reads, writes, failed, blocked, checks, hosts:[{host, reads, writes}], last_read,
// last_write, unused:[scope], read_only:[scope], cannot_tell:[scope], nudge,
// partial}. Fault: not_found.
func (s *Connections) Receipts(q AgentRef) ([]backend.ConnectionReceipt, error) {
	if q.Agent != "" {
		if _, _, err := s.backend.Agents.Get(q.Agent); err != nil {
			return nil, err
		}
	}
	return s.backend.Receipts(context.Background(), q.Agent)
}
