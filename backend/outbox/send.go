package outbox

import (
	"cmp"
	"context"
	"slices"
	"time"

	"pie/backend/fault"
	"pie/backend/store"
)

// Begin notes on disk that a write is about to be sent. again lets one go out
// that may have been sent before. Faults: not_found, conflict.
func (o *Outbox) Begin(id string, again bool, now time.Time) (Item, error) {
	return o.begin(id, Waiting, again, now)
}

// begin begins to send a write whose state is the given one.
func (o *Outbox) begin(id, state string, again bool, now time.Time) (Item, error) {
	return o.change(id, func(item *Item) error {
		switch {
		case item.State == Sending:
			return fault.New(fault.Conflict, "This write is being sent right now.", "Wait for its answer.")
		case item.State == Unsure && !again:
			return fault.New(fault.Conflict, "This write may have been sent already: its answer never came.",
				"Look at the service whether it is there. Then drop it, or send it once more: pie outbox send --again "+item.ID)
		case item.State == Asking && state != Asking:
			return fault.New(fault.Conflict, "A run is asking about this write.", "Answer it: that sends it.")
		}
		at := now.UTC().Truncate(time.Second)
		item.State, item.SentAt, item.Status = Sending, &at, 0
		return nil
	})
}

// Ending is what came of a sending.
type Ending struct {
	Left   bool // something may have reached the service
	Status int  // its answer, 0 when there was none
}

// Settle notes what came of a sending. What the service took is gone from the
// outbox afterwards; what it refused waits on, and what nobody can know is unsure.
func (o *Outbox) Settle(id string, e Ending) (Item, error) {
	if e.Status > 0 && e.Status < 400 {
		var item Item
		err := o.store.Update(func(tx *store.Tx) error {
			var err error
			if item, err = find(tx, id); err != nil {
				return err
			}
			item.Status = e.Status
			return remove(tx, id)
		})
		o.notify(id)
		return item, err
	}
	return o.change(id, func(item *Item) error {
		item.State, item.Status = Waiting, e.Status
		if e.Left && (e.Status == 0 || e.Status >= 500) {
			item.State = Unsure
		}
		if !e.Left {
			item.SentAt = nil
		}
		return nil
	})
}

// Drop forgets a write; a run that asks about it is told no. Faults: not_found,
// conflict while it is being sent.
func (o *Outbox) Drop(id string) (Item, error) {
	var item Item
	err := o.store.Update(func(tx *store.Tx) error {
		var err error
		if item, err = find(tx, id); err != nil {
			return err
		}
		if item.State == Sending {
			return fault.New(fault.Conflict, "This write is being sent right now.", "Wait for its answer.")
		}
		return remove(tx, id)
	})
	if err != nil {
		return item, err
	}
	o.reply(id, false)
	o.notify(id)
	return item, nil
}

// DropAgent forgets all writes of an agent.
func (o *Outbox) DropAgent(agent string) error {
	return o.each(func(tx *store.Tx, item Item) error {
		if item.Agent != agent {
			return nil
		}
		return remove(tx, item.ID)
	})
}

// Recover puts right what the last process left: what it was sending is unsure,
// and what it was asking about waits. No key is needed.
func (o *Outbox) Recover() error {
	return o.each(func(tx *store.Tx, item Item) error {
		switch item.State {
		case Sending:
			item.State = Unsure
		case Asking:
			item.State = Waiting
		default:
			return nil
		}
		return items().Put(tx, item.ID, item)
	})
}

// each collects first, because fn may write.
func (o *Outbox) each(fn func(*store.Tx, Item) error) error {
	return o.store.Update(func(tx *store.Tx) error {
		var all []Item
		err := items().Each(tx, "", func(_ string, item Item) error {
			all = append(all, item)
			return nil
		})
		for _, item := range all {
			err = cmp.Or(err, fn(tx, item))
		}
		return err
	})
}

func (o *Outbox) change(id string, fn func(*Item) error) (Item, error) {
	var item Item
	err := o.store.Update(func(tx *store.Tx) error {
		current, err := find(tx, id)
		if err != nil {
			return err
		}
		if err := fn(&current); err != nil {
			return err
		}
		item = current
		return items().Put(tx, id, current)
	})
	if err == nil {
		o.notify(id)
	}
	return item, err
}

// Verdict is what a run that asked was told.
type Verdict int

// The verdicts.
const (
	Later Verdict = iota // nobody answered: it waits in the outbox
	Send                 // Begin was called for it; Settle must be
	No                   // it is gone
)

// Ask keeps a write and waits until the person answers, at most until ctx ends
// or for patience. Faults: those of Keep.
func (o *Outbox) Ask(ctx context.Context, item Item, request Request, patience time.Duration) (Verdict, error) {
	answer := make(chan bool, 1)
	o.mu.Lock()
	o.questions[item.ID] = answer
	o.mu.Unlock()
	defer func() {
		o.mu.Lock()
		delete(o.questions, item.ID)
		o.mu.Unlock()
	}()
	item.State = Asking
	if err := o.Keep(ctx, item, request); err != nil {
		return No, err
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case yes := <-answer:
		return verdict(yes), nil
	case <-ctx.Done():
	case <-timer.C:
	}
	o.mu.Lock()
	delete(o.questions, item.ID)
	o.mu.Unlock()
	select {
	case yes := <-answer: // it came at the last moment
		return verdict(yes), nil
	default:
	}
	_, err := o.change(item.ID, func(i *Item) error { i.State = Waiting; return nil })
	if fault.Is(err, fault.NotFound) {
		return No, nil // dropped at the last moment
	}
	return Later, err
}

func verdict(yes bool) Verdict {
	if yes {
		return Send
	}
	return No
}

// Answer answers a write that a run asks about. Faults: not_found, conflict when
// no run asks any more.
func (o *Outbox) Answer(id string, send bool, now time.Time) (Item, error) {
	if !send {
		return o.Drop(id)
	}
	o.mu.Lock()
	_, asking := o.questions[id]
	o.mu.Unlock()
	if !asking {
		item, err := o.one(id)
		if err == nil {
			err = fault.New(fault.Conflict, "The run that asked has ended.", "Send the write by itself: pie outbox send "+id)
		}
		return item, err
	}
	item, err := o.begin(id, Asking, false, now)
	if err != nil {
		return item, err
	}
	if !o.reply(id, true) {
		// The run ended in between, and nothing was sent.
		return o.Settle(id, Ending{})
	}
	return item, nil
}

// reply tells the run that asks; false when none does.
func (o *Outbox) reply(id string, yes bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	answer, asking := o.questions[id]
	if asking {
		delete(o.questions, id)
		answer <- yes
	}
	return asking
}

func (o *Outbox) one(id string) (Item, error) {
	all, err := o.List("", "")
	i := slices.IndexFunc(all, func(item Item) bool { return item.ID == id })
	if err == nil && i < 0 {
		err = fault.New(fault.NotFound, "There is no such write in the outbox.", "See what waits: pie outbox list")
	}
	if err != nil {
		return Item{}, err
	}
	return all[i], nil
}
