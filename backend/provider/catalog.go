package provider

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"pie/backend/fault"
)

//go:embed catalog/*.yaml
var builtIn embed.FS

// Catalog is the set of providers. It is never changed after Load.
type Catalog struct {
	providers map[string]Provider
	hosts     map[string]string // host -> provider id, of endpoints and API
}

// Load reads the built-in files and lays those of overlay (*.yaml at its root,
// may be nil) over them. Fault: invalid, naming the file and the line.
func Load(overlay fs.FS) (*Catalog, error) {
	c := &Catalog{providers: map[string]Provider{}, hosts: map[string]string{}}
	inner, err := fs.Sub(builtIn, "catalog")
	if err != nil {
		return nil, fmt.Errorf("opening catalogue: %w", err)
	}
	for _, folder := range []fs.FS{inner, overlay} {
		if folder == nil {
			continue
		}
		if err := c.read(folder); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *Catalog) read(folder fs.FS) error {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return fmt.Errorf("listing catalogue: %w", err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(folder, name)
		if err != nil {
			return fmt.Errorf("reading catalogue: %w", err)
		}
		p, err := decode(name, raw)
		if err != nil {
			return err
		}
		c.add(p)
	}
	return nil
}

func (c *Catalog) add(p Provider) {
	c.providers[p.ID] = p
	for _, address := range []string{p.Endpoints.Authorization, p.Endpoints.Token, p.Endpoints.Revocation.URL, p.Identity.URL} {
		if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
			c.hosts[strings.ToLower(u.Host)] = p.ID
		}
	}
	for _, host := range p.API.Hosts {
		c.hosts[host] = p.ID
	}
}

func decode(name string, raw []byte) (Provider, error) {
	var p Provider
	decoder := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict())
	if err := decoder.Decode(&p); err != nil {
		return p, fault.Wrap(err, fault.Invalid, fmt.Sprintf("The provider file %s cannot be read: %s", name, oneLine(err)),
			"Correct the file, or move it out of the providers folder.")
	}
	if problem := check(name, &p); problem != "" {
		return p, fault.New(fault.Invalid, fmt.Sprintf("The provider file %s is wrong: %s.", name, problem),
			"Correct the file, or move it out of the providers folder.")
	}
	return p, nil
}

// oneLine is the library's first line, which names the position, without its
// drawing of the source.
func oneLine(err error) string {
	first, _, _ := strings.Cut(yaml.FormatError(err, false, false), "\n")
	return first
}

var idForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

func check(name string, p *Provider) string {
	p.Scopes.Param = cmp.Or(p.Scopes.Param, "scope")
	p.Scopes.Separator = cmp.Or(p.Scopes.Separator, " ")
	p.Client.Body = cmp.Or(p.Client.Body, "form")
	p.API.HeaderPrefix = cmp.Or(p.API.HeaderPrefix, "Bearer")
	p.Redirect.Loopback.Port = cmp.Or(p.Redirect.Loopback.Port, "no")
	p.Redirect.Loopback.Host = cmp.Or(p.Redirect.Loopback.Host, "127.0.0.1")
	p.Endpoints.Revocation.Method = cmp.Or(p.Endpoints.Revocation.Method, "none")
	p.Status = cmp.Or(p.Status, "active")
	switch {
	case p.Schema != 1:
		return "schema must be 1"
	case !idForm.MatchString(p.ID) || p.ID+".yaml" != path.Base(name):
		return "id must be the file's name, in small letters, digits and hyphens"
	case p.Name == "":
		return "name is missing"
	case len(p.Client.Auth) == 0:
		return "client.auth is missing"
	case !oneOf(p.Client.Auth, "none", "post", "basic", "basic-json"):
		return "client.auth knows none, post, basic and basic-json"
	case !oneOf([]string{p.PKCE.Mode}, "required", "supported", "ignored"):
		return "pkce.mode knows required, supported and ignored"
	case !oneOf([]string{p.Lifetime.Refresh}, "none", "stays", "rotates"):
		return "lifetime.refresh knows none, stays and rotates"
	case !oneOf([]string{p.Endpoints.Revocation.Method}, "none", "rfc7009", "bearer-post", "delete", "basic-json"):
		return "endpoints.revocation.method is not known"
	case !oneOf([]string{p.Checked}, "proven", "listed"):
		return "checked knows proven and listed"
	case len(p.RedirectKinds()) == 0:
		return "redirect allows nothing"
	case len(p.API.Hosts) == 0:
		return "api.hosts is empty"
	}
	return checkAddresses(p)
}

func oneOf(values []string, allowed ...string) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return !slices.Contains(allowed, v) })
}

func checkAddresses(p *Provider) string {
	required := map[string]string{"endpoints.authorization": p.Endpoints.Authorization, "endpoints.token": p.Endpoints.Token}
	optional := map[string]string{"endpoints.revocation.url": p.Endpoints.Revocation.URL, "identity.url": p.Identity.URL}
	for field, address := range optional {
		if address != "" {
			required[field] = address
		}
	}
	for field, address := range required {
		if problem := CheckAddress(address); problem != "" {
			return field + " " + problem
		}
	}
	if _, err := ParseHosts(p.API.Hosts); err != nil {
		return "api.hosts: " + fault.Public(err).Message
	}
	return ""
}

// CheckAddress says what is wrong with the address of an endpoint, "" when it is
// https (or http on loopback) with a host and without credentials.
func CheckAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "is not a whole address"
	}
	if strings.Contains(address, "{") && !strings.Contains(address, "{client_id}") {
		return "has a placeholder that is not known"
	}
	if _, ok := Origin(u); !ok {
		return "must be https, without a user name in it"
	}
	if u.Fragment != "" {
		return "must have no fragment"
	}
	return ""
}

// Get returns a provider. Fault: not_found.
func (c *Catalog) Get(id string) (Provider, error) {
	p, ok := c.providers[id]
	if !ok {
		return Provider{}, fault.New(fault.NotFound, fmt.Sprintf("There is no provider named %q.", id), "Run pie provider list to see them all.")
	}
	return p, nil
}

// Has tells whether id is in the catalogue.
func (c *Catalog) Has(id string) bool { _, ok := c.providers[id]; return ok }

// List returns all providers by id.
func (c *Catalog) List() []Provider {
	out := make([]Provider, 0, len(c.providers))
	for _, p := range c.providers {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Provider) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// KnownHost tells which provider a host (with its port, if any) belongs to.
func (c *Catalog) KnownHost(host string) (id string, known bool) {
	id, known = c.hosts[strings.ToLower(host)]
	return id, known
}

// With returns a catalogue that also has p; c stays as it is.
func (c *Catalog) With(p Provider) *Catalog {
	out := &Catalog{providers: map[string]Provider{}, hosts: map[string]string{}}
	for _, each := range c.providers {
		out.add(each)
	}
	out.add(p)
	return out
}
