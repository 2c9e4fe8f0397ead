package automation_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pie/backend/automation"
	"pie/backend/fault"
	"pie/backend/history"
)

// A yearling is one automation of the year, as the model knows it. Whatever it is
// due at is a multiple of five minutes, and whatever befalls the computer does so
// half a minute after one (or ten seconds, when a slow run is to be cut off), so
// that nothing depends on which second the loop looks.
type yearling struct {
	id, zone     string
	minute       int // of the day
	weekday, day int // -1 for any
	every        time.Duration
	missed       string
	slow         bool // its run takes 20 s
	since        time.Time
	movedTo      string // travels with the person
	moved        time.Time
}

func (y yearling) choice(zone string) automation.Choice {
	text := y.every.String()
	if y.every == 0 {
		day, weekday := "*", "*"
		if y.day >= 0 {
			day = fmt.Sprint(y.day)
		}
		if y.weekday >= 0 {
			weekday = fmt.Sprint(y.weekday)
		}
		text = fmt.Sprintf("%d %d %s * %s", y.minute%60, y.minute/60, day, weekday)
	}
	return automation.Choice{Schedule: text, Zone: zone, Missed: y.missed}
}

func yearlings(n int, begin time.Time) []yearling {
	all := make([]yearling, n)
	for i := range all {
		y := yearling{
			id: fmt.Sprintf("a/%d", i), zone: zones()[i%5], minute: i * 35 % (24 * 60), weekday: -1, day: -1, since: begin,
			missed: []string{automation.MissedOnce, automation.MissedSkip, automation.MissedAll}[i/5%3],
		}
		switch {
		case i%50 == 7:
			y.every = time.Duration(30+i/50) * time.Hour
		case i%50 < 6: // daily, half of it when clocks change
			if i%2 == 0 {
				y.minute = i * 5 % 240
			}
			y.slow = i%50 == 5
		case i%50 < 30:
			y.weekday = i % 7
		default:
			y.day = 1 + i%31
		}
		if y.missed != automation.MissedAll && y.every == 0 && i%9 == 0 {
			y.movedTo = zones()[(i+2)%5]
		}
		all[i] = y
	}
	return all
}

// failures is how many attempts of a run meet an outage.
func (y yearling) failures(due time.Time) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(y.id + due.UTC().String()))
	if n := int(h.Sum32() >> 8); !y.slow && n%25 == 0 {
		return 1 + n/25%5
	}
	return 0
}

// leg is a time in which the clock goes and the program runs, from one wall
// reading to another.
type leg struct {
	from, to time.Time
	crashed  bool // the program was killed at its end
}

// calendar is what the clock of a zone shows, every five minutes.
type calendar []date

type date struct {
	weekday, day int
	at           []time.Time
	minute       []int
}

func readClock(tb testing.TB, zone string, from, to time.Time) calendar {
	tb.Helper()
	place, err := time.LoadLocation(zone)
	if err != nil {
		tb.Fatal(err)
	}
	var c calendar
	last := 0
	for at := from.Add(-48 * time.Hour); !at.After(to); at = at.Add(5 * time.Minute) {
		wall := at.In(place)
		if today := wall.Year()*1000 + wall.YearDay(); today > last {
			last = today
			c = append(c, date{weekday: int(wall.Weekday()), day: wall.Day()})
		}
		d := &c[len(c)-1]
		d.at, d.minute = append(d.at, at), append(d.minute, wall.Hour()*60+wall.Minute())
	}
	return c
}

// times are those at which it is due: in the first minute of a date that reads
// its time or later.
func (y yearling) times(clocks map[string]calendar, to time.Time) (out []time.Time) {
	if y.every > 0 {
		for at := y.since.Add(y.every); !at.After(to); at = at.Add(y.every) {
			out = append(out, at)
		}
		return out
	}
	out = y.timesIn(clocks[y.zone], y.since, to)
	if !y.moved.IsZero() {
		out = slices.DeleteFunc(out, func(t time.Time) bool { return t.After(y.moved) })
		out = append(out, y.timesIn(clocks[y.movedTo], y.moved, to)...)
	}
	return out
}

func (y yearling) timesIn(c calendar, after, to time.Time) (out []time.Time) {
	for _, d := range c {
		if y.weekday >= 0 && y.weekday != d.weekday || y.day >= 0 && y.day != d.day {
			continue
		}
		i := slices.IndexFunc(d.minute, func(m int) bool { return m >= y.minute })
		if i >= 0 && d.at[i].After(after) && !d.at[i].After(to) {
			out = append(out, d.at[i])
		}
	}
	return out
}

