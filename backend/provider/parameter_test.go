package provider_test

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pie/backend/fault"
	"pie/backend/provider"
)

// deskFile has a value of each kind: a label that the person gives, a closed choice,
// a host from the callback, one from the token answer, and an id in a path.
const deskFile = `schema: 1
id: desk
name: Desk
category: [support]
links: {docs: "https://desk.example/docs", manage: "https://desk.example/apps"}
parameters:
  - {key: subdomain, label: your Desk address, suffix: .desk.example, example: acme, pattern: "^[a-z0-9-]{1,63}$"}
  - {key: region, label: region, example: eu, choices: [eu, us], default: eu}
  - {key: place, label: place, from: callback, source: location, example: de.desk.example, allow: ["*.desk.example"]}
  - {key: instance, label: instance, from: token, source: /instance_url, example: a1.desk.example, allow: ["*.desk.example", api.desk-cdn.example]}
  - {key: realm, label: company, from: token, source: /realm, example: "42", pattern: "^[0-9a-z.]+$"}
endpoints:
  authorization: https://{subdomain}.desk.example/authorize
  token: https://{place}/{region}/token
client: {auth: [post]}
pkce: {mode: required}
redirect: {custom_scheme: true}
scopes: {separator: " "}
api: {hosts: ["{subdomain}.desk.example", "{instance}", "{region}.api.desk.example", static.desk.example]}
identity: {url: "https://{instance}/company/{realm}/me", id: /id, label: [/name]}
lifetime: {refresh: rotates}
checked: listed
sources: ["https://desk.example/docs"]
`

