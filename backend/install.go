package backend

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"pie/backend/agent"
	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/plugin"
	"pie/backend/provider"
)

// SamplePrefix begins the source of a bundled agent: "sample:practice-notes".
const SamplePrefix = "sample:"

const longestPackage = 4 << 20

// Source names a package: a bundled sample, a file or folder, an https address,
// or, with Content, the bytes of a .pie file of that name.
type Source struct {
	Name    string
	Content []byte
}

// Load reads, checks and compiles a package without installing it. Faults: not_found,
// invalid (with the place), limited, offline, denied.
func (b *Backend) Load(ctx context.Context, s Source) (*plugin.Package, error) {
	p, err := b.read(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, key := range p.ServiceKeys() {
		block := p.Services()[key]
		if err := b.lookAhead(ctx, block); err != nil {
			return nil, err
		}
		if _, err := b.provider(block); err != nil {
			return nil, err
		}
		if _, err := provider.ParseHosts(p.ServiceHosts(block)); err != nil {
			return nil, err
		}
	}
	if _, err = provider.ParseHosts(p.NetworkHosts()); err != nil {
		return nil, err
	}
	if _, err = b.compile(ctx, p); err != nil {
		return nil, err
	}
	return p, agent.Compiled{Findings: functionless(p)}.Err()
}

func (b *Backend) read(ctx context.Context, s Source) (*plugin.Package, error) {
	if s.Content != nil {
		return plugin.Parse(path.Base(filepath.ToSlash(s.Name)), s.Content, b.known)
	}
	if name, ok := strings.CutPrefix(s.Name, SamplePrefix); ok {
		return b.Sample(name)
	}
	if strings.HasPrefix(s.Name, "https://") || strings.HasPrefix(s.Name, "http://") {
		content, err := download(ctx, s.Name)
		if err != nil {
			return nil, err
		}
		return plugin.Parse(path.Base(s.Name), content, b.known)
	}
	return plugin.Load(s.Name, b.known)
}

// Sample returns a bundled agent. Fault: not_found.
func (b *Backend) Sample(name string) (*plugin.Package, error) {
	samples, err := plugin.Samples()
	if err != nil {
		return nil, fmt.Errorf("opening samples: %w", err)
	}
	if !fs.ValidPath(name) || strings.Contains(name, "/") {
		return nil, noSample(name)
	}
	if raw, err := fs.ReadFile(samples, name+".pie"); err == nil {
		return plugin.Parse(name+".pie", raw, b.known)
	}
	folder, err := fs.Sub(samples, name)
	if err == nil {
		_, err = fs.Stat(samples, name)
	}
	if err != nil {
		return nil, noSample(name)
	}
	return plugin.LoadFolder(folder, name, b.known)
}

func noSample(name string) error {
	return fault.New(fault.NotFound, fmt.Sprintf("There is no bundled agent named %q.", name), "Run pie agent samples to see them.")
}

// Samples returns the bundled agents by name.
func (b *Backend) Samples() ([]*plugin.Package, error) {
	samples, err := plugin.Samples()
	if err != nil {
		return nil, fmt.Errorf("opening samples: %w", err)
	}
	entries, err := fs.ReadDir(samples, ".")
	if err != nil {
		return nil, fmt.Errorf("listing samples: %w", err)
	}
	var out []*plugin.Package
	for _, entry := range entries {
		p, err := b.Sample(strings.TrimSuffix(entry.Name(), ".pie"))
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(x, y *plugin.Package) int { return cmp.Compare(x.Name, y.Name) })
	return out, nil
}

// download fetches a .pie file from a public https address; the one redirect hop
// that package hosts commonly need must be https too.
func download(ctx context.Context, address string) ([]byte, error) {
	client := connection.PublicClient()
	for range 5 {
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" || u.User != nil {
			return nil, fault.New(fault.Invalid, "An agent can only be installed from an https address.", "Download the file and install it from your disk.")
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
		if err != nil {
			return nil, fault.New(fault.Invalid, "The address of the agent is not whole.", "Copy the whole address.")
		}
		content, next, err := fetch(client, r)
		if err != nil || next == "" {
			return content, err
		}
		address = next
	}
	return nil, fault.New(fault.Limited, "The address of the agent redirects too often.", "Download the file and install it from your disk.")
}

func fetch(client *http.Client, r *http.Request) (content []byte, next string, err error) {
	res, err := client.Do(r)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return nil, "", fault.Wrap(err, fault.Offline, r.URL.Hostname()+" cannot be reached.", "Check the address and the network.")
	}
	defer func() { _ = res.Body.Close() }()
	if location := res.Header.Get("Location"); res.StatusCode >= 300 && res.StatusCode < 400 && location != "" {
		to, err := r.URL.Parse(location)
		if err != nil {
			return nil, "", fault.New(fault.Invalid, "The address of the agent redirects to nowhere.", "Check the address.")
		}
		return nil, to.String(), nil
	}
	if res.StatusCode != http.StatusOK {
		return nil, "", fault.New(fault.NotFound, fmt.Sprintf("%s answered %d instead of an agent.", r.URL.Hostname(), res.StatusCode), "Check the address.")
	}
	content, err = io.ReadAll(io.LimitReader(res.Body, longestPackage+1))
	if err != nil {
		return nil, "", fault.Wrap(err, fault.Offline, "The download broke off.", "Try again.")
	}
	return content, "", nil
}

