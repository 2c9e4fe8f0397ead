// Package outbox owns the writes that wait for the person: what an agent wanted
// to change at a service, kept whole and sealed until the person sends or drops
// it.
//
// A write is sent at most once. That it is about to be sent stands on disk
// before it is; one whose answer is not known (a crash, a broken line, a service
// in trouble) is unsure, and goes out again only when the person says so.
//
// Queries of addresses, headers and bodies are sealed; what is needed to list
// the writes is not.
package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"pie/backend/fault"
	"pie/backend/store"
)

// Sealer seals a text for one field of one agent. The vault is one.
type Sealer interface {
	Seal(ctx context.Context, agent, field string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, agent, field string, sealed []byte) ([]byte, error)
}

// States of a write.
const (
	Asking  = "asking"  // a run waits for the person's answer
	Waiting = "waiting" // for the person to send or drop it
	Sending = "sending" // under way
	Unsure  = "unsure"  // may have been sent: its answer is not known
)

// Reasons why a write waits.
const (
	DryRun  = "dry_run"
	Access  = "access"   // the connection asks before each write
	NewHost = "new_host" // a run in the background, to a host it never wrote to
)

// Item is a write as lists show it.
type Item struct {
	ID         string     `json:"id"`
	Agent      string     `json:"agent"`
	Service    *string    `json:"service"`    // nil for context.fetch
	Account    string     `json:"account"`    // label of the connection
	Connection string     `json:"connection"` // its id, "" for context.fetch
	Person     string     `json:"person"`     // id of the account it was meant for, "" when not known
	Run        string     `json:"run"`
	Method     string     `json:"method"`
	URL        string     `json:"url"` // without query and fragment
	Bytes      int        `json:"bytes"`
	Reason     string     `json:"reason"` // dry_run | access | new_host
	State      string     `json:"state"`  // asking | waiting | sending | unsure
	CreatedAt  time.Time  `json:"created_at"`
	SentAt     *time.Time `json:"sent_at"` // the last sending, nil when there was none
	Status     int        `json:"status"`  // that the service answered to it, 0 for none
}

// Request is the whole of a write, without the access token, which is set when
// it is sent.
type Request struct {
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    []byte            `json:"body"`
}

// Bounds of what may wait in one home.
const (
	mostItems = 1000
	mostBytes = 64 << 20
)

// sealedBucket holds the sealed Request of each item, apart from it so that
// listing need not read them.
const sealedBucket = "outbox-sealed"

func items() store.Table[Item] { return store.Table[Item]{Bucket: "outbox", Version: 1} }

// Outbox is that of one home. It is safe for concurrent use.
type Outbox struct {
	store  *store.Store
	sealer Sealer
	notify func(id string)

	mu        sync.Mutex
	questions map[string]chan bool // by id of a write that is asking
}

// New makes an Outbox over the home's file. notify is told which write changed.
func New(st *store.Store, sealer Sealer, notify func(id string)) *Outbox {
	if notify == nil {
		notify = func(string) {}
	}
	return &Outbox{store: st, sealer: sealer, notify: notify, questions: map[string]chan bool{}}
}

// Keep keeps a write. The item's id must be new; its state is Waiting when empty.
// Faults: limited when too many wait, locked.
func (o *Outbox) Keep(ctx context.Context, item Item, request Request) error {
	plain, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("encoding write: %w", err)
	}
	sealed, err := o.sealer.Seal(ctx, item.Agent, field(item.ID), plain)
	clear(plain)
	if err != nil {
		return err
	}
	if item.State == "" {
		item.State = Waiting
	}
	item.Bytes = len(request.Body)
	err = o.store.Update(func(tx *store.Tx) error {
		count, bytes := 1, item.Bytes
		if err := items().Each(tx, "", func(_ string, each Item) error {
			count++
			bytes += each.Bytes
			return nil
		}); err != nil {
			return err
		}
		if count > mostItems || bytes > mostBytes {
			return fault.New(fault.Limited, "The outbox is full, so this write was not kept.", "Send or drop what waits: pie outbox list")
		}
		if err := tx.Put(sealedBucket, item.ID, sealed); err != nil {
			return err
		}
		return items().Put(tx, item.ID, item)
	})
	if err == nil {
		o.notify(item.ID)
	}
	return err
}

func field(id string) string { return "write/" + id }

// List returns what waits, the oldest first; of one agent and one run where those
// are not empty.
func (o *Outbox) List(agent, run string) ([]Item, error) {
	out := []Item{}
	err := o.store.View(func(tx *store.Tx) error {
		return items().Each(tx, "", func(_ string, each Item) error {
			if (agent == "" || each.Agent == agent) && (run == "" || each.Run == run) {
				out = append(out, each)
			}
			return nil
		})
	})
	return out, err
}

// Get returns a write as a whole. Faults: not_found, locked.
func (o *Outbox) Get(ctx context.Context, id string) (Item, Request, error) {
	var item Item
	var sealed []byte
	err := o.store.View(func(tx *store.Tx) (err error) {
		item, err = find(tx, id)
		sealed = tx.Get(sealedBucket, id)
		return err
	})
	if err != nil {
		return Item{}, Request{}, err
	}
	plain, err := o.sealer.Open(ctx, item.Agent, field(id), sealed)
	if err != nil {
		return Item{}, Request{}, err
	}
	defer clear(plain)
	var request Request
	if err := json.Unmarshal(plain, &request); err != nil {
		return Item{}, Request{}, fmt.Errorf("decoding write: %w", err)
	}
	return item, request, nil
}

func find(tx *store.Tx, id string) (Item, error) {
	item, found, err := items().Get(tx, id)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "There is no such write in the outbox.", "See what waits: pie outbox list")
	}
	return item, err
}

func remove(tx *store.Tx, id string) error {
	if err := tx.Delete(sealedBucket, id); err != nil {
		return err
	}
	return items().Delete(tx, id)
}
