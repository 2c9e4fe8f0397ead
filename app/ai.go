package app

import (
	"context"

	"pie/backend"
	"pie/backend/secret"
)

// AI is the service of the language model that agents may ask. Event: settings.
type AI struct {
	backend *backend.Backend
	ops     *Operations
}

// AISettings is how the model is set up. Address is that of a server which
// speaks the OpenAI API; an empty Model takes the server's first.
type AISettings struct {
	Address string   `json:"address"`
	Model   string   `json:"model"`
	KeySet  bool     `json:"key_set"`
	Local   bool     `json:"local"`  // on this computer: no word leaves it
	Off     bool     `json:"off"`    // no agent may ask it
	Agents  []string `json:"agents"` // installed ones whose code asks a model
}

// AIRequest changes what is there; what is null stays. An empty address is the
// default one, an empty key removes it. A key goes with the host it was given
// for: another host forgets it.
type AIRequest struct {
	Address *string        `json:"address"`
	Model   *string        `json:"model"`
	Key     *secret.String `json:"key"`
	Off     *bool          `json:"off"`
}

// Show returns how the model is set up. The server is not asked.
func (s *AI) Show() (AISettings, error) {
	m, err := s.backend.Model()
	if err != nil {
		return AISettings{}, err
	}
	names, err := s.backend.Agents.List()
	if err != nil {
		return AISettings{}, err
	}
	out := AISettings{m.Address, m.Name, m.KeySet, m.Local, m.Off, []string{}}
	for _, name := range names {
		// One that cannot be read cannot run either.
		if p, _, err := s.backend.Agents.Get(name); err == nil && p.UsesModel() {
			out.Agents = append(out.Agents, name)
		}
	}
	return out, nil
}

// Set changes how the model is set up. Faults: invalid, locked.
func (s *AI) Set(q AIRequest) (AISettings, error) {
	if err := s.backend.SetModel(context.Background(), backend.ModelChange{Address: q.Address, Name: q.Model, Key: q.Key, Off: q.Off}); err != nil {
		return AISettings{}, err
	}
	return s.Show()
}

// Models asks the server for its models. Faults: offline, denied, invalid, locked.
func (s *AI) Models(q OpRef) ([]string, error) {
	ctx, done, err := s.ops.begin(q.Op)
	if err != nil {
		return nil, err
	}
	defer done()
	return s.backend.Models(ctx)
}
