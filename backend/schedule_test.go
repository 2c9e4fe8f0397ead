package backend_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pie/backend"
	"pie/backend/automation"
	"pie/backend/history"
	"pie/backend/paths"
	"pie/backend/patience"
	"pie/backend/plugin"
	"pie/backend/secret"
)

// reopen ends the program and starts it again; the clock goes on.
func (w *wall) reopen(t *testing.T) *wall {
	t.Helper()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	again := &wall{home: &home{dir: w.dir}, now: w.clock(), online: true}
	again.boot(t)
	return again
}

func (w *wall) boot(t *testing.T) {
	t.Helper()
	dir := w.dir
	b, err := backend.Open(t.Context(), backend.Options{
		Paths: paths.In(dir), Surroundings: w, Now: w.clock,
		Env: paths.Environment{KeySource: "keyfile", KeyFile: filepath.Join(dir, "key"), TimeZone: "UTC", LoopbackPort: 1},
		OpenURL: func(context.Context, string) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.opened++
			return nil
		},
		Desktop: func(context.Context, string, string) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Backend = b
	t.Cleanup(func() { _ = b.Close() })
	if err := b.Unlock(t.Context(), secret.String{}); err != nil {
		t.Fatal(err)
	}
}

// sampleAt is a bundled agent that speaks to a server of the test.
func sampleAt(t *testing.T, name, from, to string) backend.Source {
	t.Helper()
	samples, err := plugin.Samples()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := samples.(interface{ ReadFile(string) ([]byte, error) }).ReadFile(name + ".pie")
	if err != nil {
		t.Fatal(err)
	}
	return backend.Source{Name: name + ".pie", Content: []byte(strings.ReplaceAll(strings.ReplaceAll(string(raw), "https://"+from, "http://"+to), from, to))}
}

const labeler = `---
name: email-labeler
displayName: E-mail labeler
tier: automation
version: 1.0.0
manifest:
  automation:
    onWebhook: true
    timeout: 120
    triggers:
      - {type: webhook, description: New mail}
      - {type: cron, default: "*/15 * * * *", description: Every 15 minutes}
  network: {hosts: ["SERVER"]}
---
let labels = {};
async function label(context, id) {
  const r = await context.fetch('http://SERVER/messages/' + id + '/labels', { method: 'POST', body: JSON.stringify({ add: ['News'] }) });
  if (!r.ok) throw new Error('labels answered ' + r.status);
}
async function handler(input, context) {
  const r = await context.fetch('http://SERVER/messages?unlabeled=1');
  if (!r.ok) throw new Error('messages answered ' + r.status);
  const list = JSON.parse(r.body);
  for (const m of list) await label(context, m.id);
  return { success: true, labeled: list.length, triggeredBy: input.triggeredBy };
}
async function onWebhook(input, context) { await label(context, input.triggerData.id); return { success: true }; }
module.exports = { handler, onWebhook };
`

// mail is a mailbox with messages that have no label yet.
type mail struct {
	mu      sync.Mutex
	waiting []string
	labeled map[string]int
	status  int // of the answer to a label, 200 when zero
	asked   int
}

func (m *mail) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r.Method == http.MethodGet {
		m.asked++
		list := []map[string]string{}
		for _, id := range m.waiting {
			list = append(list, map[string]string{"id": id})
		}
		_ = json.NewEncoder(w).Encode(list)
		return
	}
	id := strings.Split(r.URL.Path, "/")[2]
	m.labeled[id]++
	if m.status != 0 {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(m.status)
		return
	}
	m.waiting = nil
}

