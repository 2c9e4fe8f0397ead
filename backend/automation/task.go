package automation

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"

	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/plugin"
	"pie/backend/store"
)

// MostTasks is how many tasks an agent may have.
const MostTasks = 100

const taskMark = "/task-"

// TasksOf is the id of the record that the tasks of an agent stand under. Turning
// it on is the person's consent to all of them.
func TasksOf(agent string) string { return agent + "/tasks" }

// NewTaskID makes an id for a task of an agent, which no task had before.
func NewTaskID(agent string) string {
	raw := make([]byte, 6)
	_, _ = rand.Read(raw)
	return agent + taskMark + hex.EncodeToString(raw)
}

// IsTask tells whether an id is that of a task.
func IsTask(id string) bool { return strings.Contains(id, taskMark) }

// First checks a choice and returns its first time after now. Fault: invalid, also
// where it has none.
func (c Choice) First(now time.Time) (time.Time, error) {
	if err := c.check(now); err != nil {
		return time.Time{}, err
	}
	s, err := ParseSchedule(c.Schedule, c.Zone, now)
	if err != nil {
		return time.Time{}, err
	}
	at := s.Next(now)
	if at.IsZero() {
		return at, fault.New(fault.Invalid, "The time has passed already, so it would never run.", "Name a time to come.")
	}
	return at, nil
}

// Make keeps a task, with what it is to do as it is given. It stands under the
// record under, which is made when there is none, and off; asks tells that the
// person has not been asked to turn that on. Faults: invalid, limited.
func (l *Loop) Make(id, under string, c Choice, what []byte) (asks bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(); err != nil {
		return false, err
	}
	now := l.now()
	if _, err := c.First(now); err != nil {
		return false, err
	}
	if l.under(under) >= MostTasks {
		return false, TooMany()
	}
	changed := map[string]Record{id: {Enabled: true, Choice: c, Anchor: now, Cursor: now, Under: under, Made: now}}
	var leave Record
	if e := l.entries[under]; e != nil {
		leave = e.record.clone()
	}
	if !leave.Enabled && leave.Told == "" {
		leave.Choice.Schedule, leave.Told, asks = plugin.OnTasks, TroubleTasks, true
		changed[under] = leave
	}
	if err := l.writeWith(changed, func(tx *store.Tx) error { return tx.Put(payloads, payloadKey(id, 0), what) }); err != nil {
		return false, err
	}
	l.lookAt(changed)
	l.changed(id)
	return asks, nil
}

// TooMany is the fault of a task beyond MostTasks.
func TooMany() error {
	return fault.New(fault.Limited, "An agent may have 100 tasks, and there are as many.", "Cancel some of them first: context.tasks.cancel(id).")
}

// Change gives a task other times and other work. Other times count from now, and
// what was due at the old ones is left out. Faults: invalid, not_found.
func (l *Loop) Change(id string, c Choice, what []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(); err != nil {
		return err
	}
	e := l.entries[id]
	if e == nil {
		return noTask(id)
	}
	now, r := l.now(), e.record.clone()
	if r.Choice.Schedule != c.Schedule || r.Choice.Zone != c.Zone {
		if _, err := c.First(now); err != nil {
			return err
		}
		if !r.Pending.IsZero() {
			r.owe(id, history.Skipped, "Its times were changed.", r.Pending, 1)
			r.settle()
		}
		r.Anchor, r.Cursor = now, now
	} else if err := c.check(now); err != nil {
		return err
	}
	r.Choice = c
	changed := map[string]Record{id: r}
	if err := l.writeWith(changed, func(tx *store.Tx) error { return tx.Put(payloads, payloadKey(id, 0), what) }); err != nil {
		return err
	}
	l.lookAt(changed)
	l.changed(id)
	return nil
}

// Cancel deletes a task; a run of it under way goes on to its end. Fault:
// not_found.
func (l *Loop) Cancel(id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(); err != nil {
		return err
	}
	if l.entries[id] == nil {
		return noTask(id)
	}
	if err := l.delete([]string{id}); err != nil {
		return err
	}
	l.changed(id)
	return nil
}