// attempt is one run.
type attempt struct {
	at time.Time
	n  int
}

// model goes through the year for one automation, leg by leg, without a loop, a
// store or a schedule.
type model struct {
	y           yearling
	times       []time.Time // not dealt with, the earliest first
	retry       attempt     // that is still to come, and
	retryAt     time.Time   // when
	waited      time.Duration
	runs        []attempt
	missed      int
	interrupted int
}

var backoffs = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}

func (m *model) run(a attempt, now time.Time, l leg) {
	m.runs = append(m.runs, a)
	m.retry = attempt{}
	if m.y.slow && l.crashed && l.to.Sub(now) < 20*time.Second {
		m.interrupted++
		return
	}
	if m.y.failures(a.at) >= a.n && a.n <= len(backoffs) {
		m.retry, m.waited = attempt{a.at, a.n + 1}, backoffs[a.n-1]
		m.retryAt = now.Add(m.waited)
	}
}

// take is the next time that is due by now, and whether there is one.
func (m *model) take(now time.Time) (time.Time, bool) {
	if len(m.times) == 0 || m.times[0].After(now) {
		return time.Time{}, false
	}
	at := m.times[0]
	m.times = m.times[1:]
	return at, true
}

func (m *model) leg(l leg) {
	if m.retry.n > 0 && l.from.Before(m.retryAt.Add(-m.waited)) {
		m.retryAt = l.from.Add(m.waited) // the clock was set back
	}
	if m.y.missed != automation.MissedAll {
		m.wake(l)
	}
	for now := l.from; ; {
		var next time.Time
		if len(m.times) > 0 {
			next = later(m.times[0], now)
		}
		again := later(m.retryAt, now)
		first := m.retry.n == 0 || m.y.missed != automation.MissedAll && !next.IsZero() && next.Before(again)
		switch {
		case m.retry.n > 0 && !first:
			if again.After(l.to) {
				return
			}
			now = again
			m.run(m.retry, now, l)
		case next.IsZero() || next.After(l.to):
			return
		default:
			now = next
			at, _ := m.take(now)
			if now.Sub(at) > 24*time.Hour {
				m.missed++
				continue
			}
			m.run(attempt{at, 1}, now, l)
		}
	}
}

