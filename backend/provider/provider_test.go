package provider_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pie/backend/fault"
	"pie/backend/provider"
)

func load(t *testing.T) *provider.Catalog {
	t.Helper()
	c, err := provider.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const overlayFile = `schema: 1
id: mine
name: Mine
category: [dev]
endpoints: {authorization: "https://a.example/auth", token: "https://a.example/token"}
client: {auth: [post]}
pkce: {mode: required}
redirect: {custom_scheme: true}
scopes: {separator: " "}
api: {hosts: [api.a.example]}
lifetime: {refresh: none}
checked: listed
`

func TestOverlay(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		file, want string
	}{
		"good":              {overlayFile, ""},
		"unknown field":     {overlayFile + "colour: red\n", "colour"},
		"broken":            {"schema: [1\n", "mine.yaml"},
		"http":              {strings.Replace(overlayFile, "https://a.example/token", "http://a.example/token", 1), "endpoints.token"},
		"placeholder":       {strings.Replace(overlayFile, "https://a.example/token", "https://{sub}.a.example/token", 1), "endpoints.token"},
		"other id":          {strings.Replace(overlayFile, "id: mine", "id: yours", 1), "id must"},
		"host with a path":  {strings.Replace(overlayFile, "api.a.example", "api.a.example/x", 1), "api.hosts"},
		"nothing":           {"", "mine.yaml"},
		"unknown word":      {strings.Replace(overlayFile, "mode: required", "mode: perhaps", 1), "pkce.mode knows"},
		"scope and no risk": {strings.Replace(overlayFile, `separator: " "`, `separator: " ", items: [{id: a, label: A}]`, 1), "scope \"a\""},
		"extends nothing":   {"schema: 1\nid: mine\nname: Mine\nextends: nobody\nchecked: listed\n", "nobody"},
		"extends a preset":  {"schema: 1\nid: mine\nname: Mine\nextends: youtube\nchecked: listed\n", "extends another itself"},
		"extends and widens": {
			"schema: 1\nid: mine\nname: Mine\nextends: google\nchecked: listed\nendpoints: {token: \"https://evil.example/\"}\n", "endpoints is that of what it extends",
		},
		"no name of a signature":    {overlayFile + "callback: {hmac: \"a=b\"}\n", "callback.hmac"},
		"signature without secret":  {strings.Replace(overlayFile, "auth: [post]", "auth: [post, none]", 1) + "callback: {hmac: hmac}\n", "callback.hmac"},
		"unreachable but reachable": {overlayFile + "effort: unreachable\n", "there is a way"},
		"token without steps":       {overlayFile + "effort: token\n", "token.steps"},
		"access in a cookie":        {strings.Replace(overlayFile, "api: {", "api: {header: Cookie, ", 1), "api.header"},
		"token in a cookie":         {overlayFile + "token: {steps: [Make one.], header: Cookie}\n", "token.header"},
		"token for a proxy":         {overlayFile + "token: {steps: [Make one.], header: Proxy-Authorization}\n", "token.header"},
		"token in two headers":      {overlayFile + "token: {steps: [Make one.], header: \"X-A\\r\\nX-B\"}\n", "token.header"},
		"token after two words":     {overlayFile + "token: {steps: [Make one.], scheme: \"a b\"}\n", "token.scheme"},
		"header without steps":      {overlayFile + "token: {header: X-Key}\n", "token.steps"},
		"token of its own header":   {overlayFile + "token: {steps: [Make one.], header: X-Key}\n", ""},
		"no redirect":               {strings.Replace(overlayFile, "{custom_scheme: true}", "{}", 1), "redirect allows nothing"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			catalog, err := provider.Load(fstest.MapFS{"mine.yaml": {Data: []byte(c.file)}})
			if c.want == "" {
				if err != nil || !catalog.Has("mine") {
					t.Errorf("got %v", err)
				}
				return
			}
			if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err).Message, c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestCustom(t *testing.T) {
	t.Parallel()
	c := load(t)
	notion := provider.CustomSpec{
		Name:             "Notion",
		AuthorizationURL: "https://api.notion.com/v1/oauth/authorize", TokenURL: "https://api.notion.com/v1/oauth/token",
	}
	own := provider.CustomSpec{AuthorizationURL: "https://login.a.example/auth", TokenURL: "https://api.a.example:8443/token"}
	with := func(s provider.CustomSpec, change func(*provider.CustomSpec)) provider.CustomSpec {
		change(&s)
		return s
	}
	cases := map[string]struct {
		spec  provider.CustomSpec
		code  fault.Code
		hosts []string
	}{
		"own":              {own, "", []string{"api.a.example:8443"}},
		"known as a whole": {notion, "", []string{"api.notion.com"}},
		"more hosts":       {with(own, func(s *provider.CustomSpec) { s.APIHosts = []string{"data.a.example"} }), "", []string{"api.a.example:8443", "data.a.example"}},
		"loopback": {
			provider.CustomSpec{AuthorizationURL: "http://127.0.0.1:9/auth", TokenURL: "http://127.0.0.1:9/token"},
			"",
			[]string{"http://127.0.0.1:9"},
		},
		"split at the token":  {with(notion, func(s *provider.CustomSpec) { s.TokenURL = "https://evil.example/token" }), fault.Denied, nil},
		"split at the page":   {with(own, func(s *provider.CustomSpec) { s.AuthorizationURL = "https://accounts.google.com/o/oauth2/v2/auth" }), fault.Denied, nil},
		"split at the revoke": {with(notion, func(s *provider.CustomSpec) { s.RevokeURL = "https://evil.example/r" }), fault.Denied, nil},
		"two known":           {with(notion, func(s *provider.CustomSpec) { s.TokenURL = "https://oauth2.googleapis.com/token" }), fault.Denied, nil},
		"capital letters":     {with(notion, func(s *provider.CustomSpec) { s.TokenURL = "https://OAuth2.GoogleAPIs.com/token" }), fault.Denied, nil},
		"http":                {with(own, func(s *provider.CustomSpec) { s.TokenURL = "http://api.a.example/token" }), fault.Invalid, nil},
		"no token address":    {with(own, func(s *provider.CustomSpec) { s.TokenURL = "" }), fault.Invalid, nil},
		"user in it":          {with(own, func(s *provider.CustomSpec) { s.TokenURL = "https://accounts.google.com@evil.example/" }), fault.Invalid, nil},
		"protocol parameter":  {with(own, func(s *provider.CustomSpec) { s.AuthorizationParams = map[string]string{"Redirect_URI": "x"} }), fault.Invalid, nil},
		"unknown auth":        {with(own, func(s *provider.CustomSpec) { s.TokenAuth = "jwt" }), fault.Invalid, nil},
		"pkce on":             {with(own, func(s *provider.CustomSpec) { s.PKCE = "on" }), fault.Invalid, nil},
	}
	for name, c2 := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := c.Custom(c2.spec)
			if fault.CodeOf(err) != c2.code {
				t.Fatalf("got %v", err)
			}
			if err == nil && !slices.Equal(p.API.Hosts, c2.hosts) {
				t.Errorf("hosts %v", p.API.Hosts)
			}
		})
	}
	p, err := c.Custom(notion)
	if err != nil || p.Client.Auth[0] != "basic-json" || p.RedirectKinds()[0] != "paste" || p.Params.Authorize["owner"] != "user" {
		t.Errorf("custom Notion lost its quirks: %+v, %v", p, err)
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	google, err := load(t).Get("google")
	if err != nil {
		t.Fatal(err)
	}
	if got := google.Missing([]string{"email", "a"}, nil); got != nil {
		t.Errorf("nothing said: %v", got)
	}
	granted := []string{"https://www.googleapis.com/auth/userinfo.email"}
	if got := google.Missing([]string{"email", "a"}, granted); !slices.Equal(got, []string{"a"}) {
		t.Errorf("got %v", got)
	}
}

// TestCredential: the header that carries a personal token, by recipe.
func TestCredential(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		recipe        provider.Token
		header, value string
	}{
		"none":           {provider.Token{}, "Authorization", "Bearer t"},
		"alone":          {provider.Token{Scheme: "none"}, "Authorization", "t"},
		"word":           {provider.Token{Scheme: "Token"}, "Authorization", "Token t"},
		"header":         {provider.Token{Header: "X-Key"}, "X-Key", "t"},
		"header by word": {provider.Token{Header: "X-Key", Scheme: "Key"}, "X-Key", "Key t"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := provider.Provider{API: provider.API{HeaderPrefix: "Bearer"}, Token: c.recipe}
			if header, value := p.Credential("t"); header != c.header || value != c.value {
				t.Errorf("got %s: %s", header, value)
			}
		})
	}
}
