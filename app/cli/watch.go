package cli

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"pie/app"
	"pie/backend"
	"pie/backend/fault"
)

// An editor writes a file in several steps; a save is over when nothing has
// happened for settle, and at most after longest.
const (
	settle     = 10 * time.Millisecond
	mostSettle = 200 * time.Millisecond
)

// watcher tells of saves in a folder and the folders in it. Hidden files, code of
// others and recordings do not count.
type watcher struct {
	root     string
	watching *fsnotify.Watcher
}

func watchFolder(root string) (*watcher, error) {
	watching, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fault.Wrap(err, fault.Limited, "The system watches no more folders for you.", "Close programs that watch folders, or raise fs.inotify.max_user_instances.")
	}
	w := &watcher{root, watching}
	if err := w.add(root); err != nil {
		w.close()
		return nil, fault.Wrap(err, fault.Limited, "The folder cannot be watched.", "Check who may read it, or use --once.")
	}
	return w, nil
}

func (w *watcher) close() { _ = w.watching.Close() }

func (w *watcher) add(dir string) error {
	return filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return nil //nolint:nilerr // what is gone again needs no watching
		}
		if name != w.root && w.ignored(name) {
			return fs.SkipDir
		}
		return w.watching.Add(name)
	})
}

func (w *watcher) ignored(name string) bool {
	inside, err := filepath.Rel(w.root, name)
	if err != nil {
		return true
	}
	for part := range strings.SplitSeq(filepath.ToSlash(inside), "/") {
		if strings.HasPrefix(part, ".") && part != "." || part == "node_modules" || part == backend.CassettesFolder {
			return true
		}
	}
	return strings.HasSuffix(name, "~") || strings.HasSuffix(name, ".swp") || strings.HasSuffix(name, ".tmp")
}

// wait returns true when something was saved, or an agent was approved
// elsewhere, and false when ctx ends or the folder is gone.
func (w *watcher) wait(ctx context.Context, approved <-chan app.Event) bool {
	var quiet, limit <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return false
		case <-quiet:
			return true
		case <-limit:
			return true
		case event, open := <-approved:
			if !open {
				approved = nil
			} else if event.Kind == "agent" {
				return true
			}
		case event, open := <-w.watching.Events:
			if !open {
				return false
			}
			if event.Op == fsnotify.Chmod || w.ignored(event.Name) {
				continue
			}
			if event.Has(fsnotify.Create) {
				_ = w.add(event.Name) // a folder; a file is none, and that is no matter
			}
			quiet = time.After(settle)
			if limit == nil {
				limit = time.After(mostSettle)
			}
		case err, open := <-w.watching.Errors:
			if !open {
				return false
			}
			if errors.Is(err, fsnotify.ErrEventOverflow) {
				return true
			}
		}
	}
}
