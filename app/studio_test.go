package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"pie/app"
	"pie/backend"
	"pie/backend/fault"
	"pie/backend/paths"
)

func openApp(t *testing.T) *app.App {
	t.Helper()
	dir := t.TempDir()
	a, err := app.Open(t.Context(), backend.Options{
		Paths: paths.In(dir), Env: paths.Environment{KeySource: "keyfile", KeyFile: filepath.Join(dir, "key")},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func saveFile(t *testing.T, name, text string) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(name), 0o700)
	if err == nil {
		err = os.WriteFile(name, []byte(text), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestStudioTellsOfSaves opens a folder, keeps an input in it and saves its code.
func TestStudioTellsOfSaves(t *testing.T) {
	t.Parallel()
	a, folder := openApp(t), t.TempDir()
	saveFile(t, filepath.Join(folder, "agent.js"), "module.exports = {};")
	events, stop := a.Subscribe()
	t.Cleanup(stop)
	if err := a.Studio.KeepInput(app.InputRequest{Folder: folder, Name: "x", Input: json.RawMessage("{}")}); !fault.Is(err, fault.Conflict) {
		t.Errorf("not open yet: %v", err)
	}
	for range 2 { // opening again is no fault
		if out, err := a.Studio.Open(app.FolderRef{Folder: folder + "/"}); err != nil || out.Folder != folder {
			t.Fatalf("%+v %v", out, err)
		}
	}
	if err := a.Studio.KeepInput(app.InputRequest{Folder: folder, Name: "x", Input: json.RawMessage("{}")}); err != nil {
		t.Fatal(err)
	}
	if got := <-events; got != (app.Event{Kind: "studio", ID: folder}) {
		t.Errorf("%+v", got)
	}
	if out, err := a.Studio.Look(app.FolderRef{Folder: folder}); err != nil || len(out.Inputs) != 1 {
		t.Errorf("%+v %v", out, err)
	}
	if err := a.Studio.Close(app.FolderRef{Folder: folder}); err != nil {
		t.Error(err)
	}
}

func TestStudioRefuses(t *testing.T) {
	t.Parallel()
	a := openApp(t)
	for name, c := range map[string]struct {
		folder string
		code   fault.Code
	}{
		"no folder":       {filepath.Join(t.TempDir(), "none"), fault.NotFound},
		"not from a root": {"my-agent", fault.Invalid},
		"nothing":         {"", fault.Invalid},
	} {
		if _, err := a.Studio.Open(app.FolderRef{Folder: c.folder}); !fault.Is(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestStudioLetsTheOldestGo opens more folders than are watched at once.
func TestStudioLetsTheOldestGo(t *testing.T) {
	t.Parallel()
	a := openApp(t)
	var folders []string
	for range 9 {
		folders = append(folders, t.TempDir())
		if _, err := a.Studio.Open(app.FolderRef{Folder: folders[len(folders)-1]}); err != nil {
			t.Fatal(err)
		}
	}
	keep := func(folder string) error {
		return a.Studio.KeepInput(app.InputRequest{Folder: folder, Name: "x", Input: json.RawMessage("{}")})
	}
	if err := keep(folders[0]); !fault.Is(err, fault.Conflict) {
		t.Errorf("the oldest is still open: %v", err)
	}
	if err := keep(folders[1]); err != nil {
		t.Errorf("the others are no longer open: %v", err)
	}
}
