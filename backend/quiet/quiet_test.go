package quiet_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pie/backend/quiet"
	"pie/backend/settings"
	"pie/backend/store"
)

// night is a computer that is quiet from ten to seven.
type night struct {
	t     *testing.T
	file  string
	store *store.Store
	hours *quiet.Hours
	end   context.CancelFunc
	work  sync.WaitGroup

	mu     sync.Mutex
	offset time.Duration
	hush   settings.Settings
	told   []string
}

func (n *night) boot() {
	n.t.Helper()
	var err error
	if n.store, err = store.Open(n.file, store.Options{}); err != nil {
		n.t.Fatal(err)
	}
	n.hours = quiet.New(quiet.Options{Store: n.store, Now: n.now, Quiet: n.wanted, Tell: n.tell, Log: slog.New(slog.DiscardHandler)})
}

func (n *night) start() {
	ctx, end := context.WithCancel(n.t.Context())
	n.end = end
	n.work.Go(func() { n.hours.Watch(ctx) })
}

func (n *night) stop() {
	n.t.Helper()
	if n.end != nil {
		n.end()
	}
	n.work.Wait()
	if err := n.store.Close(); err != nil {
		n.t.Error(err)
	}
}

func (n *night) now() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return time.Now().UTC().Add(n.offset)
}

// set moves the clock while no timer moves.
func (n *night) set(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.offset += d
}

func (n *night) wanted(now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.hush.Quiet(now)
}

func (n *night) tell(sum quiet.Sum) {
	at := n.now()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.told = append(n.told, fmt.Sprintf("%s %v %d", at.Format("2 15:04"), sum.Agents, sum.Lost))
}

func (n *night) hold(agent string, kept, want bool) {
	n.t.Helper()
	if got := n.hours.Hold(agent, kept); got != want {
		n.t.Errorf("at %s held: %v", n.now().Format("15:04"), got)
	}
}

// until lets the clock go on to a time of the first days of 2000.
func (n *night) until(clock string) {
	n.t.Helper()
	at, err := time.Parse("2006-01-2 15:04", "2000-01-"+clock)
	if err != nil {
		n.t.Fatal(err)
	}
	time.Sleep(at.Sub(n.now()))
	synctest.Wait()
}

func TestNight(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		befalls func(n *night) // from 23:00 on, when three were held
		told    []string
	}{
		"nothing":           {func(n *night) { n.until("2 12:00") }, []string{"2 07:00 map[mail:2 weather:1] 1"}},
		"more":              {func(n *night) { n.until("2 06:59"); n.hold("mail", true, true); n.until("2 12:00") }, []string{"2 07:00 map[mail:3 weather:1] 1"}},
		"sleeps till noon":  {func(n *night) { n.set(13 * time.Hour); n.until("2 12:05") }, []string{"2 12:00 map[mail:2 weather:1] 1"}},
		"a restart":         {func(n *night) { n.stop(); n.boot(); n.start(); n.until("2 12:00") }, []string{"2 07:00 map[mail:2 weather:1] 1"}},
		"closed till noon":  {func(n *night) { n.stop(); n.until("2 12:00"); n.boot(); n.start(); n.until("2 12:01") }, []string{"2 12:00 map[mail:2 weather:1] 1"}},
		"nothing stays":     {func(n *night) { n.end(); n.until("2 12:00"); n.hold("mail", true, false) }, []string{"2 12:00 map[mail:2 weather:1] 1"}},
		"hours are ended":   {func(n *night) { n.mu.Lock(); n.hush = settings.Settings{}; n.mu.Unlock(); n.until("2 12:00") }, []string{"1 23:00 map[mail:2 weather:1] 1"}},
		"two nights":        {func(n *night) { n.until("2 22:30"); n.hold("mail", true, true); n.until("3 12:00") }, []string{"2 07:00 map[mail:2 weather:1] 1", "3 07:00 map[mail:1] 0"}},
		"an evening before": {func(n *night) { n.set(-2 * time.Hour); n.until("1 21:30"); n.hold("mail", true, false) }, []string{"1 21:00 map[mail:2 weather:1] 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := &night{t: t, file: filepath.Join(t.TempDir(), "pie.db"), hush: settings.Settings{QuietFrom: "22:00", QuietTo: "07:00"}}
				n.boot()
				n.start()
				n.until("1 21:59")
				n.hold("mail", true, false)
				n.until("1 23:00")
				n.hold("mail", true, true)
				n.hold("mail", false, true)
				n.hold("weather", true, true)
				c.befalls(n)
				n.stop()
				if !slices.Equal(n.told, c.told) {
					t.Errorf("told %q, want %q", n.told, c.told)
				}
			})
		})
	}
}
