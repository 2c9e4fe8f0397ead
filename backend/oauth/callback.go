package oauth

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"pie/backend/fault"
	"pie/backend/paths"
	"pie/backend/provider"
	"pie/backend/secret"
)

// What a callback may say besides, by number and in bytes.
const (
	mostSaid    = 32
	longestSaid = 1 << 10
)

// longestLink bounds a callback address, in bytes.
const longestLink = 16 << 10

// Callback is what came back from the authorization page.
type Callback struct {
	Path   string
	State  secret.String
	Code   secret.String
	Issuer string
	Error  string            // cleaned: letters, digits and _ . -
	Said   map[string]string // the other parameters, those that came once and are short

	query secret.String // as it was sent, for CheckSignature
}

var errorForm = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// ParseCallback reads a callback address of any kind: the custom scheme, http on
// loopback, or https as a person pastes it. Fault: invalid.
func ParseCallback(raw string) (Callback, error) {
	raw = strings.TrimSpace(raw)
	if len(raw) > longestLink {
		return Callback{}, notACallback(nil)
	}
	u, err := url.Parse(raw)
	if err != nil || u.User != nil || !strings.HasPrefix(u.Path, "/api/oauth/") {
		return Callback{}, notACallback(err)
	}
	switch u.Scheme {
	case paths.AppID:
	case "http", "https":
		if !provider.IsLoopback(u.Hostname()) {
			return Callback{}, notACallback(nil)
		}
	default:
		return Callback{}, notACallback(nil)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Callback{}, notACallback(err)
	}
	for _, name := range []string{"state", "code", "iss", "error"} {
		if len(query[name]) > 1 {
			return Callback{}, notACallback(nil)
		}
	}
	cb := Callback{
		Path: u.Path, State: secret.New(query.Get("state")), Code: secret.New(query.Get("code")),
		Issuer: query.Get("iss"), Error: query.Get("error"), query: secret.New(u.RawQuery),
	}
	cb.Said = map[string]string{}
	for name, values := range query {
		if len(values) == 1 && len(values[0]) <= longestSaid && len(cb.Said) < mostSaid && name != "state" && name != "code" {
			cb.Said[name] = values[0]
		}
	}
	if cb.Error != "" && !errorForm.MatchString(cb.Error) {
		cb.Error = "unreadable_error"
	}
	return cb, nil
}

func notACallback(err error) error {
	if err != nil {
		err = errShape // the library's text holds the address, and with it the code
	}
	return fault.Wrap(err, fault.Invalid, "This is not the address of a finished sign-in.",
		"Copy the whole address from the browser, from its first letter to its last.")
}

// CheckURL says whether an address may be handed to the system's browser: https,
// or http on loopback, with nothing a shell or a launcher could read otherwise.
// Fault: invalid.
func CheckURL(raw string) error {
	bad := fault.New(fault.Invalid, "This address cannot be opened safely, so it was not.", "Check the authorization address in the agent's manifest.")
	if len(raw) > longestLink || strings.ContainsAny(raw, "\"'`\\<>|^{}$;") || strings.HasPrefix(raw, "-") {
		return bad
	}
	for _, r := range raw {
		if r <= ' ' || r == unicode.ReplacementChar || r > unicode.MaxASCII {
			return bad
		}
	}
	u, err := url.Parse(raw)
	if err != nil {
		return bad
	}
	if _, ok := provider.Origin(u); !ok {
		return bad
	}
	return nil
}
