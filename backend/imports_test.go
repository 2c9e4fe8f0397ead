// Package backend_test holds the shape of the house: who may import whom.
package backend_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floors gives every room its floor. Arrows point down only, and rooms on one
// floor never import each other. The longest matching prefix counts.
var floors = map[string]int{
	"pie":         9,
	"pie/app/cli": 8, "pie/app/door": 7, "pie/app/pagetest": 7, "pie/app": 6,
	"pie/backend":            5,
	"pie/backend/connection": 4, "pie/backend/task": 4,
	"pie/backend/oauth": 3, "pie/backend/vault": 3, "pie/backend/agent": 3, "pie/backend/automation": 3,
	"pie/backend/provider": 2, "pie/backend/plugin": 2, "pie/backend/settings": 2, "pie/backend/history": 2,
	"pie/backend/practice": 2, "pie/backend/system": 2, "pie/backend/outbox": 2,
	"pie/backend/inbox": 2, "pie/backend/files": 2, "pie/backend/metadata": 2, "pie/backend/ai": 2, "pie/backend/client": 2, "pie/backend/receipt": 3,
	"pie/backend/cassette": 2, "pie/backend/quiet": 2,
	"pie/backend/store": 1, "pie/backend/watch": 1,
	"pie/backend/secret": 0, "pie/backend/paths": 0, "pie/backend/patience": 0,
	"pie/backend/fault": -1, // the ground: even paths speaks in faults
}

// owners names the one room that may import a large dependency.
var owners = map[string][]string{
	"github.com/wailsapp/wails":     {"pie"},
	"fyne.io/systray":               {"pie"},
	"github.com/dop251/goja":        {"pie/backend/agent"},
	"github.com/evanw/esbuild":      {"pie/backend/agent"},
	"go.etcd.io/bbolt":              {"pie/backend/store"},
	"github.com/99designs/keyring":  {"pie/backend/vault"},
	"golang.org/x/oauth2":           {"pie/backend/oauth"},
	"github.com/spf13/cobra":        {"pie/app/cli"},
	"github.com/fsnotify/fsnotify":  {"pie/backend/watch"},
	"github.com/goccy/go-yaml":      {"pie/backend/plugin", "pie/backend/provider"},
	"github.com/adrg/xdg":           {"pie/backend/paths"},
	"github.com/godbus/dbus":        {"pie/backend/vault", "pie/backend/system"},
	"github.com/elastic/go-seccomp": {"pie/backend/agent"},
	"github.com/landlock-lsm":       {"pie/backend/agent"},
}

func TestImports(t *testing.T) {
	t.Parallel()
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "tools" || entry.Name() == ".git") {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		checkFile(t, root, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkFile(t *testing.T, root fs.FS, name string) {
	t.Helper()
	source, err := fs.ReadFile(root, name)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	from := room(path.Join("pie", path.Dir(name)))
	if from == "" {
		t.Errorf("%s: this folder has no floor", name)
		return
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		checkArrow(t, name, from, imported)
	}
}

func checkArrow(t *testing.T, name, from, imported string) {
	t.Helper()
	for prefix, rooms := range owners {
		if strings.HasPrefix(imported, prefix) && !slices.Contains(rooms, from) {
			t.Errorf("%s imports %s, which only %v may", name, imported, rooms)
		}
	}
	if imported != "pie" && !strings.HasPrefix(imported, "pie/") {
		return
	}
	to := room(imported)
	if to == from || strings.HasSuffix(imported, "test") {
		return
	}
	if floors[to] >= floors[from] {
		t.Errorf("%s: %s (floor %d) may not import %s (floor %d)", name, from, floors[from], imported, floors[to])
	}
}

// room returns the longest prefix of pkg that has a floor of its own; a folder
// directly below the root or the backend must be named in the table.
func room(pkg string) string {
	for p := pkg; p != "." && p != "/"; p = path.Dir(p) {
		if _, ok := floors[p]; ok {
			if p == "pie" && pkg != "pie" {
				return ""
			}
			return p
		}
	}
	return ""
}
