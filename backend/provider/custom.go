package provider

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"strings"

	"pie/backend/fault"
)

// CustomSpec is a provider as a manifest describes it (the oauth block with
// provider "custom"). APIHosts are the further hosts the person approved.
type CustomSpec struct {
	Name                string
	AuthorizationURL    string
	TokenURL            string
	UserInfoURL         string
	RevokeURL           string
	DeviceURL           string // deviceAuthorizationUrl (RFC 8628)
	RegistrationURL     string // registration_endpoint (RFC 7591)
	Issuer              string
	IssuerPromise       bool
	Styles              []string // of authenticating, when TokenAuth is empty and the metadata says
	PKCE                string   // "" or "off"
	TokenAuth           string   // "", none, post, basic, basic-json
	AuthorizationParams map[string]string
	APIHosts            []string
}

// protocolParams are never taken from a manifest or a catalogue file.
var protocolParams = []string{
	"response_type", "client_id", "client_secret", "redirect_uri", "scope", "state", "code", "grant_type",
	"code_challenge", "code_challenge_method", "code_verifier", "refresh_token", "request", "request_uri",
}

// Custom makes a provider from a manifest. Its token goes to the exact host of
// the token address (on loopback the exact origin) and to APIHosts. Addresses
// that lie wholly on one known provider take over its quirks and hosts; a mix of
// a known provider's host with others is refused, because code, verifier and
// secret would leave it. Fault: invalid or denied.
func (c *Catalog) Custom(s CustomSpec) (Provider, error) {
	addresses := map[string]string{
		"authorizationUrl": s.AuthorizationURL, "tokenUrl": s.TokenURL,
		"userInfoUrl": s.UserInfoURL, "revokeUrl": s.RevokeURL, "deviceAuthorizationUrl": s.DeviceURL, "registrationUrl": s.RegistrationURL,
	}
	for key, address := range addresses {
		if address == "" && key != "authorizationUrl" && key != "tokenUrl" {
			delete(addresses, key)
			continue
		}
		if problem := CheckAddress(address); problem != "" {
			return Provider{}, fault.New(fault.Invalid, fmt.Sprintf("oauth.%s %s.", key, problem), "Correct the address in the manifest.")
		}
	}
	known, err := c.oneOwner(addresses)
	if err != nil {
		return Provider{}, err
	}
	p, err := c.base(known, s.TokenURL)
	if err != nil {
		return Provider{}, err
	}
	return s.apply(p)
}

// oneOwner returns the known provider that all addresses lie on, "" when none
// lies on any.
func (c *Catalog) oneOwner(addresses map[string]string) (string, error) {
	owners := map[string]bool{}
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil {
			return "", fmt.Errorf("parsing address: %w", err)
		}
		id, _ := c.KnownHost(u.Host)
		owners[id] = true
	}
	if len(owners) > 1 {
		return "", fault.New(fault.Denied, "This agent mixes the addresses of a known provider with those of somebody else.",
			"Do not install it: a sign-in could be led astray. If you wrote it, take all addresses from one provider.")
	}
	for id := range owners {
		return id, nil
	}
	return "", nil
}

// base is the known provider or a plain RFC 6749 one.
func (c *Catalog) base(known, tokenURL string) (Provider, error) {
	if known != "" {
		// What differs from account to account is written out in a manifest, so the
		// hosts are those of its own addresses.
		if p, err := c.Get(known); err != nil || len(p.Parameters) == 0 {
			return p, err
		}
	}
	p := Provider{
		Client:   Client{Body: "form"},
		PKCE:     PKCE{Mode: "supported"},
		Redirect: Redirect{CustomScheme: true, Loopback: Loopback{Port: "fixed", Host: "127.0.0.1"}, HTTPS: true},
		Scopes:   Scopes{Param: "scope", Separator: " "},
		Response: Response{},
		Lifetime: Lifetime{Refresh: "rotates"},
	}
	u, err := url.Parse(tokenURL)
	if err != nil {
		return p, fmt.Errorf("parsing address: %w", err)
	}
	rule, _ := Origin(u)
	p.API = API{Hosts: []string{rule.String()}, HeaderPrefix: "Bearer"}
	return p, nil
}

