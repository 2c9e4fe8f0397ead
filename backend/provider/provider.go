// Package provider is the catalogue of OAuth 2.0 providers.
//
// A provider is one YAML file: where it authorizes and hands out tokens, how it
// wants to be asked, how its answers differ from RFC 6749, and which hosts may
// receive its tokens. Load reads the built-in files and the person's own; Custom
// makes a provider from an agent's manifest. HostSet.Allowed is the one check of
// whether a request may carry a token. The package sends nothing.
package provider

import (
	"cmp"
	"slices"
	"strings"
)

// Provider is one entry of the catalogue. Addresses are absolute and https,
// except on loopback. Field names follow catalog/schema.json.
type Provider struct {
	Schema     int         `yaml:"schema"`
	ID         string      `yaml:"id"`
	Name       string      `yaml:"name"`
	Extends    string      `yaml:"extends"` // id of the provider whose addresses and ways this preset shares
	Category   []string    `yaml:"category"`
	Status     string      `yaml:"status"` // active | closed-to-new-apps | legacy | retired
	Effort     string      `yaml:"effort"` // the least work to connect: sign-in | token | setup | unreachable
	Note       string      `yaml:"note"`   // one sentence to know before anything is registered
	Icon       string      `yaml:"icon"`   // simple-icons slug; empty means a letter
	Links      Links       `yaml:"links"`
	Parameters []Parameter `yaml:"parameters"` // what differs from account to account
	Endpoints  Endpoints   `yaml:"endpoints"`
	Client     Client      `yaml:"client"`
	PKCE       PKCE        `yaml:"pkce"`
	Redirect   Redirect    `yaml:"redirect"`
	Callback   Callback    `yaml:"callback"`
	Scopes     Scopes      `yaml:"scopes"`
	Params     Params      `yaml:"params"`
	Response   Response    `yaml:"response"`
	API        API         `yaml:"api"`
	Identity   Identity    `yaml:"identity"`
	Lifetime   Lifetime    `yaml:"lifetime"`
	Token      Token       `yaml:"token"`
	Setup      []string    `yaml:"setup"`   // steps to register an app, in words; {redirect_uri} is filled in
	Checked    string      `yaml:"checked"` // proven | listed
	Sources    []string    `yaml:"sources"`

	Custom bool `yaml:"-"` // made from a manifest

	givesAt string `yaml:"-"` // the token address before Resolve, which has been called when it is set
}

// Links are pages for the person.
type Links struct {
	Docs    string `yaml:"docs"`
	Console string `yaml:"console"` // where an app is registered
	Manage  string `yaml:"manage"`  // where access is taken away
}

// Endpoints are the addresses of the authorization server.
type Endpoints struct {
	Issuer        string     `yaml:"issuer"`         // expected iss (RFC 9207); empty when none is sent
	IssuerPromise bool       `yaml:"issuer_promise"` // metadata says iss always comes: a missing one aborts
	Authorization string     `yaml:"authorization"`
	Token         string     `yaml:"token"`
	Refresh       string     `yaml:"refresh"` // only where refreshing has an address of its own
	Device        string     `yaml:"device"`
	Registration  string     `yaml:"registration"` // where a client may register itself (RFC 7591), so that no app is needed
	Revocation    Revocation `yaml:"revocation"`
}

// Revocation tells how access is taken back.
type Revocation struct {
	URL    string `yaml:"url"`
	Method string `yaml:"method"` // rfc7009 | bearer-post | bearer-delete | access-token-post | delete | basic-json | none
}

// Client tells how this program names itself at the token endpoint.
type Client struct {
	Auth []string `yaml:"auth"` // in order of preference: none, post, basic, basic-json, basic-empty (public, empty password)
	Body string   `yaml:"body"` // form | json
}

