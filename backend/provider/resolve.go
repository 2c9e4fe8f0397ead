package provider

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"pie/backend/fault"
)

// needs tells whether a host or an address has the key in it.
func (p Provider) needs(key string) bool {
	return slices.ContainsFunc(p.templates(), func(text string) bool { return strings.Contains(text, "{"+key+"}") })
}

func (p Provider) templates() []string {
	return append(append(p.Endpoints.addresses(), p.Endpoints.Issuer, p.Identity.URL), p.API.Hosts...)
}

// FixedHosts are the hosts of the API that are the same for everybody.
func (p Provider) FixedHosts() []string {
	return slices.DeleteFunc(slices.Clone(p.API.Hosts), func(host string) bool { return strings.Contains(host, "{") })
}

// GivesAt is the token address as the file has it, before any value was filled
// in: it tells who gave a token, whatever the account.
func (p Provider) GivesAt() string {
	if p.givesAt != "" {
		return p.givesAt
	}
	return p.Endpoints.Token
}

// Resolve fills values into addresses and hosts. Where a value is not known yet,
// which only one that is learnt can be, the address or host is left out. Faults:
// invalid, when a person's value is missing or one does not fit.
func (p Provider) Resolve(values map[string]string) (Provider, error) {
	if len(p.Parameters) == 0 || p.givesAt != "" {
		return p, nil
	}
	known := map[string]string{}
	for _, a := range p.Parameters {
		value, ok := values[a.Key]
		switch {
		case !ok && a.From == FromPerson:
			return p, fault.New(fault.Invalid, fmt.Sprintf("%s must know one more thing about your account: %s.", p.Name, a.Label), "Add --param "+a.Key+"="+a.Example)
		case ok && !a.fits(value):
			return p, a.misfit(p)
		case ok:
			known[a.Key] = value
		}
	}
	out := p
	out.givesAt = p.Endpoints.Token
	for _, field := range []*string{
		&out.Endpoints.Authorization, &out.Endpoints.Token, &out.Endpoints.Refresh, &out.Endpoints.Device, &out.Endpoints.Registration,
		&out.Endpoints.Revocation.URL, &out.Endpoints.Issuer, &out.Identity.URL,
	} {
		filled, err := p.fillAddress(*field, known)
		if err != nil {
			return p, err
		}
		*field = filled
	}
	if out.Endpoints.Revocation.URL == "" {
		out.Endpoints.Revocation.Method = "none"
	}
	out.API.Hosts = nil
	for _, host := range p.API.Hosts {
		filled, whole, err := p.fillHost(host, known)
		if err != nil {
			return p, err
		}
		if !whole {
			continue
		}
		out.API.Hosts = append(out.API.Hosts, filled)
	}
	return out, nil
}

// fillHost is fill for a host. A value that is neither the whole of it nor one of
// a closed choice is one label and no more, whatever its pattern says.
func (p Provider) fillHost(host string, known map[string]string) (filled string, whole bool, err error) {
	filled, whole = fill(host, known)
	if filled == host || !whole {
		return filled, whole, nil
	}
	for _, a := range p.Parameters {
		inside := strings.Contains(host, "{"+a.Key+"}") && host != "{"+a.Key+"}"
		if inside && len(a.Choices) == 0 && !labelForm.MatchString(known[a.Key]) {
			return "", false, misfilled(p)
		}
	}
	rule, err := ParseHost(filled)
	if err != nil || rule.String() != filled || strings.ContainsAny(filled, "*:/@") {
		return "", false, misfilled(p)
	}
	return filled, true, nil
}

func misfilled(p Provider) error {
	return fault.New(fault.Invalid, "What you gave for your account at "+p.Name+" makes no address.", "Look at its parameters: pie provider show "+p.ID)
}

// fill replaces what is known; whole is false when something is not.
func fill(text string, known map[string]string) (filled string, whole bool) {
	whole = true
	filled = placeholder.ReplaceAllStringFunc(text, func(found string) string {
		key := found[1 : len(found)-1]
		value, ok := known[key]
		if !ok && key != "client_id" {
			whole = false
		}
		if !ok {
			return found
		}
		return value
	})
	return filled, whole
}

// fillAddress is fill for an address: what is in the host stays in the host, and
// what is in the path stays one part of it.
func (p Provider) fillAddress(address string, known map[string]string) (string, error) {
	if !strings.Contains(address, "{") {
		return address, nil
	}
	scheme, host, rest := parts(address)
	filledHost, whole, err := p.fillHost(host, known)
	if err != nil {
		return "", err
	}
	for key, value := range known {
		if strings.Contains(rest, "{"+key+"}") && (url.PathEscape(value) != value || strings.Trim(value, ".") == "") {
			return "", misfilled(p)
		}
	}
	filledRest, alsoWhole := fill(rest, known)
	if !whole || !alsoWhole {
		return "", nil
	}
	filled := scheme + filledHost + filledRest
	u, err := url.Parse(strings.ReplaceAll(filled, "{client_id}", "client_id"))
	if err != nil || u.Host != filledHost || u.User != nil || CheckAddress(filled) != "" {
		return "", misfilled(p)
	}
	return filled, nil
}

// parts cuts an address with placeholders, which url.Parse would refuse.
func parts(address string) (scheme, host, rest string) {
	at := strings.Index(address, "://")
	if at < 0 {
		return "", address, ""
	}
	scheme, host = address[:at+3], address[at+3:]
	if at := strings.IndexAny(host, "/?#"); at >= 0 {
		host, rest = host[:at], host[at:]
	}
	return scheme, host, rest
}

// ownSuffix is what comes after the last placeholder of a host, when it is a
// domain that somebody has registered and not a public suffix.
func ownSuffix(host string) (string, bool) {
	suffix, found := strings.CutPrefix(host[strings.LastIndex(host, "}")+1:], ".")
	if !found || strings.Count(suffix, ".") < 1 {
		return "", false
	}
	public, managed := publicsuffix.PublicSuffix(suffix)
	return suffix, !managed || public != suffix
}

// openHosts are the hosts with placeholders, as the file writes them.
func (p Provider) openHosts() []string {
	var out []string
	for _, address := range p.Endpoints.addresses() {
		if _, host, _ := parts(address); strings.Contains(host, "{") {
			out = append(out, host)
		}
	}
	for _, host := range p.API.Hosts {
		if strings.Contains(host, "{") {
			out = append(out, host)
		}
	}
	return out
}

// claims are the names that hosts with placeholders may become: hosts, and *.x
// for all below x.
func (p Provider) claims() []string {
	var out []string
	for _, host := range p.openHosts() {
		closed := true
		for _, a := range p.Parameters {
			if !strings.Contains(host, "{"+a.Key+"}") {
				continue
			}
			out = append(out, a.Allow...)
			for _, choice := range a.Choices {
				out = append(out, strings.ReplaceAll(host, "{"+a.Key+"}", choice))
			}
			closed = closed && len(a.Choices) > 0
		}
		if suffix, own := ownSuffix(host); own && !closed {
			out = append(out, "*."+suffix)
		}
	}
	return slices.DeleteFunc(out, func(host string) bool { return strings.Contains(host, "{") })
}
