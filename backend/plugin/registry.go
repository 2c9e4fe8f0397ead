package plugin

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"pie/backend/fault"
	"pie/backend/paths"
	"pie/backend/store"
)

// Approved is what the person agreed to at install.
type Approved struct {
	Hosts    []string            `json:"hosts"`          // context.fetch
	APIHosts map[string][]string `json:"api_hosts"`      // service key -> hosts that may receive its token
	Calls    []string            `json:"calls"`          // agents that it may call
	Said     []string            `json:"said,omitempty"` // what it asked for, in words
}

// Installed is what is known of an installed agent beside its package.
type Installed struct {
	Name        string          `json:"name"`
	Version     string          `json:"version"`
	Hash        string          `json:"hash"`
	Link        string          `json:"link,omitempty"` // folder that is run in place
	Approved    Approved        `json:"approved"`
	BuiltOf     string          `json:"built_of,omitempty"` // Hash that Built belongs to
	Built       string          `json:"built,omitempty"`    // SHA-256 of the compiled code's file, empty where the code runs as it is
	UserConfig  json.RawMessage `json:"user_config,omitempty"`
	InstalledAt time.Time       `json:"installed_at"`
}

// Registry keeps installed agents: files in a folder each, records in the store.
type Registry struct {
	store *store.Store
	dir   string
	known Known
}

// NewRegistry makes a Registry over the folder dir.
func NewRegistry(st *store.Store, dir string, known Known) *Registry {
	return &Registry{store: st, dir: dir, known: known}
}

func agents() store.Table[Installed] { return store.Table[Installed]{Bucket: "agents", Version: 1} }

// Install keeps p as approved. link names a folder to run in place; otherwise the
// files are copied. Installing a name again updates it. Fault: conflict when the
// version is lower than the installed one.
func (r *Registry) Install(p *Package, approved Approved, link string) (Installed, error) {
	record := Installed{
		Name: p.Name, Version: p.Version, Hash: p.Hash, Link: link, Approved: approved,
		InstalledAt: time.Now().UTC().Truncate(time.Second),
	}
	old, found, err := r.record(p.Name)
	if err != nil {
		return record, err
	}
	if found {
		if CompareVersions(p.Version, old.Version) < 0 {
			return record, fault.New(fault.Conflict, fmt.Sprintf("%s %s is installed, and %s is older.", p.Name, old.Version, p.Version),
				"Remove the agent first if you want the older one.")
		}
		record.UserConfig = old.UserConfig
	}
	if link == "" {
		if err := r.copyFiles(p); err != nil {
			return record, err
		}
	}
	if err := r.keep(p, &record); err != nil {
		return record, err
	}
	err = r.store.Update(func(tx *store.Tx) error { return agents().Put(tx, p.Name, record) })
	return record, err
}

// copyFiles writes a new folder beside the old one and swaps them.
func (r *Registry) copyFiles(p *Package) error {
	fresh, err := os.MkdirTemp(r.dir, ".new-*")
	if err != nil {
		if err = os.MkdirAll(r.dir, 0o700); err == nil {
			fresh, err = os.MkdirTemp(r.dir, ".new-*")
		}
		if err != nil {
			return fmt.Errorf("making agent's folder: %w", err)
		}
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	for name, data := range p.files {
		target := filepath.Join(fresh, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return fmt.Errorf("copying agent: %w", err)
		}
		if err := paths.WriteFile(target, data); err != nil {
			return fmt.Errorf("copying agent: %w", err)
		}
	}
	target := r.folder(p.Name)
	aside := fresh + ".old"
	if err := os.Rename(target, aside); err == nil {
		defer func() { _ = os.RemoveAll(aside) }()
	}
	if err := os.Rename(fresh, target); err != nil {
		return fmt.Errorf("moving agent into place: %w", err)
	}
	return nil
}

func (r *Registry) folder(name string) string { return filepath.Join(r.dir, name) }

// Record returns what is known of an installed agent, without reading its files.
func (r *Registry) Record(name string) (record Installed, found bool, err error) {
	return r.record(name)
}

func (r *Registry) record(name string) (record Installed, found bool, err error) {
	err = r.store.View(func(tx *store.Tx) error {
		record, found, err = agents().Get(tx, name)
		return err
	})
	return record, found, err
}

// Get returns an installed agent. Faults: not_found; conflict when its files
// are not those that were approved.
func (r *Registry) Get(name string) (*Package, Installed, error) {
	record, found, err := r.record(name)
	if err != nil {
		return nil, record, err
	}
	if !found {
		return nil, record, NoAgent(name)
	}
	folder := cmp.Or(record.Link, r.folder(name))
	p, err := Load(folder, r.known)
	if err != nil {
		return nil, record, err
	}
	if p.Name != name {
		return nil, record, fault.New(fault.Conflict, fmt.Sprintf("The folder of %s now names itself %s.", name, p.Name), "Give it its old name, or install it anew.")
	}
	if record.Link == "" && p.Hash != record.Hash {
		return nil, record, fault.New(fault.Conflict, fmt.Sprintf("The files of %s were changed after you approved them.", name),
			"Install the agent again if you trust the change.")
	}
	return p, record, r.findBuilt(p, record)
}

// NoAgent is the fault for a name that is not installed.
func NoAgent(name string) error {
	return fault.New(fault.NotFound, fmt.Sprintf("There is no agent named %q.", name), "Run pie agent list to see the installed ones, or install it with pie agent install.")
}

// SetConfig keeps what the code reads as context.userConfig. Fault: not_found.
func (r *Registry) SetConfig(name string, config json.RawMessage) error {
	return r.store.Update(func(tx *store.Tx) error {
		record, found, err := agents().Get(tx, name)
		if err == nil && !found {
			err = NoAgent(name)
		}
		if err != nil {
			return err
		}
		record.UserConfig = config
		return agents().Put(tx, name, record)
	})
}

// List returns the names of the installed agents in order.
func (r *Registry) List() ([]string, error) {
	names := []string{}
	err := r.store.View(func(tx *store.Tx) error {
		return agents().Each(tx, "", func(name string, _ Installed) error {
			names = append(names, name)
			return nil
		})
	})
	return names, err
}

// Remove deletes the record and the copied files. Fault: not_found.
func (r *Registry) Remove(name string) error {
	if _, found, err := r.record(name); err != nil || !found {
		if err == nil {
			err = NoAgent(name)
		}
		return err
	}
	if err := r.store.Update(func(tx *store.Tx) error { return agents().Delete(tx, name) }); err != nil {
		return err
	}
	if err := os.RemoveAll(r.folder(name)); err != nil {
		return fmt.Errorf("removing agent's files: %w", err)
	}
	return nil
}

// CompareVersions orders versions by their numbers; a pre-release comes before
// the release.
func CompareVersions(a, b string) int {
	aMain, aPre, _ := strings.Cut(a, "-")
	bMain, bPre, _ := strings.Cut(b, "-")
	if c := slices.Compare(numbers(aMain), numbers(bMain)); c != 0 {
		return c
	}
	switch {
	case aPre == bPre:
		return 0
	case aPre == "":
		return 1
	case bPre == "":
		return -1
	}
	return strings.Compare(aPre, bPre)
}

func numbers(text string) []int {
	main, _, _ := strings.Cut(text, "+")
	out := make([]int, 3)
	for i, part := range strings.SplitN(main, ".", 3) {
		n, err := strconv.Atoi(part)
		if err == nil {
			out[i] = n
		}
	}
	return out
}
