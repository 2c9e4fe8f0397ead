package backend

import (
	"context"

	"pie/backend/connection"
	"pie/backend/history"
	"pie/backend/plugin"
	"pie/backend/secret"
)

// Service returns one service of an agent, ready to be connected. Faults:
// not_found, conflict, invalid, denied, locked.
func (b *Backend) Service(ctx context.Context, agent, key string) (connection.Service, error) {
	return services{b}.Service(ctx, agent, key)
}

// Services returns the services of an agent without their clients.
func (b *Backend) Services(ctx context.Context, agent string) ([]connection.Service, error) {
	return services{b}.Services(ctx, agent)
}

// ProviderName is what a person calls the provider of a block.
func (b *Backend) ProviderName(block *plugin.OAuth) string { return words{b: b}.ProviderName(block) }

// SetSecret keeps a value. Faults: invalid for an empty one, locked.
func (b *Backend) SetSecret(ctx context.Context, agent, name string, value secret.String) error {
	err := b.Secrets.Set(ctx, agent, name, value)
	if err == nil {
		b.options.Notify("agent", agent)
	}
	return err
}

// RemoveSecret deletes a value; there need not be one.
func (b *Backend) RemoveSecret(agent, name string) error {
	err := b.Secrets.Remove(agent, name)
	if err == nil {
		b.options.Notify("agent", agent)
	}
	return err
}

// Runs returns the newest runs. A home without a vault has none, and asking does
// not make one.
func (b *Backend) Runs(agent string, limit int) ([]history.Run, error) {
	if b.Vault.Status(context.Background()).State == "none" {
		return []history.Run{}, nil
	}
	return b.History.Runs(context.Background(), agent, limit)
}

// FindRun returns one run. Faults: not_found, locked.
func (b *Backend) FindRun(id string) (history.Run, error) {
	return b.History.Run(context.Background(), id)
}

// FirstRun tells whether nothing was ever installed here.
func (b *Backend) FirstRun() (bool, error) {
	names, err := b.Agents.List()
	return len(names) == 0, err
}
