package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"pie/backend/fault"
	"pie/backend/provider"
	"pie/backend/secret"
)

// Registration is a client that was registered by request (RFC 7591), and the
// way to take it back (RFC 7592), where there is one.
type Registration struct {
	Client      Client
	URI         string        // registration_client_uri, "" when it cannot be taken back
	AccessToken secret.String // for URI alone
}

type storedRegistration struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
	URI    string `json:"registration_client_uri"`
	Token  string `json:"registration_access_token"`
}

// Encode writes the registration with its secrets, for sealing only.
func (r Registration) Encode() ([]byte, error) {
	return json.Marshal(storedRegistration{r.Client.ID, r.Client.Secret.Reveal(), r.URI, r.AccessToken.Reveal()}) //nolint:gosec // sealed by the caller
}

// DecodeRegistration reads what Encode wrote.
func DecodeRegistration(raw []byte) (Registration, error) {
	var s storedRegistration
	err := json.Unmarshal(raw, &s)
	return Registration{Client{s.ID, secret.New(s.Secret)}, s.URI, secret.New(s.Token)}, err
}

// Register asks the provider for a client of our own, with one redirect address
// ("" for the device flow). The error is an *Error.
func (h *HTTP) Register(ctx context.Context, p provider.Provider, redirect string, scopes []string) (Registration, error) {
	want := map[string]any{
		"client_name": "PIE Desktop", "application_type": "native", "response_types": []string{"code"},
		"grant_types": grants(p, "authorization_code"), "token_endpoint_auth_method": registeredAuth(p),
	}
	if redirect == "" {
		want["grant_types"] = grants(p, deviceGrant)
		want["response_types"] = []string{}
	} else {
		want["redirect_uris"] = []string{redirect}
	}
	if strings.HasPrefix(redirect, "https:") {
		want["application_type"] = "web"
	}
	if scopes = WithAlways(p, scopes); len(scopes) > 0 {
		want["scope"] = strings.Join(scopes, " ")
	}
	body, _ := json.Marshal(want) // texts and lists always encode
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Endpoints.Registration, bytes.NewReader(body))
	if err != nil {
		return Registration{}, failed(ClassUnsent, fault.Invalid, "The registration address is wrong.", "Check the provider's file.", errShape)
	}
	r.Header.Set("Content-Type", "application/json")
	a, err := h.send(ctx, r)
	if err != nil {
		return Registration{}, err
	}
	object, ok := parseObject(a)
	if a.status != http.StatusCreated && a.status != http.StatusOK || !ok || text(object["client_id"]) == "" {
		return Registration{}, unregistered(a, object)
	}
	out := Registration{
		Client: Client{ID: text(object["client_id"]), Secret: secret.New(text(object["client_secret"]))},
		URI:    text(object["registration_client_uri"]), AccessToken: secret.New(text(object["registration_access_token"])),
	}
	if !sameHost(out.URI, p.Endpoints.Registration) || out.AccessToken.IsEmpty() {
		out.URI, out.AccessToken = "", secret.String{}
	}
	return out, nil
}

// grants are the first, and refreshing where the provider's file does not say that
// there is none: a server may refuse what it never grants.
func grants(p provider.Provider, first string) []string {
	if p.Lifetime.Refresh == "none" {
		return []string{first}
	}
	return []string{first, "refresh_token"}
}

func unregistered(a answer, object map[string]any) error {
	code, _ := object["error"].(string)
	if !errorForm.MatchString(code) {
		code = http.StatusText(a.status)
	}
	class, kind := ClassRejected, fault.Denied
	if a.status >= 500 || a.status == http.StatusTooManyRequests {
		class, kind = ClassServer, fault.Offline
	}
	return failed(class, kind, "The service did not register this program ("+code+").", "Register an app there by hand, and name its client id in the agent's secrets.", nil)
}

// registeredAuth is the provider's preferred way in the words of RFC 7591.
func registeredAuth(p provider.Provider) string {
	for _, style := range p.Client.Auth {
		switch style {
		case "none":
			return "none"
		case "post":
			return "client_secret_post"
		case "basic":
			return "client_secret_basic"
		}
	}
	return "none"
}

func sameHost(a, b string) bool {
	x, errX := url.Parse(a)
	y, errY := url.Parse(b)
	return errX == nil && errY == nil && x.Host == y.Host && x.Scheme == y.Scheme && x.User == nil
}

// Unregister takes the client back (RFC 7592, section 2.3). It is done when the
// server says so, or no longer knows the client. The error is an *Error.
func (h *HTTP) Unregister(ctx context.Context, reg Registration) error {
	if reg.URI == "" {
		return nil
	}
	a, err := h.revokeByRequest(ctx, http.MethodDelete, reg.URI, nil, func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+reg.AccessToken.Reveal())
	})
	if err != nil {
		return err
	}
	if a.status/100 == 2 || a.status == http.StatusUnauthorized || a.status == http.StatusNotFound {
		return nil
	}
	return failed(ClassRejected, fault.Denied, "The service did not take the registration back.", "", nil)
}
