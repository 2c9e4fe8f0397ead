package provider

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"pie/backend/fault"
)

// Where the value of a parameter comes from.
const (
	FromPerson   = "person"
	FromCallback = "callback"
	FromToken    = "token"
)

// Parameter is a value that differs from account to account and stands as {key}
// in addresses and hosts. Resolve fills it in, after it was held against Pattern,
// Choices and Allow.
type Parameter struct {
	Key     string   `yaml:"key"`
	Label   string   `yaml:"label"`   // what it is, in words
	Suffix  string   `yaml:"suffix"`  // what comes after it where people see it: .zendesk.com
	Example string   `yaml:"example"` // a value that fits
	Pattern string   `yaml:"pattern"` // from ^ to $
	Choices []string `yaml:"choices"` // the only values there are
	Default string   `yaml:"default"`
	From    string   `yaml:"from"`   // person | callback | token
	Source  string   `yaml:"source"` // parameter of the callback, or JSON pointer into the token answer
	Allow   []string `yaml:"allow"`  // hosts that a value which is a host must be one of: api.a.example, *.a.example
}

var (
	keyForm     = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
	labelForm   = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	placeholder = regexp.MustCompile(`\{([^{}]*)\}`)
)

// fits tells whether value may stand for the parameter.
func (a Parameter) fits(value string) bool {
	if value == "" || len(value) > 253 {
		return false
	}
	if len(a.Choices) > 0 {
		return slices.Contains(a.Choices, value)
	}
	if a.Pattern != "" {
		pattern, err := regexp.Compile(`\A(?:` + a.Pattern + `)\z`)
		if err != nil || !pattern.MatchString(value) {
			return false
		}
	}
	if len(a.Allow) == 0 {
		return a.Pattern != ""
	}
	set, err := ParseHosts(a.Allow)
	u := &url.URL{Scheme: "https", Host: value}
	return err == nil && set.Allowed(u) && u.Hostname() == value
}

// Clean makes of what a person has copied what the parameter means: of a whole
// address its one label, in small letters.
func (a Parameter) Clean(value string) string {
	value = strings.TrimSpace(value)
	if len(a.Choices) > 0 || a.Suffix == "" {
		return value
	}
	value = strings.TrimPrefix(strings.ToLower(value), "https://")
	value, _, _ = strings.Cut(value, "/")
	return strings.TrimSuffix(value, a.Suffix)
}

// hostOf is the host of a learnt value that is an address, else the value.
func (a Parameter) hostOf(value string) string {
	if len(a.Allow) == 0 {
		return value
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || u.RawQuery != "" || u.Fragment != "" {
		return value
	}
	return strings.ToLower(u.Host)
}

// Asked are the values of a person's parameters: given ones, else old ones, else
// the defaults. Fault: invalid, naming the parameter.
func (p Provider) Asked(given, old map[string]string) (map[string]string, error) {
	out, known := map[string]string{}, []string{}
	for _, a := range p.Parameters {
		if a.From != FromPerson {
			continue
		}
		known = append(known, a.Key)
		value := a.Default
		if old[a.Key] != "" {
			value = old[a.Key]
		}
		if given[a.Key] != "" {
			value = a.Clean(given[a.Key])
		}
		if value == "" {
			return nil, fault.New(fault.Invalid, fmt.Sprintf("%s must know one more thing about your account: %s.", p.Name, a.Label), "Add --param "+a.Key+"="+a.Example)
		}
		if !a.fits(value) {
			return nil, a.misfit(p)
		}
		out[a.Key] = value
	}
	for key := range given {
		if !slices.Contains(known, key) {
			hint := "Leave it out."
			if len(known) > 0 {
				hint = "It knows: " + strings.Join(known, ", ") + "."
			}
			return nil, fault.New(fault.Invalid, fmt.Sprintf("%s has no parameter of that name.", p.Name), hint)
		}
	}
	return out, nil
}

func (a Parameter) misfit(p Provider) error {
	hint := "Write it like this: --param " + a.Key + "=" + a.Example
	if len(a.Choices) > 0 {
		hint = "It is one of: " + strings.Join(a.Choices, ", ") + "."
	}
	return fault.New(fault.Invalid, fmt.Sprintf("This cannot be the %s at %s.", a.Label, p.Name), hint)
}

// Learn adds what the callback or the token answer says to known, by source.
// Fault: denied, when a value lies outside of what the file allows; then nothing
// may be sent there, and the sign-in is over.
func (p Provider) Learn(known map[string]string, from string, said map[string]string) (map[string]string, error) {
	out := maps.Clone(known)
	if out == nil {
		out = map[string]string{}
	}
	for _, a := range p.Parameters {
		if a.From != from {
			continue
		}
		value := a.hostOf(said[a.Key])
		switch {
		case value == "" && p.needs(a.Key):
			return nil, fault.New(fault.Denied, fmt.Sprintf("%s did not say what is needed to reach your account there (%s).", p.Name, a.Label), "Connect again; if it stays, the service has changed.")
		case value == "":
		case !a.fits(value):
			return nil, fault.New(fault.Denied, fmt.Sprintf("%s named a place for your account (%s) that is not one of its own. Nothing was sent there.", p.Name, a.Label),
				"Do not go on if it happens again: somebody may lead you astray.")
		default:
			out[a.Key] = value
		}
	}
	return out, nil
}

// LearntFrom are the sources of what is learnt from the callback or the token
// answer, by key.
func (p Provider) LearntFrom(from string) map[string]string {
	out := map[string]string{}
	for _, a := range p.Parameters {
		if a.From == from {
			out[a.Key] = a.Source
		}
	}
	return out
}
