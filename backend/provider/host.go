package provider

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"

	"pie/backend/fault"
)

// HostRule is one host that may receive a token: scheme, name and port all
// count. Make it with ParseHost or Origin.
type HostRule struct {
	scheme, host, port string
	below              bool // any name below host, from a catalogue's "*."
}

// HostSet is a list of rules.
type HostSet []HostRule

// ParseHost reads "host", "host:port", "*.host" (https) or "http://127.0.0.1:port"
// (loopback only). Fault: invalid.
func ParseHost(text string) (HostRule, error) {
	raw, below := strings.CutPrefix(text, "*.")
	if !strings.Contains(raw, "://") {
		raw = "https://" + raw
	}
	u, err := url.Parse(raw)
	if err != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return HostRule{}, badHost(text)
	}
	rule, ok := Origin(u)
	if !ok || below && (strings.Count(rule.host, ".") < 1 || isAddress(rule.host)) {
		return HostRule{}, badHost(text)
	}
	rule.below = below
	return rule, nil
}

func badHost(text string) error {
	return fault.New(fault.Invalid, fmt.Sprintf("%q is not a host that can be allowed.", text),
		"Write it as api.example.com or api.example.com:8443.")
}

// Origin makes the rule for exactly the scheme, host and port of u; false when u
// could never carry a token.
func Origin(u *url.URL) (HostRule, bool) {
	if u == nil || u.User != nil || u.Opaque != "" {
		return HostRule{}, false
	}
	host, ok := normalHost(u.Hostname())
	if !ok {
		return HostRule{}, false
	}
	rule := HostRule{scheme: strings.ToLower(u.Scheme), host: host, port: u.Port()}
	switch rule.scheme {
	case "https":
		if rule.port == "" {
			rule.port = "443"
		}
	case "http":
		if !IsLoopback(host) {
			return HostRule{}, false
		}
		if rule.port == "" {
			rule.port = "80"
		}
	default:
		return HostRule{}, false
	}
	return rule, true
}

// Allowed is the one check of whether a request to u may carry the token (or,
// for context.fetch, may be sent at all). It compares scheme, name and port of
// the parsed address; anything unusual is refused.
func (h HostSet) Allowed(u *url.URL) bool {
	target, ok := Origin(u)
	if !ok {
		return false
	}
	for _, rule := range h {
		if rule.scheme != target.scheme || rule.port != target.port {
			continue
		}
		if !rule.below && rule.host == target.host || rule.below && strings.HasSuffix(target.host, "."+rule.host) {
			return true
		}
	}
	return false
}

// String is the rule as a person writes it.
func (r HostRule) String() string {
	text := r.host
	if strings.Contains(text, ":") {
		text = "[" + text + "]"
	}
	if r.below {
		text = "*." + text
	}
	if r.scheme == "http" {
		return "http://" + text + ":" + r.port
	}
	if r.port != "443" {
		text += ":" + r.port
	}
	return text
}

// Strings writes the rules as a person does.
func (h HostSet) Strings() []string {
	out := make([]string, len(h))
	for i, rule := range h {
		out[i] = rule.String()
	}
	return out
}

// ParseHosts reads a list with ParseHost.
func ParseHosts(list []string) (HostSet, error) {
	set := make(HostSet, 0, len(list))
	for _, text := range list {
		rule, err := ParseHost(text)
		if err != nil {
			return nil, err
		}
		set = append(set, rule)
	}
	return set, nil
}

// normalHost is the ASCII form in lower case; false for what no rule names: empty
// names, a trailing dot, zones, and names that IDNA refuses.
func normalHost(host string) (string, bool) {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.String(), address.Zone() == ""
	}
	if host == "" || strings.HasSuffix(host, ".") || strings.ContainsAny(host, "%/\\@ \t") {
		return "", false
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil || ascii == "" {
		return "", false
	}
	return strings.ToLower(ascii), true
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// IsLoopback tells whether host is this machine by its literal address or by the
// name localhost (RFC 6761).
func IsLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
