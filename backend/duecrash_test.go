package backend_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pie/backend"
	"pie/backend/automation"
	"pie/backend/history"
	"pie/backend/paths"
	"pie/backend/patience"
)

// dueAgents are as many agents, each due every minute.
const dueAgents = 3

func dueName(i int) string { return fmt.Sprintf("due%d", i) }

// dueAgent posts once for the time that it is run for.
const dueAgent = `---
name: NAME
displayName: NAME
version: 1.0.0
manifest:
  automation: {triggers: [{type: cron, default: "* * * * *"}]}
  network: {hosts: ["SERVER"]}
---
async function handler(input, context) {
  const r = await context.fetch('SERVER/NAME/' + (input.scheduledFor || 'hand'), { method: 'POST', body: '{}' });
  if (!r.ok) throw new Error('answered ' + r.status);
  return { success: true };
}
`

// openDue opens the home with a clock that goes from a given time on, but never into
// the next minute, however long it takes.
func openDue(ctx context.Context, dir string, clock time.Time) (*backend.Backend, error) {
	began := time.Now()
	return backend.Open(ctx, backend.Options{
		Paths: paths.In(dir), Now: func() time.Time { return clock.Add(min(time.Since(began), 50*time.Second)) },
		Env:     paths.Environment{KeySource: "keyfile", KeyFile: filepath.Join(dir, "key"), TimeZone: "UTC", LoopbackPort: 1},
		Desktop: func(context.Context, string, string) error { return nil },
	})
}

// dueChild runs all that is due at the time on its clock, and ends when it has.
func dueChild(dir, clock string) int {
	now, err := time.Parse(time.RFC3339, clock)
	if err != nil {
		return crashed("reading the clock", err)
	}
	b, err := openDue(context.Background(), dir, now)
	if err != nil {
		return crashed("opening", err)
	}
	say("begin")
	b.StartAutomations()
	for range time.Tick(2 * time.Millisecond) {
		all, err := b.Automations.All()
		if err != nil {
			return crashed("asking", err)
		}
		if dealtWith(all, now) {
			break
		}
	}
	if err := b.Close(); err != nil {
		return crashed("closing", err)
	}
	return 0
}

func dealtWith(all map[string]automation.Record, now time.Time) bool {
	for _, r := range all {
		if r.Begun != nil || !r.Pending.IsZero() || len(r.Owed) > 0 || r.Cursor.Before(now.Truncate(time.Minute)) {
			return false
		}
	}
	return true
}

// arrivals counts what came by agent and due time.
type arrivals struct {
	mu sync.Mutex
	n  map[string]int
}

func (a *arrivals) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.n[strings.TrimPrefix(r.URL.Path, "/")]++
}

// dueHome is a home in which the agents are due from the minute after start on.
func dueHome(t *testing.T, origin string, start time.Time) string {
	t.Helper()
	dir := t.TempDir()
	b, err := openDue(t.Context(), dir, start)
	if err != nil {
		t.Fatal(err)
	}
	h := &home{Backend: b, dir: dir}
	for i := range dueAgents {
		name := dueName(i)
		h.install(t, backend.Source{Name: name + ".pie", Content: []byte(strings.NewReplacer("NAME", name, "SERVER", origin).Replace(dueAgent))})
		if run, err := b.Run(t.Context(), backend.RunRequest{Agent: name}); err != nil || run.Status != history.OK {
			t.Fatal(run, err) // a first write is the person's
		}
		if err := b.EnableAutomation(name, automation.Choice{Missed: automation.MissedAll, Network: automation.Ignore}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestKilledWhileDue kills the program at random moments while runs are due. Each
// time that was due has its run once, or shows that it was interrupted: none is
// run twice, and none is lost. Nothing hangs on how fast the machine is.
func TestKilledWhileDue(t *testing.T) {
	t.Parallel()
	came := &arrivals{n: map[string]int{}}
	server := httptest.NewServer(came)
	defer server.Close()
	start := time.Now().UTC().Truncate(time.Minute)
	dir := dueHome(t, server.URL, start)
	minutes, kills := 0, 0
	var whole time.Duration // of a life that was let be
	for ; kills < dueKills && minutes < 3*dueKills && !t.Failed(); minutes++ {
		most := whole
		if minutes%10 == 0 {
			most = 0
		}
		killed, lived := oneDueLife(t, dir, start.Add(time.Duration(minutes+1)*time.Minute), most)
		if killed {
			kills++
		} else {
			whole = lived
		}
	}
	oneDueLife(t, dir, start.Add(time.Duration(minutes)*time.Minute), 0) // deals with what is left
	server.Close()                                                       // and so every request has been counted
	checkDue(t, dir, start, minutes, kills, came.n)
}

// oneDueLife lets the program live, for a random part of most unless that is zero.
func oneDueLife(t *testing.T, dir string, minute time.Time, most time.Duration) (killed bool, lived time.Duration) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "due-child", dir, minute.Add(time.Second).Format(time.RFC3339))
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	limit := time.AfterFunc(patience.Limit, func() { _ = child.Process.Kill() })
	var began time.Time
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if word, rest, _ := strings.Cut(lines.Text(), " "); word == "error" {
			t.Errorf("child: %s", rest)
		}
		began = time.Now()
		if most > 0 {
			time.AfterFunc(rand.N(most), func() { _ = child.Process.Kill() })
		}
	}
	_ = child.Wait()
	killed = child.ProcessState.ExitCode() < 0
	if !limit.Stop() && most == 0 {
		t.Error("a life that was let be never ended")
	}
	return killed, time.Since(began)
}

// dueRows are the rows of an agent by the time they are for.
func dueRows(t *testing.T, b *backend.Backend, agent string) map[time.Time][]history.Run {
	t.Helper()
	runs, err := b.History.Runs(t.Context(), agent, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	out := map[time.Time][]history.Run{}
	for _, run := range runs {
		if run.Trigger != backend.AutomationTrigger {
			continue
		}
		in := struct{ ScheduledFor time.Time }{run.StartedAt} // what has no input never began
		if len(run.Input) > 0 && json.Unmarshal(run.Input, &in) != nil {
			t.Fatalf("%s", run.Input)
		}
		out[in.ScheduledFor.UTC()] = append(out[in.ScheduledFor.UTC()], run)
	}
	return out
}

func checkDue(t *testing.T, dir string, start time.Time, minutes, kills int, came map[string]int) {
	t.Helper()
	b, err := openDue(t.Context(), dir, start)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	seen := map[string]int{}
	for i := range dueAgents {
		rows := dueRows(t, b, dueName(i))
		for minute := 1; minute <= minutes; minute++ {
			at := start.Add(time.Duration(minute) * time.Minute)
			n := came[dueName(i)+"/"+at.Format("2006-01-02T15:04:05Z")]
			status := "lost"
			if len(rows[at]) == 1 {
				status = rows[at][0].Status
			}
			seen[fmt.Sprintf("%s, %d sent", status, n)]++
			once := status == history.OK && n == 1 || status == history.Interrupted && n <= 1
			if !once {
				t.Errorf("%s at %v: %d sent, rows %+v", dueName(i), at, n, rows[at])
			}
		}
		if len(rows) != minutes {
			t.Errorf("%s has rows for %d times, %d were due", dueName(i), len(rows), minutes)
		}
	}
	t.Logf("%d kills, %d times due: %v", kills, minutes*dueAgents, seen)
}
