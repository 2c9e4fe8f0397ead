// Package inbox keeps what agents tell the person: every message in full, until
// the person removes it. Title and text are people's mail, so they are sealed.
package inbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"pie/backend/fault"
	"pie/backend/store"
)

// Sealer seals a text for one field of one agent. The vault is one.
type Sealer interface {
	Seal(ctx context.Context, agent, field string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, agent, field string, sealed []byte) ([]byte, error)
}

// Message is one message. Text is Markdown; Cut tells that the agent wrote more
// than the 16 KB that are kept.
type Message struct {
	ID    string    `json:"id"`
	Agent string    `json:"agent"`
	Run   string    `json:"run"`
	At    time.Time `json:"at"`
	Read  bool      `json:"read"`
	Cut   bool      `json:"cut"`
	Title string    `json:"title"`
	Text  string    `json:"text"`
}

// stored is a message in the file: Sealed holds its words.
type stored struct {
	Message Message `json:"message"`
	Sealed  []byte  `json:"sealed"`
}

type words struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

// Inbox holds the messages of one home. It is safe for concurrent use.
type Inbox struct {
	store  *store.Store
	sealer Sealer
}

// New makes an Inbox over st.
func New(st *store.Store, sealer Sealer) *Inbox { return &Inbox{st, sealer} }

func messages() store.Table[stored] { return store.Table[stored]{Bucket: "inbox", Version: 1} }

// byAgent is the index: agent/id.
const byAgent = "inbox-by-agent"

var errEnough = errors.New("enough")

// Add keeps a message; its ID orders messages by their time. Fault: locked.
func (i *Inbox) Add(ctx context.Context, m Message) error {
	plain, err := json.Marshal(words{m.Title, m.Text})
	if err != nil {
		return fmt.Errorf("encoding message: %w", err)
	}
	sealed, err := i.sealer.Seal(ctx, m.Agent, "message/"+m.ID, plain)
	if err != nil {
		return err
	}
	m.Title, m.Text = "", ""
	return i.store.Update(func(tx *store.Tx) error {
		return cmp.Or(messages().Put(tx, m.ID, stored{m, sealed}), tx.Put(byAgent, m.Agent+"/"+m.ID, []byte{1}))
	})
}

// List returns the newest messages, at most limit, of all agents when agent is
// empty. Fault: locked.
func (i *Inbox) List(ctx context.Context, agent string, limit int) ([]Message, error) {
	var found []stored
	err := i.store.View(func(tx *store.Tx) error {
		bucket, prefix := messages().Bucket, ""
		if agent != "" {
			bucket, prefix = byAgent, agent+"/"
		}
		return tx.EachReverse(bucket, prefix, func(key string, _ []byte) error {
			if len(found) == limit {
				return errEnough
			}
			s, ok, err := messages().Get(tx, key[len(prefix):])
			if ok {
				found = append(found, s)
			}
			return err
		})
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	out := make([]Message, 0, len(found))
	for _, s := range found {
		m, err := i.open(ctx, s)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

func (i *Inbox) open(ctx context.Context, s stored) (Message, error) {
	m := s.Message
	plain, err := i.sealer.Open(ctx, m.Agent, "message/"+m.ID, s.Sealed)
	if err != nil {
		return m, err
	}
	var w words
	if err := json.Unmarshal(plain, &w); err != nil {
		return m, fmt.Errorf("decoding message: %w", err)
	}
	m.Title, m.Text = w.Title, w.Text
	return m, nil
}

// SetRead marks messages as read or not; without ids, all of the agent, or all
// there are when agent is empty too, and returns how many. No key is needed.
// Fault: not_found.
func (i *Inbox) SetRead(agent string, ids []string, read bool) (int, error) {
	return i.each(agent, ids, func(tx *store.Tx, s stored) error {
		s.Message.Read = read
		return messages().Put(tx, s.Message.ID, s)
	})
}

// Remove deletes messages, chosen as SetRead does. Fault: not_found.
func (i *Inbox) Remove(agent string, ids []string) (int, error) {
	return i.each(agent, ids, func(tx *store.Tx, s stored) error {
		return cmp.Or(messages().Delete(tx, s.Message.ID), tx.Delete(byAgent, s.Message.Agent+"/"+s.Message.ID))
	})
}

func (i *Inbox) each(agent string, ids []string, fn func(tx *store.Tx, s stored) error) (changed int, err error) {
	err = i.store.Update(func(tx *store.Tx) error {
		chosen := slices.Compact(slices.Sorted(slices.Values(ids)))
		if len(ids) == 0 {
			err := messages().Each(tx, "", func(id string, s stored) error {
				if agent == "" || s.Message.Agent == agent {
					chosen = append(chosen, id)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		for _, id := range chosen {
			s, found, err := messages().Get(tx, id)
			if err == nil && !found {
				err = fault.New(fault.NotFound, "There is no such message.", "Run pie inbox --json to see the ids of the messages.")
			}
			if err == nil {
				err = fn(tx, s)
			}
			if err != nil {
				return err
			}
		}
		changed = len(chosen)
		return nil
	})
	return changed, err
}
