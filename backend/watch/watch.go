// Package watch owns telling of saves in the folder of an agent that is being
// written. It asks the system to tell, and never looks by itself.
package watch

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"pie/backend/fault"
)

// An editor writes a file in several steps; a save is over when nothing has
// happened for settle, and at most after longest.
const (
	settle  = 10 * time.Millisecond
	longest = 200 * time.Millisecond
)

// Folder tells of saves in a folder and the folders in it. Hidden files, code of
// others and what was left out do not count. One goroutine waits at a time.
type Folder struct {
	root     string
	without  []string
	watching *fsnotify.Watcher
}

// New watches root, but no folder inside it that is named in without. Fault:
// limited where the system watches no more, or not this folder.
func New(root string, without ...string) (*Folder, error) {
	watching, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fault.Wrap(err, fault.Limited, "The system watches no more folders for you.", "Close programs that watch folders, or raise fs.inotify.max_user_instances.")
	}
	f := &Folder{root, append(without, "node_modules"), watching}
	if err := f.add(root); err != nil {
		f.Close()
		return nil, fault.Wrap(err, fault.Limited, "The folder cannot be watched.", "Check who may read it.")
	}
	return f, nil
}

// Close ends it, and whoever waits.
func (f *Folder) Close() { _ = f.watching.Close() }

func (f *Folder) add(dir string) error {
	return filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil && name == f.root {
			return err
		}
		if err != nil || !entry.IsDir() {
			return nil //nolint:nilerr // what is gone again needs no watching
		}
		if name != f.root && f.ignored(name) {
			return fs.SkipDir
		}
		return f.watching.Add(name)
	})
}

func (f *Folder) ignored(name string) bool {
	inside, err := filepath.Rel(f.root, name)
	if err != nil {
		return true
	}
	for part := range strings.SplitSeq(filepath.ToSlash(inside), "/") {
		if strings.HasPrefix(part, ".") && part != "." || slices.Contains(f.without, part) {
			return true
		}
	}
	return strings.HasSuffix(name, "~") || strings.HasSuffix(name, ".swp") || strings.HasSuffix(name, ".tmp")
}

// Wait returns true when something was saved, and false when ctx ends or the
// Folder is closed. Saves between two calls count for the later one.
func (f *Folder) Wait(ctx context.Context) bool {
	var quiet, limit <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return false
		case <-quiet:
			return true
		case <-limit:
			return true
		case event, open := <-f.watching.Events:
			if !open {
				return false
			}
			if !f.counts(event) {
				continue
			}
			quiet = time.After(settle)
			if limit == nil {
				limit = time.After(longest)
			}
		case err, open := <-f.watching.Errors:
			if !open {
				return false
			}
			if errors.Is(err, fsnotify.ErrEventOverflow) {
				return true
			}
		}
	}
}

func (f *Folder) counts(event fsnotify.Event) bool {
	if event.Op == fsnotify.Chmod || f.ignored(event.Name) {
		return false
	}
	if event.Has(fsnotify.Create) {
		_ = f.add(event.Name) // a folder; a file is none, and that is no matter
	}
	return true
}
