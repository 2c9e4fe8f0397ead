package app

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"pie/backend"
	"pie/backend/fault"
	"pie/backend/watch"
)

// Studio is the service of folders in which agents are written. While a folder is
// open, each save in it is an event of the kind studio, with the folder as its id.
type Studio struct {
	backend *backend.Backend
	events  *hub

	mu   sync.Mutex
	open []*opened // the oldest first
}

type opened struct {
	folder string
	watch  *watch.Folder
}

// mostOpen is how many folders are watched at once: one that opens beyond ends
// the oldest, which nobody closed.
const mostOpen = 8

// FolderRef names a folder by its absolute path.
type FolderRef struct {
	Folder string `json:"folder"`
}

// InputRequest keeps an input in an open folder.
type InputRequest struct {
	Folder string          `json:"folder"`
	Name   string          `json:"name"` // letters, digits, . - and _; NAME.FUNCTION for another function than handler
	Input  json.RawMessage `json:"input"`
}

// Folder is a folder whose agent runs in place.
type Folder struct {
	Agent       string `json:"agent"`
	DisplayName string `json:"display_name"`
	Folder      string `json:"folder"`
}

// Folders returns the folders whose agents run in place.
func (s *Studio) Folders() ([]Folder, error) {
	names, err := s.backend.Agents.List()
	if err != nil {
		return nil, err
	}
	out := []Folder{}
	for _, name := range names {
		installed, found, err := s.backend.Agents.Record(name)
		if err != nil || !found || installed.Link == "" {
			continue
		}
		each := Folder{name, name, installed.Link}
		if p, _, err := s.backend.Agents.Get(name); err == nil {
			each.DisplayName = p.DisplayName
		}
		out = append(out, each)
	}
	return out, nil
}

// Open watches a folder from now on and tells what it holds. Faults: not_found,
// invalid, denied, limited.
func (s *Studio) Open(q FolderRef) (backend.Studio, error) {
	folder, err := absolute(q.Folder)
	if err != nil {
		return backend.Studio{}, err
	}
	out, err := s.backend.LookAtFolder(folder)
	if fault.Is(err, fault.NotFound) {
		return out, err
	}
	if failed := s.watch(folder); failed != nil {
		return out, failed
	}
	return out, err
}

// Look tells what a folder holds now. Faults: not_found, invalid, denied.
func (s *Studio) Look(q FolderRef) (backend.Studio, error) {
	folder, err := absolute(q.Folder)
	if err != nil {
		return backend.Studio{}, err
	}
	return s.backend.LookAtFolder(folder)
}

func absolute(folder string) (string, error) {
	folder = strings.TrimSpace(folder)
	if !filepath.IsAbs(folder) {
		return "", fault.New(fault.Invalid, "This path does not begin at the root.", "Write it in full, such as /home/you/my-agent.")
	}
	return filepath.Clean(folder), nil
}

// watch begins anew where the folder was watched before: it may have been another
// one of that name.
func (s *Studio) watch(folder string) error {
	w, err := watch.New(folder, backend.CassettesFolder)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(folder)
	if len(s.open) == mostOpen {
		s.end(s.open[0].folder)
	}
	s.open = append(s.open, &opened{folder, w})
	go func() {
		for w.Wait(context.Background()) {
			s.events.notify("studio", folder)
		}
	}()
	return nil
}

// end ends watching a folder. The caller holds mu.
func (s *Studio) end(folder string) {
	s.open = slices.DeleteFunc(s.open, func(each *opened) bool {
		if each.folder == folder {
			each.watch.Close()
		}
		return each.folder == folder
	})
}

// Close ends watching a folder; one that is not open is no fault.
func (s *Studio) Close(q FolderRef) error {
	folder, err := absolute(q.Folder)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(folder)
	return nil
}

// KeepInput keeps an input with which the agent is tried out, as
// inputs/NAME.json. Faults: invalid, conflict (the folder is not open), denied.
func (s *Studio) KeepInput(q InputRequest) error {
	folder, err := absolute(q.Folder)
	if err != nil {
		return err
	}
	if !s.isOpen(folder) {
		return fault.New(fault.Conflict, "This folder is not open.", "Open it first.")
	}
	return backend.KeepInput(folder, q.Name, q.Input)
}

func (s *Studio) isOpen(folder string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.open, func(each *opened) bool { return each.folder == folder })
}

func (s *Studio) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.open) > 0 {
		s.end(s.open[0].folder)
	}
}
