package backend

import (
	"context"
	"slices"

	"pie/backend/fault"
	"pie/backend/provider"
	"pie/backend/system"
)

// OpenURL opens an authorization page in the person's browser.
func (b *Backend) OpenURL(ctx context.Context, url string) error {
	if b.options.OpenURL == nil {
		return b.desktop.Open(ctx, url)
	}
	return b.options.OpenURL(ctx, url)
}

// OpenKnown opens a page that the catalogue names, and no other: what an agent
// writes must not lead a person anywhere. Fault: denied.
func (b *Backend) OpenKnown(ctx context.Context, url string) error {
	known := b.Catalog.List()
	if server := b.RunningPractice(); server != nil {
		known = append(known, provider.Practice(server.URL()))
	}
	for _, p := range known {
		if url != "" && slices.Contains([]string{p.Links.Docs, p.Links.Console, p.Links.Manage}, url) {
			return b.OpenURL(ctx, url)
		}
	}
	return fault.New(fault.Denied, "This page is not one that PIE Desktop knows, so it was not opened.", "Copy the address and open it yourself if you trust it.")
}

// Scheme is who holds the custom URL scheme.
type Scheme struct {
	Name       string
	Registered bool
	Ours       bool // links come to this home
	Executable string
	Home       string
	Problem    string
}

// RegisterScheme makes this program and this home the ones that links come to.
func (b *Backend) RegisterScheme() error {
	err := b.desktop.RegisterScheme(system.Options{Home: b.options.Paths.Home})
	b.options.Notify("settings", "")
	return err
}

// SchemeHolder asks the desktop who holds the scheme.
func (b *Backend) SchemeHolder() Scheme {
	out := Scheme{Name: appID}
	h, err := b.desktop.SchemeHolder()
	if err != nil {
		out.Problem = fault.Public(err).Message
		return out
	}
	out.Registered, out.Executable, out.Home = h.Registered, h.Executable, h.Home
	out.Ours = h.Ours && h.Home == b.options.Paths.Home
	return out
}
