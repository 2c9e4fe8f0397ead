package backend_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pie/backend"
	"pie/backend/connection"
	"pie/backend/history"
)

// TestReceipts: each connection answers for its own requests, also where one
// service has two accounts.
func TestReceipts(t *testing.T) {
	t.Parallel()
	h, server, app := pretendHome(t)
	h.consent(t, nil)
	if _, err := h.AddClient(t.Context(), "pretend", app, false); err != nil {
		t.Fatal(err)
	}
	if _, err := h.GrantClient("pretend", "one"); err != nil {
		t.Fatal(err)
	}
	for _, label := range []string{"home", "work"} {
		q := connection.Request{Op: label, Agent: "one", Account: label, Redirect: "scheme"}
		if _, err := h.Connections.Connect(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	input, err := json.Marshal(map[string]string{"base": server.URL()})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		run, err := h.Run(t.Context(), backend.RunRequest{Agent: "one", Account: "work", Input: input})
		if err != nil || run.Status != history.OK {
			t.Fatalf("got %+v, %v", run, err)
		}
	}
	receipts, err := h.Receipts(t.Context(), "one")
	if err != nil || len(receipts) != 2 {
		t.Fatalf("got %+v, %v", receipts, err)
	}
	home, work := receipts[0], receipts[1]
	if home.Connection.Label != "home" || home.Reads != 0 || len(home.Unused) != 1 || home.Checks != 1 {
		t.Errorf("home: %+v", home)
	}
	if work.Reads != 2 || work.Writes != 0 || len(work.Unused) != 0 || !strings.HasPrefix(work.Text, "Read twice from 127.0.0.1") {
		t.Errorf("work: %+v", work)
	}
	raw, err := json.Marshal(work)
	if err != nil || !strings.Contains(string(raw), `"text":"Read twice`) || !strings.Contains(string(raw), `"cannot_tell":[]`) {
		t.Errorf("got %s, %v", raw, err)
	}
}
