package automation

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"pie/backend/history"
	"pie/backend/store"
)

const (
	tick     = 30 * time.Second // a longer timer would sleep with the computer
	mostRuns = 4                // at once
)

// Options of New. Log, Now and Notify may be nil.
type Options struct {
	Store  *store.Store
	Runner Runner
	Log    *slog.Logger
	Now    func() time.Time // the clock on the wall
	Notify func(id string)  // an automation changed
}

// Loop keeps the automations of one home and, once started, runs what is due. It
// is safe for concurrent use.
type Loop struct {
	options Options
	poke    chan struct{}
	life    context.Context //nolint:containedctx // ends every run with Stop
	end     context.CancelFunc
	work    sync.WaitGroup

	mu        sync.Mutex // held from reading a record to writing it
	started   bool
	stopped   bool
	running   int
	schedules map[Choice]cached
	scanned   time.Time // when all records were last looked at
	next      time.Time // when they must be looked at again; zero is now
}

// cached is a schedule that was parsed for an anchor.
type cached struct {
	anchor   time.Time
	schedule Schedule
}

// New makes a Loop that does nothing by itself before Start.
func New(o Options) *Loop {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Notify == nil {
		o.Notify = func(string) {}
	}
	l := &Loop{options: o, poke: make(chan struct{}, 1), schedules: map[Choice]cached{}}
	l.life, l.end = context.WithCancel(context.Background())
	return l
}

func (l *Loop) now() time.Time { return l.options.Now().Round(0).UTC() }

// Start begins to run what is due, at first what wants to run at the start. What
// was under way when the program last ended is interrupted and not run again.
// Starting twice is starting once.
func (l *Loop) Start() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.started || l.stopped {
		return nil
	}
	now := l.now()
	err := l.change(func(_ string, r *Record) bool {
		changed := r.Begun != nil
		if changed {
			r.Last, r.Begun = &Last{Due: r.Begun.Due, Status: history.Interrupted}, nil
		}
		if r.Enabled && r.Choice.Schedule == onStart {
			r.settle()
			r.Pending, r.Cursor, changed = now, now, true
		}
		return changed
	})
	if err != nil {
		return err
	}
	l.started = true
	l.work.Go(l.watch)
	return nil
}

// Stop ends the loop and cancels its runs, and waits until all have ended.
func (l *Loop) Stop() {
	l.mu.Lock()
	l.stopped = true
	l.mu.Unlock()
	l.end()
	l.work.Wait()
}

// change applies fn to every record in one step; fn returns whether it did
// something. The caller holds mu.
func (l *Loop) change(fn func(id string, r *Record) bool) error {
	changed := map[string]Record{}
	err := l.options.Store.View(func(tx *store.Tx) error {
		return records().Each(tx, "", func(id string, r Record) error {
			if fn(id, &r) {
				changed[id] = r
			}
			return nil
		})
	})
	if err != nil || len(changed) == 0 {
		return err
	}
	return l.options.Store.Update(func(tx *store.Tx) error {
		for id, r := range changed {
			if err := records().Put(tx, id, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// watch looks at the clock at least once a tick. The timer only says when to
// look: what is due is told by the wall, whatever became of it meanwhile.
func (l *Loop) watch() {
	for {
		timer := time.NewTimer(l.look())
		select {
		case <-l.life.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-l.poke:
			timer.Stop()
		}
	}
}

// look runs what is due and returns how long to wait.
func (l *Loop) look() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if l.life.Err() != nil {
		return tick
	}
	if now.Before(l.next) && !now.Before(l.scanned) {
		l.scanned = now
		return min(tick, l.next.Sub(now))
	}
	if err := l.scan(now); err != nil {
		l.options.Log.Error("looking for what is due", "error", err)
		l.next = time.Time{}
		return tick
	}
	l.scanned = now
	if l.next.IsZero() {
		return tick
	}
	return min(tick, max(l.next.Sub(now), time.Second))
}

// scan plans every record, writes all that changed, and only then begins runs.
// The caller holds mu.
func (l *Loop) scan(now time.Time) error {
	ready := l.options.Runner.Ready()
	free := mostRuns - l.running
	var begun []Due
	var owing []string
	l.next = now.Add(24 * time.Hour)
	err := l.change(func(id string, r *Record) bool {
		if !r.Enabled {
			return false
		}
		s, err := l.schedule(r)
		if err != nil {
			l.options.Log.Error("reading schedule", "automation", id, "error", err)
			return false
		}
		before := *r
		if r.plan(id, s, now, ready) && free > 0 {
			free--
			begun = append(begun, r.begin(id))
		}
		if len(r.Owed) > 0 && (ready || l.scanned.IsZero()) { // asking at every tick would ask a person
			owing = append(owing, id)
		}
		l.wakeFor(r, s, now)
		return !same(before, *r)
	})
	if err != nil {
		return err
	}
	for _, due := range begun {
		l.running++
		l.work.Go(func() { l.perform(due) })
		l.options.Notify(due.ID)
	}
	return l.settleOwed(owing)
}

// wakeFor makes the next look early enough for the record.
func (l *Loop) wakeFor(r *Record, s Schedule, now time.Time) {
	wake := s.Next(r.Cursor)
	switch {
	case r.Waiting || len(r.Owed) > 0:
		wake = now.Add(tick)
	case !r.Retry.IsZero() && (wake.IsZero() || r.Retry.Before(wake) || !wake.After(now)):
		wake = r.Retry
	case !wake.After(now):
		return // the end of a run wakes the loop
	}
	if !wake.IsZero() && wake.Before(l.next) {
		l.next = wake
	}
}

// same tells whether plan changed nothing that is worth a write.
func same(a, b Record) bool {
	return a.Begun == b.Begun && a.Cursor.Equal(b.Cursor) && a.Pending.Equal(b.Pending) && a.Retry.Equal(b.Retry) && len(a.Owed) == len(b.Owed)
}

func (l *Loop) schedule(r *Record) (Schedule, error) {
	if c, ok := l.schedules[r.Choice]; ok && c.anchor.Equal(r.Anchor) {
		return c.schedule, nil
	}
	s, err := ParseSchedule(r.Choice.Schedule, r.Choice.Zone, r.Anchor)
	if err == nil {
		l.schedules[r.Choice] = cached{r.Anchor, s}
	}
	return s, err
}

// perform runs one due time and writes down how it ended.
func (l *Loop) perform(due Due) {
	o, err := l.options.Runner.Run(l.life, due)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running--
	now := l.now()
	saving := l.edit(due.ID, func(r *Record) { r.finish(due, o, err, now) })
	if saving != nil {
		l.options.Log.Error("keeping how an automation ended", "automation", due.ID, "error", saving)
	}
	l.options.Notify(due.ID)
	l.wake()
}

// wake makes the loop look at once. The caller holds mu.
func (l *Loop) wake() {
	l.next = time.Time{}
	select {
	case l.poke <- struct{}{}:
	default:
	}
}

// settleOwed keeps the rows that are owed. A crash in between writes one twice
// and loses none. The caller holds mu.
func (l *Loop) settleOwed(ids []string) error {
	for _, id := range ids {
		r, err := l.record(id)
		if err != nil {
			return err
		}
		kept := 0
		for kept < len(r.Owed) && l.options.Runner.Note(l.life, r.Owed[kept]) == nil {
			kept++
		}
		if kept == 0 {
			continue
		}
		if err := l.edit(id, func(r *Record) { r.Owed = r.Owed[kept:] }); err != nil {
			return err
		}
	}
	return nil
}
