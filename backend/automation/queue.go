package automation

import (
	"fmt"
	"time"

	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/store"
)

// mostQueued is how much of what was posted waits for one automation.
const mostQueued = 100

const payloads = "automation-payloads"

func payloadKey(id string, item uint64) string { return fmt.Sprintf("%s#%016x", id, item) }

// Post lets an automation that is on run for something that happened. When it
// returns nil the payload is on disk and will have its run, after those posted
// before. Faults: not_found when the automation is off, limited when too much
// waits already, which is noted.
func (l *Loop) Post(id string, payload []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(); err != nil {
		return err
	}
	e := l.entries[id]
	if e == nil || !e.record.Enabled || !e.record.Choice.posted() {
		return fault.New(fault.NotFound, "This automation is off.", "Turn it on: pie automation enable "+id)
	}
	now := l.now()
	if len(e.record.Queue) >= mostQueued {
		l.refuse(id, "Too much waited for it already.", now)
		return fault.New(fault.Limited, "Too much waits for this automation already.", "Send it again when the runs before have ended.")
	}
	r := e.record.clone()
	r.Posts++
	r.Queue = append(r.Queue, Posted{r.Posts, now})
	err := l.options.Store.Update(func(tx *store.Tx) error {
		if err := tx.Put(payloads, payloadKey(id, r.Posts), payload); err != nil {
			return err
		}
		return records().Put(tx, id, r)
	})
	if err != nil {
		return err
	}
	e.record, e.look = r, time.Time{}
	l.changed(id)
	return nil
}

// Refuse notes that something came for an automation and was not taken.
func (l *Loop) Refuse(id, reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.load() == nil && l.entries[id] != nil {
		l.refuse(id, reason, l.now())
	}
}

// refuse counts in memory what is noted at the next look, so that a flood costs
// no writes. The caller holds mu.
func (l *Loop) refuse(id, reason string, now time.Time) {
	e := l.entries[id]
	e.record.owe(id, history.Skipped, reason, now, 1)
	if len(e.record.Owed) == 1 && e.record.Owed[0].Count == 1 {
		e.look = now.Add(tick)
		l.wakeAt(e.look)
	}
}

// payload reads what was posted. Fault: internal.
func (l *Loop) payload(id string, item uint64) (raw []byte, err error) {
	err = l.options.Store.View(func(tx *store.Tx) error {
		raw = tx.Get(payloads, payloadKey(id, item))
		return nil
	})
	if err == nil && raw == nil {
		err = fault.New(fault.Internal, "What was sent to this automation is gone.", "Send it again.")
	}
	return raw, err
}

// drop deletes what was posted and is used up. The caller holds mu.
func (l *Loop) drop(id string, item uint64) {
	err := l.options.Store.Update(func(tx *store.Tx) error { return tx.Delete(payloads, payloadKey(id, item)) })
	if err != nil {
		l.options.Log.Error("deleting what was posted", "automation", id, "error", err)
	}
}

// delete removes records with all that was posted for them. The caller holds mu.
func (l *Loop) delete(ids []string) error {
	err := l.options.Store.Update(func(tx *store.Tx) error {
		for _, id := range ids {
			if err := records().Delete(tx, id); err != nil {
				return err
			}
			if err := deleteAll(tx, payloads, id+"#"); err != nil {
				return err
			}
		}
		return nil
	})
	for _, id := range ids {
		if err == nil {
			delete(l.entries, id)
		}
	}
	return err
}

func deleteAll(tx *store.Tx, bucket, prefix string) error {
	var keys []string
	err := tx.Each(bucket, prefix, func(key string, _ []byte) error {
		keys = append(keys, key)
		return nil
	})
	for _, key := range keys {
		if err == nil {
			err = tx.Delete(bucket, key)
		}
	}
	return err
}

// settleOwed keeps the rows that are owed. A crash in between writes one twice
// and loses none. The caller holds mu.
func (l *Loop) settleOwed(ready bool) error {
	if !ready && !l.scanned.IsZero() {
		return nil // asking at every tick would ask a person
	}
	for id, e := range l.entries {
		kept := 0
		for kept < len(e.record.Owed) && l.options.Runner.Note(l.life, e.record.Owed[kept]) == nil {
			kept++
		}
		if kept == 0 {
			continue
		}
		look := e.look
		if err := l.edit(id, func(r *Record) { r.Owed = r.Owed[kept:] }); err != nil {
			return err
		}
		e.look = look
	}
	return nil
}

// For returns the automations that are on for an occasion.
func (l *Loop) For(occasion string) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(); err != nil {
		return nil, err
	}
	var out []string
	for _, id := range l.ids() {
		if r := l.entries[id].record; r.Enabled && r.Choice.Schedule == occasion {
			out = append(out, id)
		}
	}
	return out, nil
}
