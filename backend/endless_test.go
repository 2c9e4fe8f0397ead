package backend_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pie/backend"
	"pie/backend/automation"
	"pie/backend/history"
	"pie/backend/patience"
)

// Two agents that run for each other's events stop after a while, and say so.
func TestAgentsThatRunForEachOther(t *testing.T) {
	t.Parallel()
	w := newWall(t)
	for name, other := range map[string]string{"ping": "pong", "pong": "ping"} {
		w.install(t, pie(name, "  automation: {triggers: [{type: plugin_event, plugin: "+other+"}, {type: webhook}]}\n", "return input.triggeredBy"))
	}
	for _, name := range []string{"ping", "pong"} {
		if err := w.EnableAutomation(name+"/0", automation.Choice{}); err != nil {
			t.Fatal(err)
		}
	}
	w.StartAutomations()
	if _, err := w.RunAutomation(t.Context(), "ping/1", []byte(`"go"`)); err != nil {
		t.Fatal(err)
	}
	told := func() (text string, runs int) {
		for _, name := range []string{"ping", "pong"} {
			for _, r := range w.ended(t, name) {
				if r.Status == history.Skipped {
					text = r.Error.Message
				} else {
					runs++
				}
			}
		}
		return text, runs
	}
	patience.Until(t, "it stops", func() bool {
		w.pass(t, time.Minute, true)
		text, _ := told()
		return text != ""
	})
	if text, runs := told(); runs != 6 || !strings.Contains(text, "ping → pong → ping") {
		t.Errorf("%d runs, told %q", runs, text)
	}
}

// A handler that never ends is stopped at its limit, and the next time has its
// run.
func TestHandlerThatNeverEnds(t *testing.T) {
	t.Parallel()
	w := newWall(t)
	w.install(t, backend.Source{Name: "endless.pie", Content: []byte("---\nname: endless\nversion: 1.0.0\nmanifest:\n  automation: {timeout: 1, triggers: [{type: cron, default: \"0 * * * *\"}]}\n---\nasync function handler() { for (;;); }\nmodule.exports = { handler };\n")})
	if err := w.EnableAutomation("endless", automation.Choice{}); err != nil {
		t.Fatal(err)
	}
	w.StartAutomations()
	for hour := 1; hour <= 2; hour++ {
		w.set(t, fmt.Sprintf("1 %02d:00:01", hour), true)
		patience.Until(t, "stopped", func() bool {
			return count(w.ended(t, "endless"), history.Stopped) == hour && w.record(t, "endless/0").Begun == nil
		})
	}
	patience.Until(t, "told", func() bool { return w.record(t, "endless/0").Told == automation.TroubleFailed })
}