// Install keeps the package as approved. hash is that of the package the person
// saw: another one is a conflict. link runs a folder in place.
func (b *Backend) Install(ctx context.Context, s Source, hash string, approved plugin.Approved, link bool) (*plugin.Package, error) {
	p, err := b.Load(ctx, s)
	if err != nil {
		return nil, err
	}
	if p.Hash != hash {
		return nil, fault.New(fault.Conflict, "The agent was changed after you looked at it.", "Look at what it asks for now, and install it again.")
	}
	if _, err := provider.ParseHosts(approved.Hosts); err != nil {
		return nil, err
	}
	for key, hosts := range approved.APIHosts {
		if p.Services()[key] == nil {
			return nil, noService(p, key)
		}
		if _, err := provider.ParseHosts(hosts); err != nil {
			return nil, err
		}
	}
	folder := ""
	if link {
		if folder, err = linkFolder(s); err != nil {
			return nil, err
		}
	}
	approved.Said = said(b.Permissions(p))
	if _, err := b.Agents.Install(p, approved, folder); err != nil {
		return nil, err
	}
	b.options.Notify("agent", p.Name)
	return p, nil
}

func linkFolder(s Source) (string, error) {
	bad := fault.New(fault.Invalid, "Only a folder on your disk can be run in place.", "Leave --link out to install a copy.")
	if s.Content != nil || strings.HasPrefix(s.Name, SamplePrefix) || strings.Contains(s.Name, "://") {
		return "", bad
	}
	folder, err := filepath.Abs(s.Name)
	if err != nil {
		return "", bad
	}
	return folder, nil
}

// Remove disconnects all of the agent's connections (revoking what can be), then
// deletes its secrets and files. History stays.
func (b *Backend) Remove(ctx context.Context, name string) ([]connection.Disconnected, error) {
	gone, err := b.Connections.Remove(ctx, name)
	if err != nil {
		return gone, err
	}
	set, err := b.Secrets.Names(name)
	if err == nil && len(set) > 0 {
		if err = b.Secrets.Remove(name, ""); err == nil {
			err = b.Vault.Shred(ctx, name, "secrets")
		}
	}
	if err == nil {
		err = b.forget(ctx, name)
	}
	if err == nil {
		err = b.Clients.Forget(name)
	}
	if err == nil {
		err = b.forgetAutomations(ctx, name)
	}
	if err == nil {
		err = b.forgetHooks(name)
	}
	if err == nil {
		err = b.Agents.Remove(name)
	}
	b.options.Notify("agent", name)
	return gone, err
}

// SetConfig keeps what the code reads as context.userConfig. Faults: not_found,
// invalid.
func (b *Backend) SetConfig(name string, config json.RawMessage) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(config, &object); err != nil || object == nil {
		return fault.New(fault.Invalid, "The settings of an agent must be one JSON object.", "Write them as {\"name\": \"value\"}.")
	}
	if err := b.Agents.SetConfig(name, config); err != nil {
		return err
	}
	b.options.Notify("agent", name)
	return nil
}