// The weather at seven and the mail every quarter of an hour, on a computer that
// is offline from half past six until noon: each is run once for all that was
// missed, and goes on at its times.
func TestSamplesOfflineForHours(t *testing.T) {
	t.Parallel()
	var asked sync.Map
	weather := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.URL.Query().Get("q"), true)
		_, _ = fmt.Fprint(w, `{"main":{"temp":21.4},"weather":[{"description":"clear sky"}]}`)
	}))
	t.Cleanup(weather.Close)
	box := &mail{labeled: map[string]int{}}
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)

	w := newWall(t)
	w.install(t, sampleAt(t, "daily-weather", "api.openweathermap.org", weather.Listener.Addr().String()))
	w.install(t, backend.Source{Name: "email-labeler.pie", Content: []byte(strings.ReplaceAll(labeler, "SERVER", server.Listener.Addr().String()))})
	if err := w.Secrets.Set(t.Context(), "daily-weather", "WEATHER_API_KEY", secret.New("a key")); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"daily-weather/0", "email-labeler/1"} {
		if err := w.EnableAutomation(id, automation.Choice{Network: automation.Wait}); err != nil {
			t.Fatal(err)
		}
	}
	w.byHand(t, box)
	w.StartAutomations()
	w.set(t, "1 06:15:20", true)
	patience.Until(t, "the network settles", func() bool {
		w.second(t, true)
		return count(w.ended(t, "email-labeler"), history.OK) == 2
	})
	// Its run stands in history a moment before it is over, and what is due while it
	// goes on is left out.
	patience.Until(t, "the mail is labeled", func() bool { return w.record(t, "email-labeler/1").Begun == nil })
	quarter := 2
	w.set(t, "1 06:30:10", false)
	box.mu.Lock()
	box.waiting = []string{"1", "2"}
	box.mu.Unlock()
	patience.Until(t, "the mail waits", func() bool { return w.record(t, "email-labeler/1").Waits == automation.ForNetwork })
	w.set(t, "1 12:05:00", false)
	patience.Until(t, "the weather waits", func() bool {
		w.second(t, false)
		return w.record(t, "daily-weather/0").Waits == automation.ForNetwork
	})
	if n := len(w.ended(t, "daily-weather")); n != 0 {
		t.Errorf("offline, %d runs of the weather", n)
	}
	patience.Until(t, "the network settles", func() bool {
		w.second(t, true)
		return w.record(t, "daily-weather/0").Last != nil && w.record(t, "email-labeler/1").Last.Due.Hour() == 12
	})
	runs := w.ended(t, "daily-weather")
	if len(runs) != 1 || runs[0].Status != history.OK || string(runs[0].Result) != `{"success":true,"temp":21}` {
		t.Errorf("weather: %+v", runs)
	}
	patience.Until(t, "the gap stands in history", func() bool { return count(w.ended(t, "email-labeler"), history.Missed) == 2 })
	box.mu.Lock()
	if box.labeled["1"] != 1 || box.labeled["2"] != 1 {
		t.Errorf("labels: %v", box.labeled)
	}
	box.mu.Unlock()
	if got := count(w.ended(t, "email-labeler"), history.OK); got != quarter+1 {
		t.Errorf("%d runs of the mail, want %d", got, quarter+1)
	}
	w.set(t, "1 12:15:05", true)
	patience.Until(t, "it goes on", func() bool {
		w.second(t, true)
		return count(w.ended(t, "email-labeler"), history.OK) == quarter+2
	})
	if w.opened != 0 {
		t.Errorf("%d browsers were opened", w.opened)
	}
}

// byHand runs the labeler once as the person does, after which it may write to
// the mailbox in the background as well.
func (w *wall) byHand(t *testing.T, box *mail) {
	t.Helper()
	box.mu.Lock()
	box.waiting = []string{"0"}
	box.mu.Unlock()
	if run, err := w.RunAutomation(t.Context(), "email-labeler/1", nil); err != nil || run.Status != history.OK {
		t.Fatalf("by hand: %+v, %v", run, err)
	}
}

// A label that was refused with 503 may have been set, so nothing is sent again
// before the person says so, whatever Retry-After says.
func TestWriteIsAskedAbout(t *testing.T) {
	t.Parallel()
	box := &mail{labeled: map[string]int{}}
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	w := newWall(t)
	w.install(t, backend.Source{Name: "email-labeler.pie", Content: []byte(strings.ReplaceAll(labeler, "SERVER", server.Listener.Addr().String()))})
	if err := w.EnableAutomation("email-labeler/1", automation.Choice{}); err != nil {
		t.Fatal(err)
	}
	w.byHand(t, box)
	box.mu.Lock()
	box.waiting, box.status = []string{"7"}, http.StatusServiceUnavailable
	box.mu.Unlock()
	w.StartAutomations()
	w.set(t, "1 09:00:01", true)
	patience.Until(t, "asked", func() bool { return w.record(t, "email-labeler/1").Ask != nil })
	w.set(t, "1 09:10:00", true)
	r := w.record(t, "email-labeler/1")
	sent, err := w.SentWrites(history.Run{ID: r.Ask.RunID, Agent: "email-labeler"})
	if err != nil || len(sent) != 1 || sent[0].Path != "/messages/7/labels" || sent[0].Status != http.StatusServiceUnavailable {
		t.Errorf("sent %+v, %v", sent, err)
	}
	box.mu.Lock()
	if box.labeled["7"] != 1 {
		t.Errorf("sent %d times", box.labeled["7"])
	}
	box.status = 0
	box.mu.Unlock()
	if err := w.Automations.Decide("email-labeler/1", automation.DecideRun); err != nil {
		t.Fatal(err)
	}
	patience.Until(t, "run again", func() bool { return count(w.ended(t, "email-labeler"), history.OK) == 2 })
}