// What is what a task is to do, as it was given. Fault: not_found.
func (l *Loop) What(id string) (what []byte, err error) {
	err = l.options.Store.View(func(tx *store.Tx) error {
		what = tx.Get(payloads, payloadKey(id, 0))
		return nil
	})
	if err == nil && what == nil {
		err = noTask(id)
	}
	return what, err
}

func noTask(id string) error {
	_, name, _ := strings.Cut(id, "/")
	return fault.New(fault.NotFound, "There is no task "+name+".", "It has run, or was canceled; context.tasks.list() has those that there are.")
}

// under counts the records that stand under another. The caller holds mu.
func (l *Loop) under(id string) (n int) {
	for _, e := range l.entries {
		if e.record.Under == id {
			n++
		}
	}
	return n
}

// on tells whether a record is on, and the one it stands under. The caller holds mu.
func (l *Loop) on(r *Record) bool {
	if r.Under == "" || !r.Enabled {
		return r.Enabled
	}
	leave := l.entries[r.Under]
	return leave != nil && leave.record.Enabled
}

// asAllowed gives a task the surroundings that the person chose for all tasks of
// its agent. The caller holds mu.
func (l *Loop) asAllowed(r *Record) {
	if leave := l.entries[r.Under]; r.Under != "" && leave != nil {
		c := leave.record.Choice
		r.Choice.Network, r.Choice.Battery, r.Choice.Jitter = c.Network, c.Battery, c.Jitter
	}
}

// busy are the records under which a task is being run: an agent's tasks run one
// after the other, so that they never take the place of what others have due. The
// caller holds mu.
func (l *Loop) busy() map[string]bool {
	out := map[string]bool{}
	for _, e := range l.entries {
		if e.record.Under != "" && e.record.Begun != nil {
			out[e.record.Under] = true
		}
	}
	return out
}

// allowed is what becomes of tasks when the person turns on what they stand under.
// Times that come again count from now; what was to run once runs late, unless
// more than a day has passed. The caller holds mu.
func (l *Loop) allowed(under string, now time.Time) map[string]Record {
	changed := map[string]Record{}
	for id, e := range l.entries {
		if e.record.Under != under || e.record.Under == "" {
			continue
		}
		r := e.record.clone()
		at, isOnce := r.oneTime()
		switch {
		case !isOnce:
			r.settle()
			r.Anchor, r.Cursor = now, now
		case now.Sub(at) > window && r.Enabled && (r.Cursor.Before(at) || !r.Pending.IsZero()):
			r.owe(id, history.Missed, "You had not turned on what its agent plans.", at, 1)
			r.settle()
			r.Cursor = later(r.Cursor, at)
		}
		changed[id] = r
	}
	return changed
}

// oneTime is the time of what runs once.
func (r *Record) oneTime() (at time.Time, is bool) {
	text, is := strings.CutPrefix(r.Choice.Schedule, once)
	if is {
		at, err := time.Parse(time.RFC3339, text)
		return at, err == nil
	}
	return at, false
}

// spent tells whether nothing is to come of a task: its one time is dealt with, or
// has passed while the person had turned it off.
func (r *Record) spent(now time.Time) bool {
	if r.Under == "" || r.Begun != nil || !r.Pending.IsZero() || r.Ask != nil || len(r.Owed) > 0 {
		return false
	}
	at, isOnce := r.oneTime()
	if !r.Enabled {
		return isOnce && !at.After(now)
	}
	return isOnce && !at.After(r.Cursor)
}

// sweep deletes tasks that are spent; their runs stand in history. The caller
// holds mu.
func (l *Loop) sweep(now time.Time) error {
	var gone []string
	for id, e := range l.entries {
		if e.record.spent(now) {
			gone = append(gone, id)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	err := l.delete(gone)
	for _, id := range gone {
		l.options.Notify(id)
	}
	return err
}
