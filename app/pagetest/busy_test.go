package pagetest_test

import (
	"path/filepath"
	"testing"
	"time"

	"pie/app"
	"pie/backend"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/paths"
)

// openBusy opens a home in which much has run.
func openBusy(t *testing.T) *app.App {
	t.Helper()
	dir := t.TempDir()
	env := paths.Environment{KeySource: "keyfile", KeyFile: filepath.Join(dir, "key")}
	b, err := backend.Open(t.Context(), backend.Options{Paths: paths.In(dir), Env: env})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.History.SaveRuns(t.Context(), muchRan(time.Now())); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	a := openWith(t, dir, env)
	installWeather(t, a)
	return a
}

// muchRan are 1,200 runs of three weeks, of each kind and end but those under way.
func muchRan(now time.Time) []history.Run {
	ends := []string{history.OK, history.OK, history.OK, history.Failed, history.OK, history.RequiresAuth, history.Stopped, history.Missed}
	triggers := []string{"manual", backend.AutomationTrigger, backend.AutomationTrigger, backend.WebhookTrigger, backend.DevTrigger, backend.PracticeTrigger}
	var out []history.Run
	for i := range 1200 {
		at := now.Add(-25 * time.Minute * time.Duration(1200-i)).UTC()
		run := history.Run{
			ID: history.NewID(at), Agent: "daily-weather", Function: "handler", Trigger: triggers[i%len(triggers)], Status: ends[i%len(ends)],
			StartedAt: at, DurationMS: int64(20 + i%900), Requests: make([]history.Request, i%3),
		}
		if run.Status == history.Missed {
			run.Trigger, run.DurationMS, run.Requests = backend.AutomationTrigger, 0, nil
		}
		if run.Status != history.OK {
			run.Error = fault.Public(fault.New(fault.Script, "The weather service gave no answer.", "Try again later."))
		}
		out = append(out, run)
	}
	return out
}
