package provider

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"

	"pie/backend/fault"
)

//go:embed catalog/*.yaml
var builtIn embed.FS

// Catalog is the set of providers. What it says never changes after Load; a
// built-in file is read when it is first asked for, because a run needs few of
// them. It is safe for concurrent use.
type Catalog struct {
	entries  map[string]entry
	order    []string // ids; of two that claim a host the later one owns it
	owners   func() map[string]string
	overlays []Overlay
}

type entry func() (Provider, error)

// Load opens the built-in files and lays those of overlay (*.yaml at its root,
// may be nil) over them. Fault: invalid, naming the file and the line.
func Load(overlay fs.FS) (*Catalog, error) {
	c := &Catalog{entries: map[string]entry{}}
	c.owners = sync.OnceValue(c.claim)
	names, err := fs.Glob(builtIn, "catalog/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("listing catalogue: %w", err)
	}
	base := &Catalog{entries: map[string]entry{}}
	for _, name := range names {
		id := strings.TrimSuffix(strings.TrimPrefix(name, "catalog/"), ".yaml")
		base.put(id, sync.OnceValues(func() (Provider, error) { return base.open(builtIn, name) }))
	}
	maps.Copy(c.entries, base.entries)
	c.order = slices.Clone(base.order)
	if overlay == nil {
		return c, nil
	}
	return c, c.layAll(overlay)
}

// open reads one file of folder; a preset finds its base in c.
func (c *Catalog) open(folder fs.FS, name string) (Provider, error) {
	raw, err := fs.ReadFile(folder, name)
	if err != nil {
		return Provider{}, fmt.Errorf("reading catalogue: %w", err)
	}
	p, err := decode(name, raw)
	if err == nil && p.Extends != "" {
		p, err = c.preset(name, p)
	}
	if err == nil {
		err = check(name, &p)
	}
	return p, err
}

func (c *Catalog) put(id string, e entry) {
	c.entries[id] = e
	c.order = append(slices.DeleteFunc(c.order, func(each string) bool { return each == id }), id)
}

// claim tells which provider each host belongs to. The hosts of a preset belong
// to what it extends.
func (c *Catalog) claim() map[string]string {
	owners := map[string]string{}
	for _, id := range c.order {
		p, err := c.Get(id)
		if err != nil {
			continue // a built-in file, and a test holds that all of them are good
		}
		owner := cmp.Or(p.Extends, p.ID)
		for _, address := range append(p.Endpoints.addresses(), p.Identity.URL) {
			if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
				owners[strings.ToLower(u.Host)] = owner
			}
		}
		for _, host := range append(p.API.Hosts, p.claims()...) {
			owners[host] = owner
		}
	}
	return owners
}

// addresses are those that are not empty.
func (e Endpoints) addresses() []string {
	all := []string{e.Authorization, e.Token, e.Refresh, e.Device, e.Registration, e.Revocation.URL}
	return slices.DeleteFunc(all, func(address string) bool { return address == "" })
}

// Get returns a provider. Fault: not_found.
func (c *Catalog) Get(id string) (Provider, error) {
	open, ok := c.entries[id]
	if !ok {
		return Provider{}, fault.New(fault.NotFound, fmt.Sprintf("There is no provider named %q.", id), "Run pie provider list to see them all.")
	}
	return open()
}

// Has tells whether id is in the catalogue.
func (c *Catalog) Has(id string) bool { _, ok := c.entries[id]; return ok }

// List returns all providers by id.
func (c *Catalog) List() []Provider {
	out := make([]Provider, 0, len(c.entries))
	for _, id := range slices.Sorted(maps.Keys(c.entries)) {
		if p, err := c.Get(id); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// KnownHost tells which provider a host (with its port, if any) belongs to.
func (c *Catalog) KnownHost(host string) (id string, known bool) {
	owners := c.owners()
	host = strings.ToLower(host)
	if id, known = owners[host]; known {
		return id, true
	}
	name, _, _ := strings.Cut(host, ":")
	for {
		_, parent, found := strings.Cut(name, ".")
		if !found {
			return "", false
		}
		if id, known = owners["*."+parent]; known {
			return id, true
		}
		name = parent
	}
}

// With returns a catalogue that also has p; c stays as it is.
func (c *Catalog) With(p Provider) *Catalog {
	out := &Catalog{entries: maps.Clone(c.entries), order: slices.Clone(c.order), overlays: c.overlays}
	out.owners = sync.OnceValue(out.claim)
	out.put(p.ID, func() (Provider, error) { return p, nil })
	return out
}
