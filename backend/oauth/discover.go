package oauth

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"pie/backend/fault"
	"pie/backend/provider"
)

// Metadata is what an authorization server says about itself (RFC 8414, section
// 2; OpenID Connect Discovery 1.0, section 3), as far as it is used.
type Metadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	UserInfo      string   `json:"userinfo_endpoint"`
	Revocation    string   `json:"revocation_endpoint"`
	Device        string   `json:"device_authorization_endpoint"`
	Registration  string   `json:"registration_endpoint"`
	Auth          []string `json:"token_endpoint_auth_methods_supported"`
	Challenges    []string `json:"code_challenge_methods_supported"`
	IssuerPromise bool     `json:"authorization_response_iss_parameter_supported"`
}

// Discover fetches the metadata of issuer, by RFC 8414 and then by OpenID Connect.
// client must follow no redirect and refuse private networks. What comes back
// counts only when it names the very issuer that was asked for (RFC 8414, section
// 3.3), and when each of its addresses could be one of its own: https, and on no
// private network that the issuer is not on itself. Faults: invalid, denied, offline.
func Discover(ctx context.Context, client *http.Client, issuer string) (Metadata, error) {
	u, err := url.Parse(issuer)
	if err != nil || provider.CheckAddress(issuer) != "" || u.RawQuery != "" {
		return Metadata{}, fault.New(fault.Invalid, "oauth.issuer is no address of an issuer.", "Give it as https://host/path, as the service's documentation does.")
	}
	well := "/.well-known/"
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	origin := u.Scheme + "://" + u.Host
	var missing error
	for _, address := range []string{origin + well + "oauth-authorization-server" + path, origin + path + well + "openid-configuration"} {
		m, err := fetchMetadata(ctx, client, address)
		if err == nil && m == nil {
			continue
		}
		if err != nil {
			missing = err
			continue
		}
		return *m, m.check(issuer, u)
	}
	if missing != nil {
		return Metadata{}, missing
	}
	return Metadata{}, fault.New(fault.Denied, u.Host+" does not say how to sign in there.", "Check oauth.issuer, or write authorizationUrl and tokenUrl into the manifest.")
}

// fetchMetadata is nil where there is no such page.
func fetchMetadata(ctx context.Context, client *http.Client, address string) (*Metadata, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, fault.Wrap(errShape, fault.Invalid, "oauth.issuer is no address of an issuer.", "Check the manifest.")
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "PIE-Desktop")
	res, err := client.Do(r)
	if err != nil {
		return nil, fault.Wrap(err, fault.Offline, r.URL.Host+" cannot be reached, or lies in a private network.", "Check the network and oauth.issuer.")
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		if res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests {
			return nil, fault.New(fault.Offline, r.URL.Host+" has trouble of its own.", "Try again in a few minutes.")
		}
		return nil, nil //nolint:nilnil // not there, which is no fault
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, answerLimit+1))
	if err != nil || len(body) > answerLimit {
		return nil, fault.Wrap(err, fault.Offline, r.URL.Host+" did not say how to sign in there: its answer was cut or too long.", "Try again.")
	}
	var m Metadata
	if json.Unmarshal(body, &m) != nil {
		return nil, nil //nolint:nilnil // some other page
	}
	return &m, nil
}

func (m Metadata) check(issuer string, u *url.URL) error {
	bad := func(what string) error {
		return fault.New(fault.Denied, u.Host+" says something about itself that cannot be: "+what+".", "Do not connect; the service may be set up wrongly, or somebody is in between.")
	}
	if m.Issuer != issuer {
		return bad("it names another issuer")
	}
	for name, address := range map[string]string{
		"authorization_endpoint": m.Authorization, "token_endpoint": m.Token, "userinfo_endpoint": m.UserInfo, "revocation_endpoint": m.Revocation,
		"device_authorization_endpoint": m.Device, "registration_endpoint": m.Registration,
	} {
		if address == "" && name != "authorization_endpoint" && name != "token_endpoint" {
			continue
		}
		e, err := url.Parse(address)
		if err != nil || CheckURL(address) != nil || e.Host != u.Host && (e.Scheme != "https" || provider.NamesPrivate(e.Hostname())) {
			return bad("its " + name + " is none")
		}
		// One on this computer was not asked when the agent was installed, so its
		// token address must be where the person has seen.
		if name == "token_endpoint" && provider.IsLoopback(u.Hostname()) && e.Host != u.Host {
			return bad("its " + name + " is elsewhere")
		}
	}
	if len(m.Challenges) > 0 && !slices.Contains(m.Challenges, "S256") {
		return bad("it takes no S256 challenge")
	}
	return nil
}

// Styles are the ways of authenticating at the token endpoint in the catalogue's
// words, none first; nil when the metadata does not say.
func (m Metadata) Styles() []string {
	var out []string
	for _, pair := range [][2]string{{"none", "none"}, {"client_secret_post", "post"}, {"client_secret_basic", "basic"}} {
		if slices.Contains(m.Auth, pair[0]) {
			out = append(out, pair[1])
		}
	}
	return out
}
