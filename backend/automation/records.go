package automation

import (
	"maps"
	"slices"
	"strings"
	"time"

	"pie/backend/history"
	"pie/backend/plugin"
	"pie/backend/store"
)

const onStart = plugin.OnStart

// load reads all records, once. The caller holds mu.
func (l *Loop) load() error {
	if l.entries != nil {
		return nil
	}
	entries := map[string]*entry{}
	err := l.options.Store.View(func(tx *store.Tx) error {
		return records().Each(tx, "", func(id string, r Record) error {
			entries[id] = &entry{record: r}
			return nil
		})
	})
	if err == nil {
		l.entries = entries
	}
	return err
}

func (l *Loop) ids() []string { return slices.Sorted(maps.Keys(l.entries)) }

// parse makes the schedule of the record, once for each choice.
func (e *entry) parse() (err error) {
	if e.schedule == nil {
		e.schedule, err = ParseSchedule(e.record.Choice.Schedule, e.record.Choice.Zone, e.record.Anchor)
	}
	return err
}

// write keeps the records in one step, on disk and then in memory. The caller
// holds mu.
func (l *Loop) write(changed map[string]Record) error { return l.writeWith(changed, nil) }

// writeWith does the same and, where also is set, that in the same step.
func (l *Loop) writeWith(changed map[string]Record, also func(tx *store.Tx) error) error {
	if len(changed) == 0 {
		return nil
	}
	err := l.options.Store.Update(func(tx *store.Tx) error {
		for id, r := range changed {
			if err := records().Put(tx, id, r); err != nil {
				return err
			}
		}
		if also != nil {
			return also(tx)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for id, r := range changed {
		e := l.entries[id]
		if e == nil {
			e = &entry{}
			l.entries[id] = e
		}
		if e.record.Choice != r.Choice || !e.record.Anchor.Equal(r.Anchor) {
			e.schedule = nil
		}
		e.record = r
	}
	return nil
}

// edit changes one record that is there. The caller holds mu.
func (l *Loop) edit(id string, fn func(r *Record)) error {
	if err := l.load(); err != nil {
		return err
	}
	e := l.entries[id]
	if e == nil {
		return nil
	}
	r := e.record.clone()
	fn(&r)
	err := l.write(map[string]Record{id: r})
	e.look = time.Time{}
	return err
}

// All returns the records of every automation that was turned on or run, by id.
func (l *Loop) All() (map[string]Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(); err != nil {
		return nil, err
	}
	out := map[string]Record{}
	for id, e := range l.entries {
		out[id] = e.record.clone()
	}
	return out, nil
}

// Enable turns an automation on. Its times count from now: none from before is
// missed. Enabling again changes the choice; what was due until then stays due.
// Fault: invalid.
func (l *Loop) Enable(id string, c Choice) (Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if err := c.check(now); err != nil {
		return Record{}, err
	}
	if err := l.load(); err != nil {
		return Record{}, err
	}
	var r Record
	if e := l.entries[id]; e != nil {
		r = e.record.clone()
	}
	changed := map[string]Record{}
	switch {
	case !r.Enabled:
		r.settle()
		r.Anchor, r.Cursor = now, now
		changed = l.allowed(id, now)
	case r.Choice.Schedule != c.Schedule || r.Choice.Zone != c.Zone:
		r.closeOff(id, now)
		r.Anchor, r.Cursor = now, now
	}
	r.Enabled, r.Choice = true, c
	changed[id] = r
	if err := l.write(changed); err != nil {
		return Record{}, err
	}
	l.lookAt(changed)
	l.changed(id)
	return r, nil
}

// lookAt has the records planned again. The caller holds mu.
func (l *Loop) lookAt(changed map[string]Record) {
	for id := range changed {
		l.entries[id].look = time.Time{}
	}
}

// closeOff deals with the times of a schedule that ends now.
func (r *Record) closeOff(id string, now time.Time) {
	s, err := ParseSchedule(r.Choice.Schedule, r.Choice.Zone, r.Anchor)
	if err != nil {
		return
	}
	r.plan(id, s, now)
	if latest, count := passed(s, r.Cursor, now); count > 0 {
		r.owe(id, history.Missed, "Its times were changed.", latest, count)
	}
}

// put changes a record, making it when there is none. The caller holds mu.
func (l *Loop) put(id string, fn func(r *Record)) (Record, error) {
	if err := l.load(); err != nil {
		return Record{}, err
	}
	var r Record
	if e := l.entries[id]; e != nil {
		r = e.record.clone()
	}
	fn(&r)
	if err := l.write(map[string]Record{id: r}); err != nil {
		return Record{}, err
	}
	l.entries[id].look = time.Time{}
	return r, nil
}

// Disable turns an automation off; a run under way goes on to its end. What was
// posted for it and has not run is forgotten.
func (l *Loop) Disable(id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.edit(id, func(r *Record) {
		r.Enabled, r.Queue, r.Ask = false, nil, nil
		r.settle()
	})
	l.changed(id)
	return err
}

// Ran keeps a run that the person began as the last one. A task may be gone.
func (l *Loop) Ran(id string, last Last) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if IsTask(id) {
		err = l.edit(id, func(r *Record) { r.Last = &last })
	} else {
		_, err = l.put(id, func(r *Record) { r.Last = &last })
	}
	l.changed(id)
	return err
}

// Forget deletes all about the automations of an agent.
func (l *Loop) Forget(agent string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(); err != nil {
		return err
	}
	var gone []string
	for id := range l.entries {
		if strings.HasPrefix(id, agent+"/") {
			gone = append(gone, id)
		}
	}
	return l.delete(gone)
}

func (l *Loop) changed(id string) {
	l.options.Notify(id)
	l.wake()
}
