package receipt

import (
	"slices"
	"strings"

	"pie/backend/provider"
)

// scopes sorts what was given by what was seen. Scopes that only tell who the
// person is are needed by the program itself.
func (r *Receipt) scopes(in Input, seen []request) {
	batched := slices.ContainsFunc(seen, holdsMany)
	for _, id := range in.Granted {
		known := scopeOf(in.Provider, id)
		shown := Scope{known.ID, known.Label, known.Risk}
		said := verdict(known, seen, onlyOne(in, known))
		switch said {
		case "used":
		case "unused", "read only":
			switch {
			case batched && len(known.Paths) > 0:
				r.CannotSay = append(r.CannotSay, shown) // one of those may have needed it
			case said == "unused":
				r.Unused = append(r.Unused, shown)
			default:
				r.ReadOnly = append(r.ReadOnly, shown)
			}
		default:
			r.CannotSay = append(r.CannotSay, shown)
		}
	}
}

// holdsMany tells that a request may be any number of others, by its path: a batch,
// or a question in GraphQL.
func holdsMany(q request) bool {
	return strings.Contains(q.path, "/batch") || strings.HasSuffix(q.path, "/$batch") || strings.HasSuffix(q.path, "/graphql")
}

func scopeOf(p provider.Provider, id string) provider.Scope {
	for _, s := range p.Scopes.Items {
		if s.ID == id || p.Scopes.Aliases[s.ID] == id {
			s.ID = id
			return s
		}
	}
	return provider.Scope{ID: id, Label: id}
}

// onlyOne tells whether no other scope could have been what reading needed.
func onlyOne(in Input, s provider.Scope) bool {
	return !slices.ContainsFunc(in.Granted, func(id string) bool {
		return id != s.ID && scopeOf(in.Provider, id).Risk != "identity"
	})
}

// verdict is used, unused, read only, or "" where it cannot be told. Where the
// catalogue names the paths of a scope, requests to them are those that need it;
// otherwise only what is clear from reading and writing is said.
func verdict(s provider.Scope, seen []request, only bool) string {
	if s.Risk == "identity" {
		return "used"
	}
	if len(s.Paths) > 0 {
		seen = slices.DeleteFunc(slices.Clone(seen), func(q request) bool {
			return holdsMany(q) || !slices.ContainsFunc(s.Paths, func(pattern string) bool { return matches(pattern, q) })
		})
		only = true
	}
	reads := slices.ContainsFunc(seen, func(q request) bool { return q.read })
	writes := slices.ContainsFunc(seen, func(q request) bool { return !q.read })
	switch {
	case len(seen) == 0:
		return "unused"
	case s.Risk == "send" && !writes, s.Risk == "read" && !reads:
		return "unused"
	case only && (s.Risk == "read" || writes):
		return "used"
	case slices.Contains([]string{"write", "admin", "money"}, s.Risk) && !writes:
		return "read only"
	}
	return ""
}

// matches holds a request against host/path, where a star stands for one part of
// the path and what comes after the pattern does not matter.
func matches(pattern string, q request) bool {
	host, path, _ := strings.Cut(pattern, "/")
	if !strings.EqualFold(host, q.host) {
		return false
	}
	parts := strings.Split(strings.Trim(q.path, "/"), "/")
	for i, want := range strings.Split(strings.Trim(path, "/"), "/") {
		if want == "" {
			return true
		}
		if i >= len(parts) || want != "*" && want != parts[i] {
			return false
		}
	}
	return true
}
