package backend_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pie/backend"
	"pie/backend/history"
	"pie/backend/paths"
	"pie/backend/secret"
)

// planning is a folder whose agent plans work and tells what it was told.
func planning(t *testing.T) string {
	t.Helper()
	return writeFolder(t, map[string]string{"manifest.json": `{"name": "planning"}`, "agent.js": `module.exports = { handler: async (input, context) => {
		const made = await context.tasks.create({ name: 'Tea', every: '2h' });
		const changed = input.change ? await context.tasks.update(made.id, { name: 'Coffee' }) : made;
		return [made.dryRun ?? null, changed.name, (await context.tasks.list()).map((t) => t.name)];
	} };`})
}

func planned(run *history.Run) bool {
	return !slices.ContainsFunc(run.Logs, func(l history.Log) bool { return strings.Contains(l.Text, "Nothing was planned") })
}

// TestPlayedRunsPlanNothing, and say so.
func TestPlayedRunsPlanNothing(t *testing.T) {
	t.Parallel()
	folder, h := planning(t), newHome(t, t.TempDir())
	practised := h.dev(t, backend.DevRequest{Folder: folder, Name: "x", Practice: true, Run: backend.RunRequest{Input: json.RawMessage(`{"change":1}`)}})
	if string(practised.Run.Result) != `[true,"Coffee",["Coffee"]]` || planned(practised.Run) {
		t.Errorf("%s %+v %+v", practised.Run.Result, practised.Run.Error, practised.Run.Logs)
	}
	if all, err := h.Automations.All(); err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
	h.installInPlace(t, folder)
	recorded := h.dev(t, backend.DevRequest{Folder: folder, Name: "x", Record: true})
	if string(recorded.Run.Result) != `[null,"Tea",["Tea"]]` || !planned(recorded.Run) {
		t.Errorf("%s %+v", recorded.Run.Result, recorded.Run.Logs)
	}
	played := h.dev(t, backend.DevRequest{Folder: folder, Name: "x", Replay: true})
	if string(played.Run.Result) != string(recorded.Run.Result) || planned(played.Run) {
		t.Errorf("%s %+v", played.Run.Result, played.Run.Logs)
	}
	if list, err := h.PlannedBy(t.Context(), "planning"); err != nil || len(list) != 1 {
		t.Errorf("%+v %v", list, err)
	}
}

// TestPlayedRunsStandInHistory as what they were.
func TestPlayedRunsStandInHistory(t *testing.T) {
	t.Parallel()
	folder, h := planning(t), newHome(t, t.TempDir())
	q := backend.DevRequest{Folder: folder, Name: "x", Practice: true}
	h.dev(t, q)
	if state := h.Vault.Status(t.Context()).State; state != "none" {
		t.Errorf("playing made a vault: %s", state)
	}
	h.installInPlace(t, folder)
	h.dev(t, backend.DevRequest{Folder: folder, Name: "x", Record: true})
	h.dev(t, q)
	h.dev(t, backend.DevRequest{Folder: folder, Name: "x", Replay: true})
	runs, err := h.Runs("planning", 10)
	if err != nil || len(runs) != 3 {
		t.Fatalf("%+v %v", runs, err)
	}
	for i, want := range []string{backend.ReplayTrigger, backend.PracticeTrigger, backend.DevTrigger} {
		if runs[i].Trigger != want || runs[i].Status != history.OK {
			t.Errorf("run %d: %s %s", i, runs[i].Trigger, runs[i].Status)
		}
	}
	if rows, err := h.History.Audit("", 10); err != nil || len(rows) != 0 {
		t.Errorf("%+v %v", rows, err)
	}
}

// TestPlayingAsksForNoPassphrase: what is only played is not worth a question.
func TestPlayingAsksForNoPassphrase(t *testing.T) {
	t.Parallel()
	dir, asked := t.TempDir(), 0
	b, err := backend.Open(t.Context(), backend.Options{
		Paths: paths.In(dir), Env: paths.Environment{KeySource: "passphrase", TimeZone: "UTC", LoopbackPort: 1, KeyFile: filepath.Join(dir, "key")},
		AskPassphrase: func(context.Context) (secret.String, error) { asked++; return secret.New("open sesame"), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	if err := b.Unlock(t.Context(), secret.New("open sesame")); err != nil {
		t.Fatal(err)
	}
	q := backend.DevRequest{Folder: planning(t), Name: "x", Practice: true}
	for i, lock := range []bool{false, true} {
		if lock {
			b.Lock()
		}
		if out, err := b.Dev(t.Context(), q); err != nil || out.Run.Status != history.OK {
			t.Fatalf("%+v %+v %v", out.Run, out.Run.Error, err)
		}
		if asked != 0 {
			t.Errorf("run %d asked", i)
		}
	}
	if err := b.Unlock(t.Context(), secret.New("open sesame")); err != nil {
		t.Fatal(err)
	}
	if runs, err := b.Runs("planning", 10); err != nil || len(runs) != 1 {
		t.Errorf("%d runs are kept, want that of the open vault: %v", len(runs), err)
	}
}