// PKCE tells whether RFC 7636 is used. Mode off is only ever set by a manifest
// and shown at install; breaks means that a request which carries it is refused.
type PKCE struct {
	Mode   string `yaml:"mode"`   // required | supported | ignored | breaks | off
	Method string `yaml:"method"` // S256 | plain
}

// Sent tells whether requests carry a challenge.
func (p PKCE) Sent() bool { return p.Mode != "off" && p.Mode != "breaks" }

// Token is how a person makes a personal token at the service, and how it is
// sent: without Header and Scheme as a token from a sign-in is.
type Token struct {
	URL    string   `yaml:"url"`
	Steps  []string `yaml:"steps"`
	Header string   `yaml:"header"` // Authorization when empty
	Scheme string   `yaml:"scheme"` // word before the token; none for the token alone
}

// Signed is the header that carries the token of a sign-in, and its value.
func (p Provider) Signed(token string) (header, value string) {
	if p.API.Header != "" {
		return p.API.Header, token
	}
	return "Authorization", p.API.HeaderPrefix + " " + token
}

// Credential is the header that carries a personal token, and its value.
func (p Provider) Credential(token string) (header, value string) {
	header = cmp.Or(p.Token.Header, "Authorization")
	switch {
	case p.Token.Scheme == "none", p.Token.Scheme == "" && header != "Authorization":
		return header, token
	}
	return header, cmp.Or(p.Token.Scheme, p.API.HeaderPrefix) + " " + token
}

// Redirect tells which kinds of redirect address the provider takes.
type Redirect struct {
	CustomScheme bool     `yaml:"custom_scheme"`
	Loopback     Loopback `yaml:"loopback"`
	HTTPS        bool     `yaml:"https"`
	Device       bool     `yaml:"device"` // the device flow was found safe to offer (RFC 8628, section 5.4)
	Prefer       string   `yaml:"prefer"` // scheme | loopback | paste; first possible when empty
}

// Loopback is the loopback rule (RFC 8252, section 7.3).
type Loopback struct {
	Port string `yaml:"port"` // any | fixed | no
	Host string `yaml:"host"` // 127.0.0.1 | localhost
}

// Callback tells what comes back from the authorization page besides what RFC 6749
// says.
type Callback struct {
	HMAC string `yaml:"hmac"` // parameter with the HMAC-SHA256 of all others under the client's secret, in hex
}

// ReadsCallback tells whether more of the callback is needed than a page of the
// person's own hands on: what is learnt from it, or what proves it.
func (p Provider) ReadsCallback() bool {
	return p.Callback.HMAC != "" || slices.ContainsFunc(p.Parameters, func(a Parameter) bool { return a.From == FromCallback })
}

// Scopes tells how scopes are written and what they mean to a person.
type Scopes struct {
	Param     string            `yaml:"param"`     // scope unless the provider renames it
	Separator string            `yaml:"separator"` // in the request
	Always    []string          `yaml:"always"`    // added without asking
	Aliases   map[string]string `yaml:"aliases"`   // asked name -> name in the answer
	Items     []Scope           `yaml:"items"`
}

// Scope is one scope in words.
type Scope struct {
	ID    string `yaml:"id"`
	Label string `yaml:"label"`
	Risk  string `yaml:"risk"` // identity | read | write | send | admin | money

	// Paths are the requests that need it, as host/path with a star for one part and
	// any rest, where that can be told.
	Paths []string `yaml:"paths"`
}

// Params are extra parameters; they never replace those of the protocol.
type Params struct {
	Authorize map[string]string `yaml:"authorize"`
	Token     map[string]string `yaml:"token"`
	Refresh   map[string]string `yaml:"refresh"`
}

// Response tells where things are in a token answer, by JSON pointer (RFC 6901).
type Response struct {
	Root    string            `yaml:"root"`
	Failure Failure           `yaml:"failure"`
	Keep    map[string]string `yaml:"keep"` // name -> pointer, remembered with the account
}