func desk(t *testing.T) (*provider.Catalog, provider.Provider) {
	t.Helper()
	c, err := provider.Load(fstest.MapFS{"desk.yaml": {Data: []byte(deskFile)}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Get("desk")
	if err != nil {
		t.Fatal(err)
	}
	return c, p
}

func TestResolve(t *testing.T) {
	t.Parallel()
	_, p := desk(t)
	asked, err := p.Asked(map[string]string{"subdomain": " https://Acme.desk.example/agent "}, nil)
	if err != nil || asked["subdomain"] != "acme" || asked["region"] != "eu" {
		t.Fatalf("got %v, %v", asked, err)
	}
	before, err := p.Resolve(asked)
	if err != nil || before.Endpoints.Authorization != "https://acme.desk.example/authorize" || before.Endpoints.Token != "" ||
		!slices.Equal(before.API.Hosts, []string{"acme.desk.example", "eu.api.desk.example", "static.desk.example"}) || before.Identity.URL != "" {
		t.Errorf("before the callback: %+v, %v", before, err)
	}
	values, err := p.Learn(asked, provider.FromCallback, map[string]string{"place": "https://Us.desk.example/"})
	if err != nil {
		t.Fatal(err)
	}
	values, err = p.Learn(values, provider.FromToken, map[string]string{"instance": "https://a1.desk.example", "realm": "42", "subdomain": "evil"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"subdomain": "acme", "region": "eu", "place": "us.desk.example", "instance": "a1.desk.example", "realm": "42"}
	if !maps.Equal(values, want) {
		t.Errorf("learnt %v", values)
	}
	after, err := p.Resolve(values)
	if err != nil || after.Endpoints.Token != "https://us.desk.example/eu/token" || after.Identity.URL != "https://a1.desk.example/company/42/me" ||
		!slices.Equal(after.API.Hosts, []string{"acme.desk.example", "a1.desk.example", "eu.api.desk.example", "static.desk.example"}) ||
		after.GivesAt() != p.Endpoints.Token {
		t.Errorf("after it: %+v, %v", after, err)
	}
	if again, err := after.Resolve(nil); err != nil || again.Endpoints.Token != after.Endpoints.Token {
		t.Errorf("a second time: %v", err)
	}
}

// TestValuesCannotSmuggle: no value of a person leads out of the provider's hosts,
// also where a pattern is looser than it should be.
func TestValuesCannotSmuggle(t *testing.T) {
	t.Parallel()
	_, p := desk(t)
	loose := p
	loose.Parameters = slices.Clone(p.Parameters)
	loose.Parameters[0].Pattern = "^.*$"
	bad := []string{
		"evil.example/", "evil.example#", "evil.example?", `evil.example\`, "me@evil.example", "a:b@evil.example:443/", "a.b", ".", "..", "-", "a-",
		"127.0.0.1", "[::1]", "localhost", "evil.example%2f", "a%00", "a b", "a\tb", "a\nb", "аcme", "ａ", "a。b", strings.Repeat("a", 64), "{region}", "*", "a/../b",
	}
	for _, value := range bad {
		for name, p := range map[string]provider.Provider{"strict": p, "loose": loose} {
			values := map[string]string{"subdomain": value, "region": "eu"}
			out, err := p.Resolve(values)
			if err == nil && value != "localhost" {
				t.Errorf("%s takes %q: %v", name, value, out.Endpoints.Authorization)
			}
			for _, host := range out.API.Hosts {
				if err == nil && !strings.HasSuffix(host, ".desk.example") {
					t.Errorf("%q became %s", value, host)
				}
			}
			if fault.CodeOf(err) != fault.Invalid && err != nil {
				t.Errorf("%q: %v", value, err)
			}
		}
	}
	for _, realm := range []string{"..", ".", "..."} {
		values := map[string]string{"subdomain": "a", "region": "eu", "instance": "a1.desk.example", "realm": realm}
		if out, err := p.Resolve(values); err == nil {
			t.Errorf("a path takes %q: %s", realm, out.Identity.URL)
		}
	}
}

func FuzzResolve(f *testing.F) {
	f.Add("acme", "a1.desk.example", "42")
	f.Add("a.b", "https://evil.example/.desk.example", "../..")
	catalog, err := provider.Load(fstest.MapFS{"desk.yaml": {Data: []byte(strings.Replace(deskFile, "[a-z0-9-]{1,63}", "[a-z0-9-]*", 1))}})
	if err != nil {
		f.Fatal(err)
	}
	p, err := catalog.Get("desk")
	if err != nil {
		f.Fatal(err)
	}
	p.Parameters[0].Pattern = "^(?s).*$" // as loose as can be
	f.Fuzz(func(t *testing.T, subdomain, instance, realm string) {
		values, err := p.Learn(map[string]string{"subdomain": subdomain, "region": "us", "place": "x.desk.example"}, provider.FromToken, map[string]string{"instance": instance, "realm": realm})
		if err != nil {
			return
		}
		out, err := p.Resolve(values)
		if err != nil {
			return
		}
		addresses := []string{out.Endpoints.Authorization, out.Endpoints.Token, out.Identity.URL}
		for _, host := range out.API.Hosts {
			addresses = append(addresses, "https://"+host+"/")
		}
		for _, address := range addresses {
			u, err := url.Parse(address)
			if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || !strings.HasSuffix(u.Hostname(), ".desk.example") && u.Host != "api.desk-cdn.example" {
				t.Errorf("%q, %q, %q became %q", subdomain, instance, realm, address)
			}
		}
	})
}

func TestAsked(t *testing.T) {
	t.Parallel()
	_, p := desk(t)
	cases := map[string]struct {
		given, old, want map[string]string
		hint             string
	}{
		"missing":         {nil, nil, nil, "--param subdomain=acme"},
		"no label":        {map[string]string{"subdomain": "a.b"}, nil, nil, "--param subdomain=acme"},
		"no choice":       {map[string]string{"subdomain": "a", "region": "mars"}, nil, nil, "eu, us"},
		"not known":       {map[string]string{"subdomain": "a", "tenant": "x"}, nil, nil, "subdomain, region"},
		"learnt, not me":  {map[string]string{"subdomain": "a", "place": "x.desk.example"}, nil, nil, "subdomain, region"},
		"as before":       {nil, map[string]string{"subdomain": "a", "region": "us", "realm": "1"}, map[string]string{"subdomain": "a", "region": "us"}, ""},
		"another":         {map[string]string{"subdomain": "b"}, map[string]string{"subdomain": "a"}, map[string]string{"subdomain": "b", "region": "eu"}, ""},
		"old and no more": {nil, map[string]string{"subdomain": "a.b"}, nil, "--param subdomain=acme"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := p.Asked(c.given, c.old)
			if !maps.Equal(got, c.want) || (err == nil) != (c.hint == "") || err != nil && (!fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err).Hint, c.hint)) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

// TestLearn: what a server says is no permission.
func TestLearn(t *testing.T) {
	t.Parallel()
	_, p := desk(t)
	bad := []string{
		"", "evil.example", "https://evil.example", "http://a1.desk.example", "https://a1.desk.example@evil.example", "https://a1.desk.example:8443",
		"desk.example", "xdesk.example", "a1.desk.example.evil.example", "a1.desk.example.", "a1.desk.example/x@evil.example", "127.0.0.1", "localhost",
		"169.254.169.254", "https://a1.desk.example?x", "*.desk.example", "api.desk-cdn.example:443", "x.api.desk-cdn.example",
	}
	for _, instance := range bad {
		if got, err := p.Learn(nil, provider.FromToken, map[string]string{"instance": instance, "realm": "1"}); !fault.Is(err, fault.Denied) {
			t.Errorf("%q: learnt %v, %v", instance, got, err)
		}
	}
	if _, err := p.Learn(nil, provider.FromToken, map[string]string{"instance": "api.desk-cdn.example", "realm": "1"}); err != nil {
		t.Error(err)
	}
}

// TestBadParameters: a file that would let a value lead astray is refused, and it
// is said why.
func TestBadParameters(t *testing.T) {
	t.Parallel()
	subdomain := `pattern: "^[a-z0-9-]{1,63}$"`
	cases := map[string]struct{ from, to, says string }{
		"unknown placeholder":           {"https://{subdomain}.desk.example/authorize", "https://{tenant}.desk.example/authorize", "endpoints.authorization has a placeholder that is not known"},
		"unknown in the hosts":          {`["{subdomain}.desk.example"`, `["{tenant}.desk.example"`, "placeholder that is not known"},
		"half a placeholder":            {"https://{subdomain}.desk", "https://{subdomain.desk", "placeholder"},
		"parameter without pattern":     {subdomain, `default: ""`, "parameter subdomain has no pattern"},
		"pattern open at the end":       {subdomain, `pattern: "^[a-z]+"`, "from ^ to $"},
		"pattern that cannot be read":   {subdomain, `pattern: "^[a-z$"`, "cannot be read"},
		"pattern lets a dot through":    {subdomain, `pattern: "^[a-z.]+$"`, "lets more through"},
		"pattern lets all through":      {subdomain, `pattern: "^.+$"`, "lets more through"},
		"pattern with two ends":         {subdomain, `pattern: "^acme$|^.*$"`, "lets more through"},
		"host that is a placeholder":    {`"{instance}"`, `"{subdomain}"`, "is only {subdomain}, which has no list of hosts"},
		"below a public suffix":         {`["{subdomain}.desk.example"`, `["{subdomain}.co.uk"`, "no domain of the provider's own"},
		"below a top domain":            {`["{subdomain}.desk.example"`, `["{subdomain}.example"`, "no domain of the provider's own"},
		"at the end of a host":          {`["{subdomain}.desk.example"`, `["desk.{subdomain}"`, "no domain of the provider's own"},
		"glued to a host":               {`["{subdomain}.desk.example"`, `["{subdomain}desk.example"`, "no domain of the provider's own"},
		"a wildcard as well":            {`["{subdomain}.desk.example"`, `["*.{subdomain}.desk.example"`, "what no host has"},
		"a port as well":                {`["{subdomain}.desk.example"`, `["{subdomain}.desk.example:8443"`, "what no host has"},
		"a user name as well":           {"https://{subdomain}.desk", "https://{subdomain}@x.desk", "what no host has"},
		"authorize with what is learnt": {"https://{subdomain}.desk.example/authorize", "https://{place}/authorize", "learnt too late"},
		"token with its own answer":     {"https://{place}/{region}/token", "https://{instance}/token", "learnt too late"},
		"not https":                     {"https://{subdomain}.desk.example/authorize", "http://{subdomain}.desk.example/authorize", "must be https"},
		"placeholder in a link":         {`docs: "https://desk.example/docs", m`, `docs: "https://{subdomain}.desk.example/docs", m`, "links.docs"},
		"key of the protocol":           {"key: subdomain", "key: client_id", "is no name"},
		"key twice":                     {"key: region", "key: subdomain", "there twice"},
		"key with a dot":                {"key: subdomain", "key: sub.domain", "is no name"},
		"no label":                      {"label: your Desk address, ", `label: "", `, "has no label"},
		"example that does not fit":     {"example: acme", "example: a.b", "an example"},
		"default that does not fit":     {"default: eu", "default: mars", "a default"},
		"learnt from nowhere":           {", source: location", "", "needs a source"},
		"asked with a source":           {"example: acme", "example: acme, source: x", "needs a source"},
		"pointer without a slash":       {"source: /realm", "source: realm", "JSON pointer"},
		"from elsewhere":                {"from: callback", "from: weather", "person, callback or token"},
		"learnt from a choice":          {`allow: ["*.desk.example"]}`, `allow: ["*.desk.example"], choices: [de.desk.example]}`, "neither choices"},
		"allow is no host":              {`allow: ["*.desk.example"]}`, `allow: ["*"]}`, "allows"},
		"unknown field":                 {"key: subdomain", "colour: red, key: subdomain", "unknown field"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.Count(deskFile, c.from) != 1 {
				t.Fatalf("%q is there %d times", c.from, strings.Count(deskFile, c.from))
			}
			_, err := provider.Load(fstest.MapFS{"desk.yaml": {Data: []byte(strings.Replace(deskFile, c.from, c.to, 1))}})
			if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err).Message, c.says) || !strings.Contains(fault.Public(err).Message, "desk.yaml") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestOpenHostsAreKnown: addresses that a parameter may become belong to its provider,
// so that no manifest mixes them with others, and a file that brings them in shows them.
func TestOpenHostsAreKnown(t *testing.T) {
	t.Parallel()
	c, _ := desk(t)
	for host, want := range map[string]string{
		"acme.desk.example": "desk", "ACME.desk.example:443": "desk", "eu.api.desk.example": "desk", "api.desk-cdn.example": "desk",
		"desk.example": "", "xdesk.example": "", "evil.example": "",
	} {
		if id, known := c.KnownHost(host); id != want || known != (want != "") {
			t.Errorf("%s belongs to %q", host, id)
		}
	}
	_, err := c.Custom(provider.CustomSpec{AuthorizationURL: "https://acme.desk.example/authorize", TokenURL: "https://evil.example/token"})
	if !fault.Is(err, fault.Denied) {
		t.Errorf("a mix: %v", err)
	}
	p, err := c.Custom(provider.CustomSpec{AuthorizationURL: "https://acme.desk.example/authorize", TokenURL: "https://acme.desk.example/token"})
	if err != nil || !slices.Equal(p.API.Hosts, []string{"acme.desk.example"}) || len(p.Parameters) != 0 {
		t.Errorf("written out: %+v, %v", p.API, err)
	}
	for _, host := range []string{"{subdomain}.desk.example", "{place}", "{instance}", "static.desk.example"} {
		if !slices.Contains(c.Overlays()[0].Hosts, host) {
			t.Errorf("%s is not shown: %v", host, c.Overlays()[0].Hosts)
		}
	}
}
