package provider

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"pie/backend/fault"
)

// problemOfParameters holds each parameter by itself.
func problemOfParameters(_ string, p *Provider) string {
	var seen []string
	for i := range p.Parameters {
		a := &p.Parameters[i]
		if a.From == "" {
			a.From = FromPerson
		}
		if !keyForm.MatchString(a.Key) || a.Key == "client_id" || a.Key == "redirect_uri" || slices.Contains(seen, a.Key) {
			return fmt.Sprintf("parameters: %q is no name, or there twice", a.Key)
		}
		seen = append(seen, a.Key)
		if problem := a.problem(); problem != "" {
			return "parameter " + a.Key + " " + problem
		}
	}
	return ""
}

func (a Parameter) problem() string {
	if !oneOf([]string{a.From}, FromPerson, FromCallback, FromToken) {
		return "comes from person, callback or token"
	}
	learnt := a.From != FromPerson
	switch {
	case a.Label == "":
		return "has no label"
	case learnt != (a.Source != ""):
		return "needs a source exactly when it is learnt"
	case a.From == FromToken && !strings.HasPrefix(a.Source, "/"):
		return "needs a JSON pointer as its source"
	case a.Pattern == "" && len(a.Choices) == 0 && len(a.Allow) == 0:
		return "has no pattern"
	case learnt && (len(a.Choices) > 0 || a.Default != ""):
		return "is learnt, so it has neither choices nor a default"
	}
	if a.Pattern != "" {
		if !strings.HasPrefix(a.Pattern, "^") || !strings.HasSuffix(a.Pattern, "$") {
			return "has a pattern that does not go from ^ to $"
		}
		if _, err := regexp.Compile(a.Pattern); err != nil {
			return "has a pattern that cannot be read"
		}
	}
	if _, err := ParseHosts(a.Allow); err != nil {
		return "allows: " + fault.Public(err).Message
	}
	if !a.fits(a.Example) || a.Default != "" && !a.fits(a.Default) {
		return "has an example or a default that does not fit"
	}
	return ""
}

func (p *Provider) parameter(key string) (Parameter, bool) {
	at := slices.IndexFunc(p.Parameters, func(a Parameter) bool { return a.Key == key })
	if at < 0 {
		return Parameter{}, false
	}
	return p.Parameters[at], true
}

// problemOfAddress is CheckAddress for an address that may have placeholders, of
// values that are known by the time it is used.
func (p *Provider) problemOfAddress(field, address string) string {
	_, host, rest := parts(address)
	if !strings.Contains(strings.ReplaceAll(address, "{client_id}", ""), "{") || strings.HasPrefix(field, "links.") || field == "token.url" {
		return CheckAddress(address)
	}
	from := []string{FromPerson, FromCallback, FromToken}
	switch field {
	case "endpoints.authorization", "endpoints.device":
		from = from[:1]
	case "endpoints.token", "endpoints.refresh":
		from = from[:2]
	}
	if problem := p.problemOfHost(host, from...); problem != "" {
		return problem
	}
	if _, problem := p.placed(rest, from); problem != "" {
		return problem
	}
	return CheckAddress(placeholder.ReplaceAllStringFunc(address, func(found string) string {
		if a, ok := p.parameter(found[1 : len(found)-1]); ok {
			return a.Example
		}
		return found
	}))
}

// placed are the parameters in a text.
func (p *Provider) placed(text string, from []string) (found []Parameter, problem string) {
	for _, match := range placeholder.FindAllStringSubmatch(text, -1) {
		if match[1] == "client_id" {
			continue
		}
		a, ok := p.parameter(match[1])
		switch {
		case !ok:
			return nil, "has a placeholder that is not known"
		case !slices.Contains(from, a.From):
			return nil, "needs {" + a.Key + "}, which is learnt too late"
		}
		found = append(found, a)
	}
	if strings.ContainsAny(placeholder.ReplaceAllString(text, ""), "{}") {
		return nil, "has half a placeholder"
	}
	return found, ""
}

// problemOfHost lets a value into a host in three ways only: as the whole of it,
// where the file lists what may be learnt; as one of a closed choice; or as one
// label below a domain of the provider's own.
func (p *Provider) problemOfHost(host string, from ...string) string {
	found, problem := p.placed(host, from)
	if problem != "" || len(found) == 0 {
		return problem
	}
	if strings.ContainsAny(host, "*@:") || strings.Contains(host, "client_id") {
		return "mixes a placeholder with what no host has"
	}
	suffix, own := ownSuffix(host)
	for _, a := range found {
		whole := host == "{"+a.Key+"}"
		switch {
		case whole && len(a.Allow) == 0:
			return "is only {" + a.Key + "}, which has no list of hosts to allow"
		case whole || len(a.Choices) > 0:
		case !own:
			return fmt.Sprintf("ends in %q, which is no domain of the provider's own", suffix)
		case len(a.Allow) > 0 || a.tooWide():
			return "takes {" + a.Key + "} as one part, and its pattern lets more through"
		}
	}
	return ""
}

// tooWide tells that the pattern lets through what is more than one label of a
// host. Resolve holds each value to that as well.
func (a Parameter) tooWide() bool {
	more := []string{"a.b", "a/b", "a@b", "a:1", "a%2e", `a\b`, "a?b", "a#b", "a b", "a_b.", "[::1]", "127.0.0.1", "a\n"}
	return slices.ContainsFunc(more, a.fits)
}
