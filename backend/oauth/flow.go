package oauth

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"pie/backend/fault"
	"pie/backend/provider"
	"pie/backend/secret"
)

// FlowLife is how long a sign-in may take.
const FlowLife = 10 * time.Minute

// Flow is a sign-in that waits for its callback.
type Flow struct {
	State       secret.String // 256 bits, one use
	Verifier    secret.String // RFC 7636; empty when PKCE is off
	RedirectURI string
	Path        string // of RedirectURI; the callback's must be the same
	Kind        string // scheme | loopback | paste
	Issuer      string // expected iss
	MustIssue   bool   // a missing iss aborts
	Hosts       []string
	Scopes      []string
	Context     map[string]string // what the caller binds to the flow
	ExpiresAt   time.Time
}

type storedFlow struct {
	State, Verifier, RedirectURI, Path, Kind, Issuer string
	MustIssue                                        bool
	Hosts, Scopes                                    []string
	Context                                          map[string]string
	ExpiresAt                                        time.Time
}

// Encode writes the flow with its secrets, for sealing only.
func (f Flow) Encode() ([]byte, error) {
	raw, err := json.Marshal(storedFlow{
		f.State.Reveal(), f.Verifier.Reveal(), f.RedirectURI, f.Path, f.Kind, f.Issuer,
		f.MustIssue, f.Hosts, f.Scopes, f.Context, f.ExpiresAt,
	})
	if err != nil {
		return nil, fmt.Errorf("encoding flow: %w", err)
	}
	return raw, nil
}

// DecodeFlow reads what Encode wrote.
func DecodeFlow(raw []byte) (Flow, error) {
	var s storedFlow
	if err := json.Unmarshal(raw, &s); err != nil {
		return Flow{}, fmt.Errorf("decoding flow: %w", err)
	}
	return Flow{
		secret.New(s.State), secret.New(s.Verifier), s.RedirectURI, s.Path, s.Kind, s.Issuer,
		s.MustIssue, s.Hosts, s.Scopes, s.Context, s.ExpiresAt,
	}, nil
}

// BeginOptions of Begin.
type BeginOptions struct {
	RedirectURI string
	Kind        string
	Scopes      []string
	Context     map[string]string
	Now         time.Time
}

// Begin makes a flow and the address to open. Parameters of the catalogue never
// replace those of the protocol. Fault: invalid.
func Begin(p provider.Provider, c Client, o BeginOptions) (Flow, string, error) {
	redirect, err := url.Parse(o.RedirectURI)
	if err != nil || redirect.Path == "" {
		return Flow{}, "", fault.Wrap(err, fault.Invalid, "The redirect address is not whole.", "Choose another kind of redirect.")
	}
	state := make([]byte, 32)
	_, _ = rand.Read(state)
	flow := Flow{
		State: secret.New(base64.RawURLEncoding.EncodeToString(state)), RedirectURI: o.RedirectURI,
		Path: contextPath(redirect.Path), Kind: o.Kind, Issuer: p.Endpoints.Issuer, MustIssue: p.Endpoints.IssuerPromise,
		Hosts: endpointHosts(p), Scopes: WithAlways(p, o.Scopes), Context: o.Context, ExpiresAt: o.Now.Add(FlowLife),
	}
	config := oauth2.Config{
		ClientID: c.ID, RedirectURL: o.RedirectURI,
		Endpoint: oauth2.Endpoint{AuthURL: p.Endpoints.Authorization},
	}
	var options []oauth2.AuthCodeOption
	for name, value := range p.Params.Authorize {
		options = append(options, oauth2.SetAuthURLParam(name, value))
	}
	if len(flow.Scopes) > 0 {
		options = append(options, oauth2.SetAuthURLParam(p.Scopes.Param, strings.Join(flow.Scopes, p.Scopes.Separator)))
	}
	if p.PKCE.Sent() {
		verifier := oauth2.GenerateVerifier()
		flow.Verifier = secret.New(verifier)
		options = append(options, challenge(p.PKCE.Method, verifier)...)
	}
	address := config.AuthCodeURL(flow.State.Reveal(), options...)
	return flow, address, CheckURL(address)
}

// contextPath is the part of a redirect address that tells what it is for. A page
// of the person's own that hands callbacks on may have more before it.
func contextPath(path string) string {
	if at := strings.LastIndex(path, "/api/oauth/"); at > 0 {
		return path[at:]
	}
	return path
}

// challenge is the verifier's hash, or itself for the one way that some services
// know (RFC 7636, section 4.2).
func challenge(method, verifier string) []oauth2.AuthCodeOption {
	if method == "plain" {
		return []oauth2.AuthCodeOption{
			oauth2.SetAuthURLParam("code_challenge", verifier), oauth2.SetAuthURLParam("code_challenge_method", "plain"),
		}
	}
	return []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier)}
}

// WithAlways is what is really asked for: the scopes and those the provider
// always wants, each once.
func WithAlways(p provider.Provider, scopes []string) []string {
	var out []string
	for _, scope := range append(slices.Clone(p.Scopes.Always), scopes...) {
		if scope != "" && !slices.Contains(out, scope) {
			out = append(out, scope)
		}
	}
	return out
}

func endpointHosts(p provider.Provider) []string {
	var hosts []string
	for _, address := range []string{p.Endpoints.Authorization, p.Endpoints.Token} {
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			hosts = append(hosts, u.Host)
		}
	}
	return hosts
}

// Check holds a callback against the flow: path, life and issuer, with the state
// compared in constant time. An honest error of the provider is denied; every
// other fault leaves the flow waiting (RFC 6749 section 4.1.2.1, RFC 9207).
func (f Flow) Check(cb Callback, now time.Time) error {
	if !f.State.Equal(cb.State) || cb.Path != f.Path {
		return fault.New(fault.NotFound, "No sign-in is waiting for this link.", "Start again with Connect.")
	}
	if now.After(f.ExpiresAt) {
		return fault.New(fault.Limited, "This sign-in took longer than ten minutes.", "Start again with Connect.")
	}
	if !f.issuerFits(cb.Issuer) {
		return fault.New(fault.Denied, "The answer came from another server than the one you signed in to.",
			"Nothing was exchanged. Start again, and do not continue if it happens again.")
	}
	if cb.Error != "" {
		return denial(cb)
	}
	if cb.Code.IsEmpty() {
		return fault.New(fault.Invalid, "The link holds no code.", "Copy the whole address, or start again with Connect.")
	}
	return nil
}

func (f Flow) issuerFits(issuer string) bool {
	switch {
	case issuer == "":
		return !f.MustIssue
	case f.Issuer != "":
		return issuer == f.Issuer
	}
	u, err := url.Parse(issuer)
	return err == nil && slices.Contains(f.Hosts, u.Host)
}

func denial(cb Callback) error {
	switch cb.Error {
	case "access_denied", "user_denied", "consent_required", "interaction_required", "login_required":
		return fault.New(fault.Denied, "You did not allow the access, so nothing was connected.", "Connect again if you change your mind.")
	case "server_error", "temporarily_unavailable":
		return fault.New(fault.Offline, "The service cannot sign you in right now.", "Try again in a few minutes.")
	}
	return fault.New(fault.Denied, fmt.Sprintf("The service refused the sign-in (%s).", cb.Error),
		"Check the redirect address, the scopes and the client id that are registered at the service.")
}
