package provider

import (
	"cmp"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
)

// Overlay is what a person's own file does to the catalogue.
type Overlay struct {
	ID    string
	New   bool     // the catalogue had no provider of that id
	Hosts []string // that its entry sends codes, secrets or tokens to and the built-in one does not
}

// Overlays lists what the person's own files do, by id. A host in it was put
// there by a file, so it is shown before anything is sent to it.
func (c *Catalog) Overlays() []Overlay { return slices.Clone(c.overlays) }

// layAll takes in the person's files, presets after the files they may extend.
func (c *Catalog) layAll(folder fs.FS) error {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return fmt.Errorf("listing catalogue: %w", err)
	}
	var presets []string
	for _, name := range names {
		raw, err := fs.ReadFile(folder, name)
		if err != nil {
			return fmt.Errorf("reading catalogue: %w", err)
		}
		if p, err := decode(name, raw); err == nil && p.Extends != "" {
			presets = append(presets, name)
			continue
		}
		if err := c.lay(folder, name); err != nil {
			return err
		}
	}
	for _, name := range presets {
		if err := c.lay(folder, name); err != nil {
			return err
		}
	}
	slices.SortFunc(c.overlays, func(a, b Overlay) int { return cmp.Compare(a.ID, b.ID) })
	return nil
}

// lay takes in one file of the person, and notes what it changes.
func (c *Catalog) lay(folder fs.FS, name string) error {
	p, err := c.open(folder, name)
	if err != nil {
		return err
	}
	before, err := c.Get(p.ID)
	o := Overlay{ID: p.ID, New: err != nil, Hosts: []string{}}
	known := before.reach()
	for _, host := range p.reach() {
		if !slices.Contains(known, host) {
			o.Hosts = append(o.Hosts, host)
		}
	}
	c.overlays = append(c.overlays, o)
	c.put(p.ID, func() (Provider, error) { return p, nil })
	return nil
}

// reach lists every host that p sends codes, secrets or tokens to, sorted.
func (p Provider) reach() []string {
	var set HostSet
	for _, address := range p.Endpoints.addresses() {
		if u, err := url.Parse(address); err == nil {
			if rule, ok := Origin(u); ok {
				set = append(set, rule)
			}
		}
	}
	if api, err := ParseHosts(p.FixedHosts()); err == nil {
		set = append(set, api...)
	}
	out := append(set.Strings(), p.openHosts()...)
	slices.Sort(out)
	return slices.Compact(out)
}
