package app_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"pie/app"
	"pie/backend/history"
)

// TestRunDetailTellsTheInput runs an agent and reads the run again.
func TestRunDetailTellsTheInput(t *testing.T) {
	t.Parallel()
	a, folder := openApp(t), t.TempDir()
	saveFile(t, filepath.Join(folder, "manifest.json"), `{"name": "echo", "version": "1.0.0"}`)
	saveFile(t, filepath.Join(folder, "agent.js"), "module.exports = { handler: input => input };")
	sheet, err := a.Agents.Inspect(app.InspectRequest{Source: folder})
	if err == nil {
		_, err = a.Agents.Install(app.InstallRequest{Source: folder, Hash: sheet.Hash})
	}
	if err != nil {
		t.Fatal(err)
	}
	run, err := a.Runs.Run(app.RunRequest{Op: "once", Agent: "echo", Input: json.RawMessage(`{"a":1}`)})
	if err != nil || run.Status != history.OK {
		t.Fatalf("%+v %v", run, err)
	}
	raw, err := a.Call(t.Context(), "Runs.Get", json.RawMessage(`{"id":"`+run.ID+`"}`))
	var got struct {
		Input, Result json.RawMessage
		Status        string
	}
	if err == nil {
		err = json.Unmarshal(raw, &got)
	}
	if err != nil || string(got.Input) != `{"a":1}` || string(got.Result) != `{"a":1}` || got.Status != history.OK {
		t.Errorf("%s %v", raw, err)
	}
	page, err := a.Runs.Find(app.FindRequest{Statuses: []string{history.OK}})
	if err != nil || len(page.Rows) != 1 || page.Rows[0].ID != run.ID || page.Next != "" {
		t.Errorf("%+v %v", page, err)
	}
}