// Failure is how a 200 says that it failed: the value there is Equals, or is
// anything but Unless.
type Failure struct {
	Pointer string `yaml:"pointer"`
	Equals  string `yaml:"equals"`
	Unless  string `yaml:"unless"`
}

// Says tells whether value means failure.
func (f Failure) Says(value string) bool {
	if f.Unless != "" {
		return value != f.Unless
	}
	return value == f.Equals
}

// API is what a token is good for.
type API struct {
	Hosts        []string          `yaml:"hosts"`         // tokens go to these and nowhere else
	Header       string            `yaml:"header"`        // carries the token; Authorization unless named
	HeaderPrefix string            `yaml:"header_prefix"` // before the token, unless another header carries it alone
	ExtraHeaders map[string]string `yaml:"extra_headers"` // {client_id} is filled in by Headers
	ReadPosts    []string          `yaml:"read_posts"`    // path prefixes where a POST is a read
}

// Headers are the further headers of a request with a token.
func (a API) Headers(clientID string) map[string]string {
	out := make(map[string]string, len(a.ExtraHeaders))
	for name, value := range a.ExtraHeaders {
		out[name] = strings.ReplaceAll(value, "{client_id}", clientID)
	}
	return out
}

// Identity is a request that tells whose account it is: a GET, or a POST of the
// JSON in Post.
type Identity struct {
	URL   string   `yaml:"url"`
	Post  string   `yaml:"post"`
	ID    string   `yaml:"id"`    // JSON pointer
	Label []string `yaml:"label"` // the first that is not empty
	Keep  bool     `yaml:"keep"`  // look in the kept values of the token answer instead
}

// Lifetime is what is known of the life of tokens.
type Lifetime struct {
	Access     int    `yaml:"access"`      // seconds, when the answer does not say
	Refresh    string `yaml:"refresh"`     // none | stays | rotates
	RefreshTTL int    `yaml:"refresh_ttl"` // seconds, 0 when not known
}

// Base is the id of the provider that runs the authorization server: itself, or
// the one that this preset extends. An app is registered there once.
func (p Provider) Base() string { return cmp.Or(p.Extends, p.ID) }

// TakesApps tells whether a person can register an app there: it is a provider of
// the catalogue that a sign-in can come back from.
func (p Provider) TakesApps() bool { return !p.Custom && len(p.RedirectKinds()) > 0 }

// RedirectKinds lists the kinds of redirect address that the provider takes, the
// preferred one first: scheme, loopback, paste. Last comes device, which has no
// address and is never taken unasked where there is another.
func (p Provider) RedirectKinds() []string {
	var kinds []string
	if p.Redirect.CustomScheme {
		kinds = append(kinds, "scheme")
	}
	if p.Redirect.Loopback.Port != "no" {
		kinds = append(kinds, "loopback")
	}
	if p.Redirect.HTTPS {
		kinds = append(kinds, "paste")
	}
	if at := slices.Index(kinds, p.Redirect.Prefer); at > 0 {
		kinds = append([]string{p.Redirect.Prefer}, slices.Delete(kinds, at, at+1)...)
	}
	if p.Redirect.Device && p.Endpoints.Device != "" {
		kinds = append(kinds, "device")
	}
	return kinds
}

// ScopeLabel is what a scope means in words, the scope itself when unknown.
func (p Provider) ScopeLabel(id string) string {
	for _, s := range p.Scopes.Items {
		if s.ID == id {
			return s.Label
		}
	}
	return id
}

// Missing lists the asked scopes that granted lacks, by the provider's aliases.
// A nil granted means that the answer did not say, so nothing is missing
// (RFC 6749, section 5.1).
func (p Provider) Missing(asked, granted []string) []string {
	if granted == nil {
		return nil
	}
	var missing []string
	for _, scope := range asked {
		if !slices.Contains(granted, scope) && !slices.Contains(granted, p.Scopes.Aliases[scope]) {
			missing = append(missing, scope)
		}
	}
	return missing
}
