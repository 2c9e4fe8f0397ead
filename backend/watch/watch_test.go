package watch_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"pie/backend/fault"
	"pie/backend/watch"
)

func write(t *testing.T, name string) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(name), 0o700)
	if err == nil {
		err = os.WriteFile(name, []byte("x"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestWait tells of saves in the folder and in folders that came later, and of
// nothing once it is closed.
func TestWait(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, filepath.Join(root, "lib", "first.js"))
	f, err := watch.New(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	for _, name := range []string{"agent.js", "lib/first.js", "lib/new/second.js", "lib/new/second.js"} {
		write(t, filepath.Join(root, name))
		if !f.Wait(t.Context()) {
			t.Fatalf("%s was saved", name)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for f.Wait(ctx) { // what the last save still brought
	}
	f.Close()
	for f.Wait(t.Context()) {
	}
}

func TestWhatCounts(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	f, err := watch.New(root, "cassettes")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	for name, counts := range map[string]bool{
		"agent.js": true, "lib/agent.ts": true, "inputs/first.json": true, "lib/cassettes.js": true,
		".git/index": false, "lib/.cache/x": false, "node_modules/a/a.js": false, "cassettes/one.json": false,
		"agent.js~": false, "agent.js.swp": false, "agent.js.tmp": false, "../other/agent.js": false,
	} {
		if f.Ignored(filepath.Join(root, name)) == counts {
			t.Errorf("%s counts: want %v", name, counts)
		}
	}
}

func TestNewWithoutAFolder(t *testing.T) {
	t.Parallel()
	if _, err := watch.New(filepath.Join(t.TempDir(), "none")); !fault.Is(err, fault.Limited) {
		t.Errorf("%v", err)
	}
}
