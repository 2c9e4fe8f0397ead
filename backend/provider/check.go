package provider

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"pie/backend/fault"
)

// decode reads one file; unknown fields are refused.
func decode(name string, raw []byte) (Provider, error) {
	var p Provider
	decoder := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict())
	if err := decoder.Decode(&p); err != nil {
		return p, fault.Wrap(err, fault.Invalid, fmt.Sprintf("The provider file %s cannot be read: %s", name, oneLine(err)),
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

// check fills in what a file may leave out and refuses what makes no sense.
func check(name string, p *Provider) error {
	complete(p)
	for _, problem := range []func(string, *Provider) string{problemOfForm, problemOfWords, problemOfReach, problemOfParameters, problemOfAddresses} {
		if text := problem(name, p); text != "" {
			return wrong(name, text)
		}
	}
	return nil
}

func wrong(name, problem string) error {
	return fault.New(fault.Invalid, fmt.Sprintf("The provider file %s is wrong: %s.", name, problem),
		"Correct the file, or move it out of the providers folder.")
}

func complete(p *Provider) {
	p.Scopes.Param = cmp.Or(p.Scopes.Param, "scope")
	p.Scopes.Separator = cmp.Or(p.Scopes.Separator, " ")
	p.Client.Body = cmp.Or(p.Client.Body, "form")
	p.PKCE.Method = cmp.Or(p.PKCE.Method, "S256")
	p.API.HeaderPrefix = cmp.Or(p.API.HeaderPrefix, "Bearer")
	p.Redirect.Loopback.Port = cmp.Or(p.Redirect.Loopback.Port, "no")
	p.Redirect.Loopback.Host = cmp.Or(p.Redirect.Loopback.Host, "127.0.0.1")
	p.Endpoints.Revocation.Method = cmp.Or(p.Endpoints.Revocation.Method, "none")
	p.Status = cmp.Or(p.Status, "active")
	p.Effort = cmp.Or(p.Effort, "setup")
}

var (
	idForm       = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	callbackForm = regexp.MustCompile(`^[a-z][a-z_]{0,31}$`)
)

func problemOfForm(name string, p *Provider) string {
	switch {
	case p.Schema != 1:
		return "schema must be 1"
	case !idForm.MatchString(p.ID) || p.ID+".yaml" != path.Base(name):
		return "id must be the file's name, in small letters, digits and hyphens"
	case p.Name == "":
		return "name is missing"
	case len(p.Client.Auth) == 0:
		return "client.auth is missing"
	case p.Callback.HMAC != "" && !callbackForm.MatchString(p.Callback.HMAC):
		return "callback.hmac is no name of a parameter"
	case p.Callback.HMAC != "" && slices.Contains(p.Client.Auth, "none"):
		return "callback.hmac needs a client with a secret"
	case len(p.API.Hosts) == 0:
		return "api.hosts is empty"
	}
	return ""
}

// problemOfWords holds every field that knows certain words only.
func problemOfWords(_ string, p *Provider) string {
	fields := []struct {
		field   string
		values  []string
		allowed []string
	}{
		{"status", []string{p.Status}, []string{"active", "closed-to-new-apps", "legacy", "retired"}},
		{"effort", []string{p.Effort}, []string{"sign-in", "token", "setup", "unreachable"}},
		{"client.auth", p.Client.Auth, []string{"none", "post", "basic", "basic-json", "basic-empty"}},
		{"client.body", []string{p.Client.Body}, []string{"form", "json"}},
		{"pkce.mode", []string{p.PKCE.Mode}, []string{"required", "supported", "ignored", "breaks"}},
		{"pkce.method", []string{p.PKCE.Method}, []string{"S256", "plain"}},
		{"redirect.loopback.port", []string{p.Redirect.Loopback.Port}, []string{"any", "fixed", "no"}},
		{"redirect.loopback.host", []string{p.Redirect.Loopback.Host}, []string{"127.0.0.1", "localhost"}},
		{"redirect.prefer", []string{p.Redirect.Prefer}, []string{"", "scheme", "loopback", "paste"}},
		{"lifetime.refresh", []string{p.Lifetime.Refresh}, []string{"none", "stays", "rotates"}},
		{
			"endpoints.revocation.method",
			[]string{p.Endpoints.Revocation.Method},
			[]string{"none", "rfc7009", "bearer-post", "bearer-delete", "access-token-post", "delete", "basic-json"},
		},
		{"checked", []string{p.Checked}, []string{"proven", "listed"}},
	}
	if text := problemOfToken(p.Token); text != "" {
		return text
	}
	for _, s := range p.Scopes.Items {
		if slices.ContainsFunc(s.Paths, func(path string) bool { return !pathForm.MatchString(path) }) {
			return fmt.Sprintf("scope %q has a path that is not host/path", s.ID)
		}
		if s.ID == "" || s.Label == "" || !oneOf([]string{s.Risk}, "identity", "read", "write", "send", "admin", "money") {
			return fmt.Sprintf("scope %q needs an id, a label and a risk (identity, read, write, send, admin or money)", s.ID)
		}
	}
	for _, f := range fields {
		if !oneOf(f.values, f.allowed...) {
			return fmt.Sprintf("%s knows %s", f.field, strings.TrimPrefix(strings.Join(f.allowed, ", "), ", "))
		}
	}
	return ""
}

var (
	headerForm = regexp.MustCompile(`^(Authorization|(X|x)-[A-Za-z0-9-]{1,60}|[A-Z][A-Za-z0-9]{1,30}-[A-Za-z0-9-]{1,30})$`)
	pathForm   = regexp.MustCompile(`^[a-z0-9.-]+(/[A-Za-z0-9._*-]+)*$`)
	schemeForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,31}$`)
)

// problemOfToken lets a personal token only into a header that nothing between
// here and the service takes for its own.
func problemOfToken(t Token) string {
	switch {
	case t.Header == "" && t.Scheme == "":
		return ""
	case len(t.Steps) == 0:
		return "token.steps is empty"
	case t.Header != "" && !carriesTokens(t.Header):
		return "token.header is no header for a token"
	case t.Scheme != "" && !schemeForm.MatchString(t.Scheme):
		return "token.scheme is no word"
	}
	return ""
}

func carriesTokens(header string) bool {
	spoken := []string{"proxy-", "content-", "accept-", "transfer-", "x-forwarded", "x-http-", "x-method-", "sec-", "if-", "set-", "keep-"}
	return headerForm.MatchString(header) && !slices.ContainsFunc(spoken, func(begin string) bool { return strings.HasPrefix(strings.ToLower(header), begin) })
}

func oneOf(values []string, allowed ...string) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return !slices.Contains(allowed, v) })
}

// problemOfReach holds what is said of the work against what is possible.
func problemOfReach(_ string, p *Provider) string {
	kinds := len(p.RedirectKinds())
	switch {
	case kinds == 0 && p.Effort != "token" && p.Effort != "unreachable":
		return "redirect allows nothing"
	case p.Effort == "unreachable" && (kinds > 0 || len(p.Token.Steps) > 0):
		return "effort is unreachable, but there is a way"
	case p.Effort == "unreachable" && p.Note == "":
		return "effort is unreachable, and note does not say why"
	case p.Effort == "token" && len(p.Token.Steps) == 0:
		return "effort is token, and token.steps is empty"
	case p.Effort == "sign-in" && !slices.Contains(p.Client.Auth, "none") && p.Endpoints.Registration == "":
		return "effort is sign-in, but the client must prove itself"
	case p.API.Header != "" && !carriesTokens(p.API.Header):
		return "api.header is no header for a token"
	case p.Redirect.Device && p.Endpoints.Device == "":
		return "redirect.device is set, and endpoints.device is missing"
	case p.Endpoints.Revocation.Method != "none" && p.Endpoints.Revocation.URL == "":
		return "endpoints.revocation.url is missing"
	}
	return ""
}

func problemOfAddresses(_ string, p *Provider) string {
	addresses := map[string]string{
		"endpoints.issuer": p.Endpoints.Issuer, "endpoints.refresh": p.Endpoints.Refresh, "endpoints.device": p.Endpoints.Device, "endpoints.registration": p.Endpoints.Registration,
		"endpoints.revocation.url": p.Endpoints.Revocation.URL, "identity.url": p.Identity.URL,
		"links.docs": p.Links.Docs, "links.console": p.Links.Console, "links.manage": p.Links.Manage, "token.url": p.Token.URL,
	}
	for field, address := range addresses {
		if address == "" {
			delete(addresses, field)
		}
	}
	if len(p.RedirectKinds()) > 0 {
		addresses["endpoints.authorization"], addresses["endpoints.token"] = p.Endpoints.Authorization, p.Endpoints.Token
	}
	for field, address := range addresses {
		if problem := p.problemOfAddress(field, address); problem != "" {
			return field + " " + problem
		}
	}
	for _, host := range p.API.Hosts {
		if problem := p.problemOfHost(host, FromPerson, FromCallback, FromToken); problem != "" {
			return "api.hosts: " + host + " " + problem
		}
	}
	if _, err := ParseHosts(p.FixedHosts()); err != nil {
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
	if strings.ContainsAny(strings.ReplaceAll(address, "{client_id}", ""), "{}") {
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
