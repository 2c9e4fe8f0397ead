package backend

import (
	"context"

	"pie/backend/inbox"
)

// Messages returns the newest messages of agents. A home without a vault has
// none, and asking does not make one. Fault: locked.
func (b *Backend) Messages(agent string, limit int) ([]inbox.Message, error) {
	if b.Vault.Status(context.Background()).State == "none" {
		return []inbox.Message{}, nil
	}
	return b.Inbox.List(context.Background(), agent, limit)
}

// ReadMessages marks messages as read or not; without ids all of the agent, or
// all, and returns how many. Fault: not_found.
func (b *Backend) ReadMessages(agent string, ids []string, read bool) (int, error) {
	changed, err := b.Inbox.SetRead(agent, ids, read)
	b.options.Notify("inbox", "")
	return changed, err
}

// RemoveMessages deletes messages, chosen as ReadMessages does. Fault: not_found.
func (b *Backend) RemoveMessages(agent string, ids []string) (int, error) {
	changed, err := b.Inbox.Remove(agent, ids)
	b.options.Notify("inbox", "")
	return changed, err
}