// wake deals with all times of a gap at once.
func (m *model) wake(l leg) {
	var last time.Time
	count := 0
	for at, due := m.take(l.from); due; at, due = m.take(l.from) {
		last = at
		count++
	}
	switch {
	case count == 0:
	case m.y.missed == automation.MissedSkip && l.from.Sub(last) > time.Minute:
		m.missed += count
		m.retry = attempt{}
	default:
		m.missed += count - 1
		m.run(attempt{last, 1}, l.from, l)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// year lets a computer live for a year and returns what happened to it.
type year struct {
	*bench
	random      *rand.Rand
	all         []yearling
	legs        []leg
	interrupted map[string]int
	busy        atomic.Int32 // slow runs under way
}

func (y *year) live() {
	byID := map[string]yearling{}
	for _, a := range y.all {
		byID[a.id] = a
		y.enable(a.id, a.choice(a.zone))
	}
	y.run = func(ctx context.Context, due automation.Due) (automation.Outcome, error) {
		a := byID[due.ID]
		if a.slow {
			y.busy.Add(1)
			defer y.busy.Add(-1)
			select {
			case <-time.After(20 * time.Second):
			case <-ctx.Done():
			}
		}
		if a.failures(due.At) >= due.Attempt {
			return automation.Outcome{Status: history.Failed, Code: fault.Offline, RunID: due.RunID}, nil
		}
		return automation.Outcome{Status: history.OK, RunID: due.RunID}, nil
	}
	y.start()
	begin := y.now()
	moved := false
	for y.now().Before(begin.AddDate(1, 0, 0)) {
		l := leg{from: y.now()}
		time.Sleep(time.Duration(4+y.random.IntN(12*60)) * 5 * time.Minute)
		time.Sleep(y.now().Truncate(5 * time.Minute).Add(5*time.Minute + 30*time.Second).Sub(y.now()))
		y.happen(&l)
		y.legs = append(y.legs, l)
		if !moved && y.now().After(begin.AddDate(0, 5, 0)) {
			moved = true
			y.travel()
		}
	}
	l := leg{from: y.now()}
	time.Sleep(2 * time.Hour)
	l.to = y.now()
	y.legs = append(y.legs, l)
}

// happen is a sleep, a crash, or a clock that is set; it ends the leg.
func (y *year) happen(l *leg) {
	away := time.Duration(12+y.random.IntN(70*12)) * 5 * time.Minute
	switch y.random.IntN(5) {
	case 0, 1: // asleep, or set forward
	case 2:
		away = -time.Duration(6+y.random.IntN(12*20)) * 5 * time.Minute
	default:
		l.crashed = true
		if y.random.IntN(2) == 0 { // while something runs, if it does within a day
			time.Sleep(4*time.Minute + 40*time.Second)
			for range 288 {
				if y.busy.Load() > 0 {
					break
				}
				time.Sleep(5 * time.Minute)
			}
			away += 20 * time.Second
		}
	}
	l.to = y.now()
	if !l.crashed {
		y.set(away)
		return
	}
	y.crash()
	y.set(away)
	y.boot()
	y.start()
	all, err := y.loop.All()
	if err != nil {
		y.t.Fatal(err)
	}
	for id, r := range all {
		if r.Ask != nil {
			y.interrupted[id]++
			if err := y.loop.Decide(id, automation.DecideSkip); err != nil {
				y.t.Error(err)
			}
		}
	}
}

func (y *year) travel() {
	for i, a := range y.all {
		if a.movedTo != "" {
			y.enable(a.id, a.choice(a.movedTo))
			y.all[i].moved = y.now()
		}
	}
}

// A year of a thousand automations on a computer that sleeps, is killed, travels
// and has its clock set back and forward: each time is run once, made up for, or
// told of, as a model says that knows nothing of the loop.
func TestYear(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bench) {
		begin := b.now()
		y := &year{bench: b, random: rand.New(rand.NewPCG(52, 7)), all: yearlings(inYear, begin), interrupted: map[string]int{}}
		y.live()
		end := y.now()
		clocks := map[string]calendar{}
		for _, zone := range zones() {
			clocks[zone] = readClock(t, zone, begin, end)
		}
		total := map[string]int{}
		missed, shown := y.notesByID()
		for _, a := range y.all {
			m := model{y: a, times: a.times(clocks, end)}
			total["times"] += len(m.times)
			for _, l := range y.legs {
				m.leg(l)
			}
			y.compare(&m, missed[a.id], shown[a.id])
			total["runs"] += len(m.runs)
			total["missed"] += m.missed
			total["interrupted"] += m.interrupted
			for _, r := range m.runs {
				if r.n > 1 {
					total["retried"]++
				}
			}
		}
		if total["times"] != total["runs"]-total["retried"]+total["missed"] {
			t.Errorf("times were lost or run twice: %v", total)
		}
		t.Logf("%d legs: %v", len(y.legs), total)
	})
}

// notesByID counts times that were missed, and runs that are shown as interrupted.
func (y *year) notesByID() (missed, interrupted map[string]int) {
	y.mu.Lock()
	defer y.mu.Unlock()
	missed, interrupted = map[string]int{}, map[string]int{}
	for _, n := range y.notes {
		if n.Status == history.Interrupted {
			interrupted[n.ID] += n.Count
		} else {
			missed[n.ID] += n.Count
		}
	}
	return missed, interrupted
}

// compare holds what the loop did against what the model says.
func (y *year) compare(m *model, missed, shown int) {
	var got []attempt
	y.mu.Lock()
	for _, due := range y.runs {
		if due.ID == m.y.id {
			got = append(got, attempt{due.At.UTC(), due.Attempt})
		}
	}
	y.mu.Unlock()
	same := slices.EqualFunc(got, m.runs, func(a, b attempt) bool { return a.at.Equal(b.at) && a.n == b.n })
	if !same {
		y.t.Errorf("%+v: %d runs, the model says %d%s", m.y, len(got), len(m.runs), firstDifference(got, m.runs))
	}
	if missed != m.missed || y.interrupted[m.y.id] != m.interrupted || shown != m.interrupted {
		y.t.Errorf("%+v: %d missed, %d interrupted and %d shown so, the model says %d and %d", m.y, missed, y.interrupted[m.y.id], shown, m.missed, m.interrupted)
	}
}

func firstDifference(got, want []attempt) string {
	for i := range min(len(got), len(want)) {
		if !got[i].at.Equal(want[i].at) || got[i].n != want[i].n {
			return fmt.Sprintf("; run %d is %v, not %v", i, got[i], want[i])
		}
	}
	return ""
}
