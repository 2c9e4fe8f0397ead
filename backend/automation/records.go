package automation

import (
	"strings"

	"pie/backend/plugin"
	"pie/backend/store"
)

const onStart = plugin.OnStart

// edit changes one record that is there. The caller holds mu.
func (l *Loop) edit(id string, fn func(r *Record)) error {
	return l.options.Store.Update(func(tx *store.Tx) error {
		r, found, err := records().Get(tx, id)
		if err != nil || !found {
			return err
		}
		fn(&r)
		return records().Put(tx, id, r)
	})
}

func (l *Loop) record(id string) (r Record, err error) {
	err = l.options.Store.View(func(tx *store.Tx) error {
		r, _, err = records().Get(tx, id)
		return err
	})
	return r, err
}

// All returns the records of every automation that was turned on or run, by id.
func (l *Loop) All() (map[string]Record, error) {
	out := map[string]Record{}
	err := l.options.Store.View(func(tx *store.Tx) error {
		return records().Each(tx, "", func(id string, r Record) error {
			out[id] = r
			return nil
		})
	})
	return out, err
}

// Enable turns an automation on. Its times count from now: none from before is
// missed. Enabling again changes the choice. Fault: invalid.
func (l *Loop) Enable(id string, c Choice) (Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if err := c.check(now); err != nil {
		return Record{}, err
	}
	var r Record
	err := l.options.Store.Update(func(tx *store.Tx) (err error) {
		if r, _, err = records().Get(tx, id); err != nil {
			return err
		}
		if !r.Enabled || r.Choice.Schedule != c.Schedule || r.Choice.Zone != c.Zone {
			r.settle()
			r.Anchor, r.Cursor = now, now
		}
		r.Enabled, r.Choice = true, c
		return records().Put(tx, id, r)
	})
	l.changed(id)
	return r, err
}

// Disable turns an automation off; a run under way goes on to its end.
func (l *Loop) Disable(id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.edit(id, func(r *Record) {
		r.Enabled = false
		r.settle()
	})
	l.changed(id)
	return err
}

// Ran keeps a run that the person began as the last one.
func (l *Loop) Ran(id string, last Last) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.options.Store.Update(func(tx *store.Tx) error {
		r, _, err := records().Get(tx, id)
		if err != nil {
			return err
		}
		r.Last = &last
		return records().Put(tx, id, r)
	})
	l.changed(id)
	return err
}

// Forget deletes all about the automations of an agent.
func (l *Loop) Forget(agent string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	all, err := l.All()
	if err != nil {
		return err
	}
	return l.options.Store.Update(func(tx *store.Tx) error {
		for id := range all {
			if strings.HasPrefix(id, agent+"/") {
				if err := records().Delete(tx, id); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (l *Loop) changed(id string) {
	l.options.Notify(id)
	l.wake()
}
