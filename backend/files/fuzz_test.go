package files_test

import (
	"os"
	"path/filepath"
	"testing"

	"pie/backend/files"
)

// FuzzName writes under any name: whatever it is, nothing appears beside the
// agent's own folder, and what was written is found again.
func FuzzName(f *testing.F) {
	for _, name := range []string{"a.txt", "a/b", "../x", "..", "a/../../x", "nul", `..\..\x`, "/tmp/x", ".x", "ü"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		dir := t.TempDir()
		kept := files.New(files.Options{Dir: filepath.Join(dir, "files")})
		_, err := kept.Write("a", name, []byte("x"))
		for folder, only := range map[string]string{dir: "files", filepath.Join(dir, "files"): "a"} {
			entries, _ := os.ReadDir(folder)
			for _, entry := range entries {
				if entry.Name() != only {
					t.Fatalf("%q made %s", name, entry.Name())
				}
			}
		}
		if _, content, again := kept.Read("a", name); (err == nil) != (again == nil) || err == nil && string(content) != "x" {
			t.Fatalf("%q: wrote %v, read %q %v", name, err, content, again)
		}
	})
}
