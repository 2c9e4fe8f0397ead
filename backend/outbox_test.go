package backend_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pie/backend"
	"pie/backend/connection"
	"pie/backend/history"
	"pie/backend/outbox"
	"pie/backend/patience"
)

// TestBackgroundRunMeetsANewHost: what the clock begins writes nowhere new
// before the person has sent such a write (S25).
func TestBackgroundRunMeetsANewHost(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	h.install(t, backend.Source{Name: "sample:practice-notes"})
	h.consent(t, nil)
	h.connect(t, "scheme")
	byTheClock := func() history.Run {
		run, err := h.Run(t.Context(), backend.RunRequest{
			Agent: "practice-notes", Trigger: backend.AutomationTrigger, Input: json.RawMessage(`{"action":"add","text":"from the clock"}`),
		})
		if err != nil {
			t.Fatal(err)
		}
		return run
	}
	notes := func() int { return strings.Count(string(h.run(t, `{}`).Result), "from the clock") }
	byTheClock()
	held, err := h.Outbox.List("practice-notes", "")
	if err != nil || len(held) != 1 || held[0].Reason != outbox.NewHost || notes() != 0 {
		t.Fatalf("held %+v, %v", held, err)
	}
	if _, err := h.Connections.Send(t.Context(), held[0].ID, false); err != nil || notes() != 1 {
		t.Fatalf("sending: %v", err)
	}
	if run := byTheClock(); run.Status != history.OK || notes() != 2 {
		t.Errorf("the next: %+v", run.Error)
	}
}

// TestAttendedRunAsks: the run goes on with the person's word.
func TestAttendedRunAsks(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	h.install(t, backend.Source{Name: "sample:practice-notes"})
	h.consent(t, nil)
	h.connect(t, "scheme")
	if _, err := h.Connections.SetAccess("practice-notes", "", "", connection.AccessAsk); err != nil {
		t.Fatal(err)
	}
	ended := make(chan history.Run, 1)
	go func() {
		run, err := h.Run(context.Background(), backend.RunRequest{
			Agent: "practice-notes", Attended: true, Input: json.RawMessage(`{"action":"add","text":"asked"}`),
		})
		if err != nil {
			t.Error(err)
		}
		ended <- run
	}()
	patience.Until(t, "it is asked", func() bool {
		list, err := h.Outbox.List("", "")
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != 1 || list[0].State != outbox.Asking {
			return false
		}
		_, err = h.Outbox.Answer(list[0].ID, true, time.Now())
		return err == nil
	})
	if run := <-ended; run.Status != history.OK || !strings.Contains(string(h.run(t, `{}`).Result), "asked") {
		t.Errorf("got %+v", run.Error)
	}
}
