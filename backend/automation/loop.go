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

// Options of New. All but Store and Runner may be nil.
type Options struct {
	Store        *store.Store
	Runner       Runner
	Surroundings Surroundings // online and on mains when nil
	Log          *slog.Logger
	Now          func() time.Time         // the clock on the wall
	Notify       func(id string)          // an automation changed
	Tell         func(id, trouble string) // a person is to be told; must not call the Loop
}

// Loop keeps the automations of one home and, once started, runs what is due. It
// is safe for concurrent use. All records are in memory and on disk alike.
type Loop struct {
	options Options
	poke    chan struct{}
	life    context.Context //nolint:containedctx // ends every run with Stop
	end     context.CancelFunc
	work    sync.WaitGroup

	mu      sync.Mutex // held from reading a record to writing it
	entries map[string]*entry
	started bool
	stopped bool
	running int
	scanned time.Time // when all records were last looked at
	next    time.Time // when they must be looked at again; zero is now
	around  around
}

// entry is one record with what is worked out from it.
type entry struct {
	record   Record
	schedule Schedule  // nil until it is needed
	look     time.Time // when the record must be planned again; zero is now
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
	if o.Tell == nil {
		o.Tell = func(string, string) {}
	}
	l := &Loop{options: o, poke: make(chan struct{}, 1)}
	l.life, l.end = context.WithCancel(context.Background())
	return l
}

func (l *Loop) now() time.Time { return l.options.Now().Round(0).UTC() }

// Start begins to run what is due, at first what wants to run at the start. What
// was under way when the program last ended is interrupted and not run again by
// itself. Starting twice is starting once.
func (l *Loop) Start() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.started || l.stopped {
		return nil
	}
	if err := l.load(); err != nil {
		return err
	}
	now := l.now()
	var told []string
	changed := map[string]Record{}
	for id, e := range l.entries {
		r := e.record.clone()
		if r.Begun != nil {
			r.interrupt(id)
			told = append(told, id)
		}
		if r.Enabled && r.Choice.Schedule == onStart {
			r.settle()
			r.Pending, r.Cursor = now, now
		} else if e.record.Begun == nil {
			continue
		}
		changed[id] = r
	}
	if err := l.write(changed); err != nil {
		return err
	}
	for _, id := range told {
		l.options.Tell(id, TroubleAsk)
	}
	l.started = true
	l.around.unsettle(now)
	l.work.Go(l.watch)
	return nil
}

// interrupt writes down that the end of the run under way is not known. The row is
// owed because the crash may have come before the run had one.
func (r *Record) interrupt(id string) {
	r.Owed = append(r.Owed, Note{
		ID: id, RunID: r.Begun.RunID, Status: history.Interrupted, At: r.Begun.Due, Count: 1,
		Reason: "PIE Desktop ended while this was begun.",
	})
	r.Last = &Last{Due: r.Begun.Due, Status: history.Interrupted, RunID: r.Begun.RunID}
	r.Ask = &Ask{r.Begun.Due, r.Begun.RunID, history.Interrupted, r.Begun.Item}
	r.Begun, r.Told = nil, TroubleAsk
}

// Stop ends the loop and cancels its runs, and waits until all have ended.
func (l *Loop) Stop() {
	l.mu.Lock()
	l.stopped = true
	l.mu.Unlock()
	l.end()
	l.work.Wait()
}

// watch looks at the clock at least once a tick. The timer only says when to
// look: what is due is told by the wall, whatever became of it meanwhile.
func (l *Loop) watch() {
	for {
		wait := l.look()
		if l.probe() {
			wait = l.look()
		}
		timer := time.NewTimer(wait)
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
	if !l.scanned.IsZero() && now.Sub(l.scanned) > 2*tick {
		l.around.unsettle(now) // the computer slept
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

// perform runs one due time and writes down how it ended.
func (l *Loop) perform(due Due, item uint64) {
	var o Outcome
	var err error
	if item > 0 {
		due.Payload, err = l.payload(due.ID, item)
	}
	if err == nil {
		o, err = l.options.Runner.Run(l.life, due)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running--
	now, trouble, used := l.now(), "", false
	saving := l.edit(due.ID, func(r *Record) { trouble, used = r.finish(due, o, err, now) })
	if saving != nil {
		l.options.Log.Error("keeping how an automation ended", "automation", due.ID, "error", saving)
		trouble, used = "", false
	}
	if used && item > 0 {
		l.drop(due.ID, item)
	}
	if trouble != "" {
		l.options.Tell(due.ID, trouble)
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
