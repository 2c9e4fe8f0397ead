package provider

import (
	"cmp"
	"fmt"
	"reflect"
)

// preset lays child over the provider it extends. What decides where codes,
// secrets and tokens go and how they are asked for is the base's; a preset that
// names any of it is refused. Its api.hosts, when given, replace the base's.
func (c *Catalog) preset(name string, child Provider) (Provider, error) {
	if child.Extends == child.ID || !c.Has(child.Extends) {
		return child, wrong(name, fmt.Sprintf("extends names %q, which is not in the catalogue", child.Extends))
	}
	base, err := c.Get(child.Extends)
	switch {
	case err != nil:
		return child, err
	case base.Extends != "":
		return child, wrong(name, fmt.Sprintf("extends names %q, which extends another itself", child.Extends))
	}
	for field, value := range map[string]any{
		"endpoints": child.Endpoints, "client": child.Client, "pkce": child.PKCE, "redirect": child.Redirect, "callback": child.Callback,
		"response": child.Response, "lifetime": child.Lifetime, "scopes.param": child.Scopes.Param, "parameters": child.Parameters,
		"scopes.separator": child.Scopes.Separator, "api.header_prefix": child.API.HeaderPrefix, "api.header": child.API.Header,
	} {
		if !reflect.ValueOf(value).IsZero() {
			return child, wrong(name, field+" is that of what it extends and cannot be set")
		}
	}
	out := child
	out.Endpoints, out.Client, out.PKCE, out.Redirect = base.Endpoints, base.Client, base.PKCE, base.Redirect
	out.Callback = base.Callback
	out.Response, out.Lifetime, out.Parameters = base.Response, base.Lifetime, base.Parameters
	out.Links = Links{
		Docs: cmp.Or(child.Links.Docs, base.Links.Docs), Console: cmp.Or(child.Links.Console, base.Links.Console),
		Manage: cmp.Or(child.Links.Manage, base.Links.Manage),
	}
	out.Scopes = base.Scopes
	out.Scopes.Always = or(child.Scopes.Always, base.Scopes.Always)
	out.Scopes.Items = or(child.Scopes.Items, base.Scopes.Items)
	if child.Scopes.Aliases != nil {
		out.Scopes.Aliases = child.Scopes.Aliases
	}
	out.API = base.API
	out.API.Hosts = or(child.API.Hosts, base.API.Hosts)
	out.API.ReadPosts = or(child.API.ReadPosts, base.API.ReadPosts)
	if child.Identity.URL == "" {
		out.Identity = base.Identity
	}
	if reflect.ValueOf(child.Params).IsZero() {
		out.Params = base.Params
	}
	out.Setup = or(child.Setup, base.Setup)
	out.Effort = cmp.Or(child.Effort, base.Effort)
	return out, nil
}

// or is child's list, or base's when child has none.
func or[T any](child, base []T) []T {
	if len(child) > 0 {
		return child
	}
	return base
}
