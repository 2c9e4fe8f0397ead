package backend_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pie/backend"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/plugin"
)

func writeFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "typed")
	for name, text := range files {
		target := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func typed() map[string]string {
	return map[string]string{
		"manifest.json": `{"version": "1.0.0"}`,
		"agent.ts":      "import { twice } from './lib/twice';\nexport async function handler(input: { n: number }) {\n  if (!input.n) throw new Error('no n');\n  return twice(input.n);\n}",
		"lib/twice.ts":  "export const twice = (n: number): number => 2 * n;",
		".env":          "SECRET=1",
	}
}

// TestTypedAgent installs a folder of TypeScript, as a copy and in place.
func TestTypedAgent(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	dir := writeFolder(t, typed())
	h.install(t, backend.Source{Name: dir})
	for range 2 {
		run, err := h.Run(t.Context(), backend.RunRequest{Agent: "typed", Input: []byte(`{"n": 21}`)})
		if err != nil || run.Status != history.OK || string(run.Result) != "42" {
			t.Fatalf("%v %+v", err, run)
		}
	}
	run, err := h.Run(t.Context(), backend.RunRequest{Agent: "typed"})
	if err != nil || run.Error == nil || run.Error.Hint != "agent.ts, line 3, column 23." {
		t.Fatalf("%v %+v", err, run.Error)
	}
	if _, err := os.Stat(filepath.Join(h.Paths().Agents(), "typed", ".env")); err == nil {
		t.Error("a hidden file was copied")
	}
	built := filepath.Join(h.Paths().Agents(), "typed", ".built.json")
	if err := os.WriteFile(built, []byte(`{"code":"module.exports = { handler: () => 'other' }"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Run(t.Context(), backend.RunRequest{Agent: "typed"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("changed code: %v", err)
	}
}

// TestTypedAgentInPlace: a change is compiled, and a mistake is told with its line.
func TestTypedAgentInPlace(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	dir := writeFolder(t, typed())
	p, err := h.Load(t.Context(), backend.Source{Name: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Install(t.Context(), backend.Source{Name: dir}, p.Hash, plugin.Approved{}, true); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"3 * n": "63", "4 * n": "84"} {
		if err := os.WriteFile(filepath.Join(dir, "lib/twice.ts"), []byte("export const twice = (n: number) => "+text), 0o600); err != nil {
			t.Fatal(err)
		}
		run, err := h.Run(t.Context(), backend.RunRequest{Agent: "typed", Input: []byte(`{"n": 21}`)})
		if err != nil || string(run.Result) != want {
			t.Fatalf("%s: %v %s", text, err, run.Result)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "lib/twice.ts"), []byte("\nexport const = 1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Run(t.Context(), backend.RunRequest{Agent: "typed"}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "lib/twice.ts, line 2, column 14") {
		t.Errorf("a mistake: %v", err)
	}
}

// TestFolderRefused: what cannot be installed says why before it is.
func TestFolderRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change map[string]string
		link   string
		says   string
	}{
		"syntax":          {map[string]string{"agent.ts": "\nexport const = 1"}, "", "agent.ts, line 2, column 14"},
		"module of Node":  {map[string]string{"agent.ts": "import fs from 'fs';\nexport const handler = () => fs;"}, "", "agent.ts, line 1, column 16"},
		"two entries":     {map[string]string{"agent.js": "module.exports = {};"}, "", "both agent.js and agent.ts"},
		"link to outside": {nil, "/etc/hostname", "is a link"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := typed()
			maps.Copy(files, c.change)
			dir := writeFolder(t, files)
			if c.link != "" {
				if err := os.Symlink(c.link, filepath.Join(dir, "lib", "out.ts")); err != nil {
					t.Fatal(err)
				}
			}
			_, err := newHome(t, t.TempDir()).Load(t.Context(), backend.Source{Name: dir})
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v", err)
			}
		})
	}
}
