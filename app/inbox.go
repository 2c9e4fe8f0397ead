package app

import (
	"pie/backend"
	"pie/backend/inbox"
)

// Inbox is the service of what agents told the person. The messages have the
// shape {id, agent, run, at, read, cut, title, text}: text is Markdown in full,
// and cut tells that the agent wrote more than the 16 KB of a message. Event:
// inbox, with the id of a new message or "" when several changed.
type Inbox struct{ backend *backend.Backend }

// MessagesRequest chooses messages by their ids; without ids, all of Agent, or
// all there are when that is empty too.
type MessagesRequest struct {
	Agent string   `json:"agent"`
	IDs   []string `json:"ids"`
}

// ReadRequest marks messages as read, or as unread.
type ReadRequest struct {
	Agent  string   `json:"agent"`
	IDs    []string `json:"ids"`
	Unread bool     `json:"unread"`
}

// MessagesChanged tells how many messages were.
type MessagesChanged struct {
	Changed int `json:"changed"`
}

// List returns the newest messages. Fault: locked.
func (s *Inbox) List(q ListRequest) ([]inbox.Message, error) {
	return s.backend.Messages(q.Agent, limit(q.Limit))
}

// Read marks messages. Fault: not_found.
func (s *Inbox) Read(q ReadRequest) (MessagesChanged, error) {
	changed, err := s.backend.ReadMessages(q.Agent, q.IDs, !q.Unread)
	return MessagesChanged{changed}, err
}

// Remove deletes messages. Fault: not_found.
func (s *Inbox) Remove(q MessagesRequest) (MessagesChanged, error) {
	changed, err := s.backend.RemoveMessages(q.Agent, q.IDs)
	return MessagesChanged{changed}, err
}
