package backend_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pie/backend"
	"pie/backend/fault"
)

// TestLookAtFolder looks at a folder before and after its agent runs in place.
func TestLookAtFolder(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	folder := writeFolder(t, map[string]string{
		"manifest.json": `{"name": "greeter", "version": "1.0.0"}`, "agent.js": "module.exports = { handler: () => 1 };\n",
		"inputs/ada.json": `{"name": "Ada"}`, "inputs/bell.onWebhook.json": "\n", "inputs/notes.txt": "no input", "cassettes/ada.json": "{}",
	})
	want := []backend.SavedInput{{Name: "ada", Input: json.RawMessage(`{"name": "Ada"}`)}, {Name: "bell.onWebhook", Function: "onWebhook", Input: json.RawMessage("{}")}}
	got, err := h.LookAtFolder(folder)
	same := func(a, b backend.SavedInput) bool {
		return a.Name == b.Name && a.Function == b.Function && string(a.Input) == string(b.Input)
	}
	if err != nil || got.Agent != "greeter" || got.InPlace || !slices.EqualFunc(got.Inputs, want, same) || !slices.Equal(got.Recordings, []string{"ada"}) {
		t.Errorf("%+v %v", got, err)
	}
	h.installInPlace(t, folder)
	if got, err = h.LookAtFolder(folder); err != nil || !got.InPlace {
		t.Errorf("%+v %v", got, err)
	}
	edit(t, folder, "manifest.json", "{", "")
	if got, err = h.LookAtFolder(folder); err != nil || got.Agent != "" || len(got.Inputs) != 2 {
		t.Errorf("what is no agent yet is no fault: %+v %v", got, err)
	}
	edit(t, folder, "inputs/ada.json", "}", "")
	if _, err = h.LookAtFolder(folder); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err).Message, "inputs/ada.json: This is no JSON.") {
		t.Errorf("%+v", fault.Public(err))
	}
	if _, err = h.LookAtFolder(filepath.Join(folder, "none")); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
}

func TestKeepInput(t *testing.T) {
	t.Parallel()
	folder, outside := t.TempDir(), t.TempDir()
	if err := backend.KeepInput(folder, "first.onConnect", json.RawMessage(`{"a":1}`)); err != nil {
		t.Fatal(err)
	}
	got, err := backend.SavedInputs(folder)
	if err != nil || len(got) != 1 || got[0].Function != "onConnect" || string(got[0].Input) != "{\n  \"a\": 1\n}" {
		t.Errorf("%+v %v", got, err)
	}
	for name, q := range map[string]struct{ name, input string }{
		"a path": {"../x", "{}"}, "hidden": {".x", "{}"}, "no name": {"", "{}"}, "no JSON": {"x", "{"}, "too deep": {"x", strings.Repeat("[", 5000) + strings.Repeat("]", 5000)},
	} {
		if err := backend.KeepInput(folder, q.name, json.RawMessage(q.input)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(other, "inputs")); err != nil {
		t.Fatal(err)
	}
	if err := backend.KeepInput(other, "x", json.RawMessage("{}")); !fault.Is(err, fault.Denied) {
		t.Errorf("a link out of the folder is not followed: %v", err)
	}
}
