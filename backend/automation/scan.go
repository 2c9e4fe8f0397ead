package automation

import (
	"cmp"
	"context"
	"slices"
	"time"
)

const (
	settle  = 10 * time.Second // after waking before a network is trusted
	fresh   = 5 * time.Second  // for which what was found of the surroundings counts
	patient = 3 * time.Second  // for finding out
)

// around is what was last found of the computer.
type around struct {
	wanted bool // something that is due depends on it
	at     time.Time
	online bool
	saving bool
	since  time.Time // the network is trusted from then on
}

func (a *around) unsettle(now time.Time) { a.since = now.Add(settle) }

// probe finds out about the surroundings when a run waits to know. It returns
// whether it did. The caller does not hold mu.
func (l *Loop) probe() bool {
	l.mu.Lock()
	wanted := l.around.wanted && l.life.Err() == nil
	l.around.wanted = false
	l.mu.Unlock()
	if !wanted {
		return false
	}
	online, saving := true, false
	if s := l.options.Surroundings; s != nil {
		ctx, cancel := context.WithTimeout(l.life, patient)
		defer cancel()
		online, saving = s.Online(ctx), s.Saving(ctx)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if !online || !l.around.online && !l.around.at.IsZero() { // or it has just come back
		l.around.unsettle(now)
	}
	l.around.at, l.around.online, l.around.saving = now, online, saving
	l.next = time.Time{}
	return true
}

// gate tells for what a run that is due has to wait, "" when it may begin, and
// when to look again; known is false when the surroundings must be asked first.
func (l *Loop) gate(r *Record, now time.Time, ready bool) (waits string, again time.Time, known bool) {
	switch {
	case r.Waits == ForPerson:
		return ForPerson, time.Time{}, true
	case r.Waits == ForVault && !ready:
		return ForVault, now.Add(tick), true
	case r.Choice.Network != Wait && r.Choice.Battery != Wait:
		return "", time.Time{}, true
	case now.Sub(l.around.at).Abs() > fresh:
		l.around.wanted = true
		return r.Waits, time.Time{}, false
	case r.Choice.Network == Wait && !l.around.online:
		return ForNetwork, now.Add(tick), true
	case r.Choice.Network == Wait && now.Before(l.around.since) && l.around.since.Sub(now) <= settle:
		return ForNetwork, l.around.since, true
	case r.Choice.Battery == Wait && l.around.saving:
		return ForBattery, now.Add(tick), true
	}
	return "", time.Time{}, true
}

// scan plans every record that may have come to be due, writes all that changed,
// and only then begins runs, the oldest first. The caller holds mu.
func (l *Loop) scan(now time.Time) error {
	if err := l.load(); err != nil {
		return err
	}
	ready := l.options.Runner.Ready()
	s := scanning{now: now, changed: map[string]Record{}, looks: map[string]time.Time{}}
	l.next = now.Add(24 * time.Hour)
	backwards := now.Before(l.scanned)
	for id, e := range l.entries {
		if !l.on(&e.record) && len(e.record.Owed) == 0 {
			continue
		}
		if now.Before(e.look) && !backwards {
			l.wakeAt(e.look)
			continue
		}
		if err := l.planOne(id, e, &s, ready); err != nil {
			l.options.Log.Error("reading schedule", "automation", id, "error", err)
		}
	}
	begun := l.beginDue(&s)
	if err := l.write(s.changed); err != nil {
		return err
	}
	for id, look := range s.looks {
		l.entries[id].look = look
		l.wakeAt(look)
	}
	for i, due := range begun {
		item := s.changed[due.ID].Begun.Item
		l.running++
		l.work.Go(func() { l.perform(begun[i], item) })
		l.options.Notify(due.ID)
	}
	if err := l.settleOwed(ready); err != nil {
		return err
	}
	return l.sweep(now)
}

// scanning is what one scan has found.
type scanning struct {
	now     time.Time
	changed map[string]Record
	looks   map[string]time.Time
	due     []string // may begin now
}

// planOne brings one record up to now.
func (l *Loop) planOne(id string, e *entry, s *scanning, ready bool) error {
	if err := e.parse(); err != nil {
		return err
	}
	r := e.record.clone()
	l.asAllowed(&r)
	due := l.on(&r) && r.plan(id, e.schedule, s.now)
	look, known := e.schedule.Next(r.Cursor), true
	if due {
		var again time.Time
		if r.Waits, again, known = l.gate(&r, s.now, ready); known && r.Waits == "" {
			s.due = append(s.due, id)
		}
		look = earlier(look, again)
	} else if held := r.held(s.now); r.Begun == nil && !held.IsZero() {
		look = earlier(look, held)
	}
	if len(r.Owed) > 0 {
		look = earlier(look, s.now.Add(tick))
	}
	switch {
	case look.IsZero():
		look = s.now.Add(24 * time.Hour)
	case !look.After(s.now): // a time that has to wait for the run under way, whose end wakes the loop
		look = s.now.Add(tick)
	}
	if !known { // and then at once
		look = time.Time{}
	}
	s.looks[id] = look
	if !same(e.record, r) {
		s.changed[id] = r
	}
	return nil
}

// beginDue begins what is due, as far as there is room for it.
func (l *Loop) beginDue(s *scanning) (begun []Due) {
	current := func(id string) Record {
		if r, changed := s.changed[id]; changed {
			return r
		}
		return l.entries[id].record.clone()
	}
	slices.SortFunc(s.due, func(a, b string) int {
		return cmp.Or(current(a).Pending.Compare(current(b).Pending), cmp.Compare(a, b))
	})
	busy := l.busy()
	for _, id := range s.due {
		r := current(id)
		if l.running+len(begun) >= mostRuns || r.Under != "" && busy[r.Under] {
			s.looks[id] = time.Time{} // the end of a run wakes the loop
			continue
		}
		busy[r.Under] = true
		begun = append(begun, r.begin(id, s.now))
		s.changed[id] = r
	}
	return begun
}

// wakeAt makes the next look early enough. A record that must be looked at now
// waits for the end of a run.
func (l *Loop) wakeAt(look time.Time) {
	if !look.IsZero() && look.Before(l.next) {
		l.next = look
	}
}

// earlier is the earlier of two times of which one may be zero.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// same tells whether a plan changed nothing that is worth a write.
func same(a, b Record) bool {
	return a.Begun == b.Begun && a.Cursor.Equal(b.Cursor) && a.Pending.Equal(b.Pending) && a.Item == b.Item &&
		a.Waits == b.Waits && sameHeld(a.Held, b.Held) && len(a.Owed) == len(b.Owed) && len(a.Queue) == len(b.Queue)
}

func sameHeld(a, b *Held) bool { return a == b || a != nil && b != nil && a.Until.Equal(b.Until) }