func (s CustomSpec) apply(p Provider) (Provider, error) {
	p.ID, p.Custom, p.Checked, p.Status = "custom", true, "listed", "active"
	p.Effort = cmp.Or(p.Effort, "setup")
	u, err := url.Parse(s.AuthorizationURL)
	if err != nil {
		return p, fmt.Errorf("parsing address: %w", err)
	}
	p.Name = cmp.Or(s.Name, u.Hostname())
	p.Endpoints.Authorization, p.Endpoints.Token = s.AuthorizationURL, s.TokenURL
	p.Endpoints.Issuer = cmp.Or(s.Issuer, p.Endpoints.Issuer)
	if s.DeviceURL != "" && p.Schema == 0 {
		// A known provider's own file decides whether its device flow is safe.
		p.Endpoints.Device, p.Redirect.Device = s.DeviceURL, true
	}
	if s.RevokeURL != "" && s.RevokeURL != p.Endpoints.Revocation.URL {
		p.Endpoints.Revocation = Revocation{URL: s.RevokeURL, Method: "rfc7009"}
	}
	if s.UserInfoURL != "" && s.UserInfoURL != p.Identity.URL {
		p.Identity = Identity{URL: s.UserInfoURL, ID: "/sub", Label: []string{"/email", "/preferred_username", "/name", "/login", "/sub", "/id"}}
	}
	if p.Schema == 0 {
		p.Client.Auth, p.Endpoints.Registration, p.Endpoints.IssuerPromise = s.Styles, s.RegistrationURL, s.IssuerPromise
	}
	if s.TokenAuth != "" {
		if !oneOf([]string{s.TokenAuth}, "none", "post", "basic", "basic-json") {
			return p, fault.New(fault.Invalid, "oauth.tokenAuth is not known.", "Use none, post, basic or basic-json.")
		}
		p.Client.Auth = []string{s.TokenAuth}
	}
	switch s.PKCE {
	case "":
	case "off":
		p.PKCE.Mode = "off"
	default:
		return p, fault.New(fault.Invalid, "oauth.pkce can only be \"off\".", "Leave it out: PKCE is used by itself.")
	}
	if p.Params.Authorize, err = mergeParams(p.Params.Authorize, s.AuthorizationParams); err != nil {
		return p, err
	}
	if _, err := ParseHosts(s.APIHosts); err != nil {
		return p, err
	}
	p.API.Hosts = append(append([]string{}, p.API.Hosts...), s.APIHosts...)
	return p, nil
}

func mergeParams(base, more map[string]string) (map[string]string, error) {
	out := map[string]string{}
	maps.Copy(out, base)
	for name, value := range more {
		for _, reserved := range protocolParams {
			if strings.EqualFold(name, reserved) {
				return nil, fault.New(fault.Invalid, fmt.Sprintf("oauth.authorizationParams may not set %s.", name), "Leave it out: the program sets it itself.")
			}
		}
		out[name] = value
	}
	return out, nil
}

// Practice is the entry of the practice provider at base, an origin on loopback.
func Practice(base string) Provider {
	return Provider{
		Schema: 1, ID: "practice", Name: "Practice (pretend)", Status: "active", Effort: "sign-in", Checked: "proven",
		Category: []string{"notes"},
		Links:    Links{Docs: base + "/", Manage: base + "/"},
		Endpoints: Endpoints{
			Issuer: base, IssuerPromise: true,
			Authorization: base + "/authorize", Token: base + "/token",
			Revocation: Revocation{URL: base + "/revoke", Method: "rfc7009"},
		},
		Client:   Client{Auth: []string{"post"}, Body: "form"},
		PKCE:     PKCE{Mode: "required"},
		Redirect: Redirect{CustomScheme: true, Loopback: Loopback{Port: "any", Host: "127.0.0.1"}, HTTPS: true},
		Scopes: Scopes{Param: "scope", Separator: " ", Items: []Scope{
			{ID: "notes.read", Label: "Read your practice notes", Risk: "read"},
			{ID: "notes.write", Label: "Add practice notes", Risk: "write"},
		}},
		API:      API{Hosts: []string{base}, HeaderPrefix: "Bearer"},
		Identity: Identity{URL: base + "/userinfo", ID: "/sub", Label: []string{"/email", "/name"}},
		Lifetime: Lifetime{Refresh: "rotates"},
	}
}
