package provider_test

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pie/backend/provider"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestListing prints what every built-in file amounts to; a change of it is seen
// in testdata/catalog.golden. UPDATE=1 writes the file again.
func TestListing(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, p := range load(t).List() {
		name := p.Name
		if p.Extends != "" {
			name += " (" + p.Extends + ")"
		}
		risks := map[string]int{}
		for _, s := range p.Scopes.Items {
			risks[s.Risk]++
		}
		fmt.Fprintf(&b, "%s | %s | %s %s %s | %s | %s %s, pkce %s | %s | %s | %v | %s\n",
			p.ID, name, p.Status, p.Checked, p.Effort, cmp.Or(strings.Join(p.RedirectKinds(), ","), "no redirect"),
			strings.Join(p.Client.Auth, ","), p.Client.Body, p.PKCE.Mode, p.Endpoints.Revocation.Method, p.Lifetime.Refresh,
			strings.TrimPrefix(fmt.Sprint(risks), "map"), strings.Join(p.API.Hosts, ","))
	}
	const file = "testdata/catalog.golden"
	if os.Getenv("UPDATE") != "" { //nolint:forbidigo // a switch for whoever runs the test
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(golden), b.String()); diff != "" {
		t.Errorf("run with UPDATE=1 if this is meant:\n%s", diff)
	}
}

// TestEveryProvider holds each built-in file to what no file may lack.
func TestEveryProvider(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("catalog/*.yaml")
	if err != nil || len(names) < 120 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	c := load(t)
	for _, name := range names {
		id := strings.TrimSuffix(filepath.Base(name), ".yaml")
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			p, err := c.Get(id)
			if err != nil {
				t.Fatal(err)
			}
			for name, rule := range map[string]func(provider.Provider) string{
				"status": status, "addresses": addresses, "hosts": apiHosts, "identity": identity, "scopes": scopes,
				"steps": steps, "reach": reach, "lifetime": lifetime,
			} {
				if problem := rule(filled(t, p)); problem != "" {
					t.Errorf("%s: %s", name, problem)
				}
			}
		})
	}
}

// filled is p as an account sees it.
func filled(t *testing.T, p provider.Provider) provider.Provider {
	t.Helper()
	values := map[string]string{}
	for _, a := range p.Parameters {
		values[a.Key] = a.Example
	}
	out, err := p.Resolve(values)
	if err != nil || len(out.API.Hosts) != len(p.API.Hosts) || out.GivesAt() != p.Endpoints.Token {
		t.Fatalf("%s: %v, %v", p.ID, err, out.API.Hosts)
	}
	return out
}

func status(p provider.Provider) string {
	switch {
	case p.Status == "retired":
		return "is retired"
	case len(p.Sources) == 0 || p.Checked == "proven" && len(p.Sources) < 2:
		return fmt.Sprintf("%s by %d sources", p.Checked, len(p.Sources))
	case len(p.Category) == 0:
		return "is in no category"
	}
	return ""
}

// addresses are https and name no account; {client_id} is filled in.
func addresses(p provider.Provider) string {
	for _, address := range []string{
		p.Endpoints.Authorization, p.Endpoints.Token, p.Endpoints.Refresh, p.Endpoints.Device, p.Endpoints.Registration, p.Endpoints.Revocation.URL, p.Endpoints.Issuer,
		p.Identity.URL, p.Links.Docs, p.Links.Console, p.Links.Manage, p.Token.URL,
	} {
		u, err := url.Parse(address)
		if address != "" && (err != nil || u.Scheme != "https" || provider.CheckAddress(address) != "") {
			return fmt.Sprintf("%q", address)
		}
	}
	if p.Links.Docs == "" {
		return "there is no page of documentation"
	}
	if p.Endpoints.Revocation.Method == "none" && p.Links.Manage == "" {
		return "access can be taken away neither from here nor at a page"
	}
	return ""
}

// apiHosts: names of the vendor alone. Names below these are given to
// customers, so a wildcard there would hand tokens to strangers.
func apiHosts(p provider.Provider) string {
	shared := []string{
		"google.com", "googleusercontent.com", "amazonaws.com", "myshopify.com", "atlassian.net", "zendesk.com", "github.io", "vercel.app",
		"netlify.app", "herokuapp.com", "pages.dev", "workers.dev", "supabase.co", "azurewebsites.net", "salesforce.com", "sharepoint.com",
	}
	reviewed := []string{"*.wikipedia.org", "*.api.mailchimp.com", "*.docusign.net"}
	for i, host := range p.API.Hosts {
		rule, err := provider.ParseHost(host)
		if err != nil || rule.String() != host || strings.Contains(host, ":") || slices.Contains(p.API.Hosts[:i], host) {
			return fmt.Sprintf("%q is no plain host of its own", host)
		}
		if strings.HasPrefix(host, "*.") && !slices.Contains(reviewed, host) || slices.ContainsFunc(shared, func(s string) bool { return host == "*."+s }) {
			return host + " is a wildcard that nobody reviewed"
		}
	}
	return ""
}

// identity: the request goes where the token may go.
func identity(p provider.Provider) string {
	if p.Identity.URL == "" {
		if p.Identity.Keep && (p.Identity.ID == "" || len(p.Response.Keep) == 0) {
			return "nothing is kept that tells the account"
		}
		return ""
	}
	set, err := provider.ParseHosts(p.API.Hosts)
	if err != nil {
		return err.Error()
	}
	if u, err := url.Parse(p.Identity.URL); err != nil || !set.Allowed(u) {
		return "the token may not go to " + p.Identity.URL
	}
	if p.Identity.ID == "" || len(p.Identity.Label) == 0 {
		return "no pointer to the account"
	}
	for _, path := range p.API.ReadPosts {
		if !strings.HasPrefix(path, "/") || strings.Contains(path, "graphql") {
			return path + " is no path where every POST is a read"
		}
	}
	return ""
}

func scopes(p provider.Provider) string {
	var seen []string
	for _, s := range p.Scopes.Items {
		switch {
		case slices.Contains(seen, s.ID):
			return s.ID + " is there twice"
		case s.Label == s.ID || len(s.Label) < 8 || strings.HasSuffix(s.Label, "."):
			return fmt.Sprintf("%s is no words for a person: %q", s.ID, s.Label)
		case strings.TrimSpace(p.Scopes.Separator) != "" && strings.Contains(s.ID, p.Scopes.Separator) || strings.Contains(s.ID, " "):
			return s.ID + " is more than one scope"
		}
		seen = append(seen, s.ID)
	}
	return ""
}

// steps: whoever registers an app is told the address to paste, and pastes it
// where a page is.
func steps(p provider.Provider) string {
	all := strings.Join(p.Setup, "\n")
	kinds := p.RedirectKinds()
	switch {
	case len(kinds) > 0 && len(p.Setup) < 2:
		return "nobody is told how to register an app"
	case len(kinds) > 0 && p.Links.Console == "" && p.Effort != "sign-in":
		return "there is no page to register an app"
	case len(kinds) > 0 && !strings.Contains(all, "{redirect_uri}") && !strings.Contains(all, "No redirect address is asked for"):
		return "nobody is told the redirect address"
	case len(kinds) > 0 && kinds[0] == "paste" && !strings.Contains(all, "copy its address into this program"):
		return "nobody is told about the page that cannot be opened"
	}
	for _, step := range append(slices.Clone(p.Setup), p.Token.Steps...) {
		if strings.Contains(strings.ReplaceAll(step, "{redirect_uri}", ""), "{") || strings.TrimSpace(step) != step || len(step) < 10 {
			return fmt.Sprintf("%q", step)
		}
	}
	return ""
}

// reach: what is said of the work agrees with what is possible.
func reach(p provider.Provider) string {
	kinds, hasToken := p.RedirectKinds(), len(p.Token.Steps) > 0
	switch {
	case (p.Effort == "token") != (hasToken && p.Effort != "sign-in"):
		return "effort is " + p.Effort + ", but there is a recipe for a token, or none"
	case len(kinds) == 0 && (p.Note == "" || len(p.Setup) > 0):
		return "nobody is told why there is no sign-in"
	case len(kinds) > 0 && p.Endpoints.Token == "":
		return "there is no token address"
	case slices.Contains(p.Client.Auth, "none") && len(kinds) > 0 && !p.PKCE.Sent():
		return "a public client without PKCE"
	case (p.Redirect.Loopback.Port == "no") != !slices.Contains(kinds, "loopback"):
		return "loopback"
	case hasToken && p.Token.URL == "":
		return "there is no page to make a token"
	}
	return ""
}

func lifetime(p provider.Provider) string {
	if p.Lifetime.Access < 0 || p.Lifetime.RefreshTTL < 0 || p.Lifetime.Refresh == "none" && p.Lifetime.RefreshTTL > 0 {
		return fmt.Sprintf("%+v", p.Lifetime)
	}
	return ""
}

// TestNoHostHasTwoOwners: a host that two providers shared would be asked with
// the tokens of either. Presets share by what they extend.
func TestNoHostHasTwoOwners(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, p := range c.List() {
		p = filled(t, p)
		family := cmp.Or(p.Extends, p.ID)
		for _, address := range []string{p.Endpoints.Authorization, p.Endpoints.Token, p.Endpoints.Revocation.URL, p.Endpoints.Device, p.Endpoints.Registration} {
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			if owner, _ := c.KnownHost(u.Host); address != "" && owner != family {
				t.Errorf("%s: %s belongs to %s", p.ID, u.Host, owner)
			}
		}
		for _, host := range p.API.Hosts {
			if owner, _ := c.KnownHost(host); owner != family {
				t.Errorf("%s: %s belongs to %s", p.ID, host, owner)
			}
		}
	}
}

// TestPresets: a preset shares the addresses and the client, and nothing of it
// becomes its base's.
func TestPresets(t *testing.T) {
	t.Parallel()
	c := load(t)
	google, err := c.Get("google")
	if err != nil {
		t.Fatal(err)
	}
	youtube, err := c.Get("youtube")
	if err != nil {
		t.Fatal(err)
	}
	if youtube.Extends != "google" || youtube.Endpoints != google.Endpoints || !slices.Equal(youtube.Client.Auth, google.Client.Auth) ||
		youtube.Params.Authorize["access_type"] != "offline" || youtube.Links.Manage != google.Links.Manage {
		t.Errorf("got %+v", youtube)
	}
	if slices.Contains(google.API.Hosts, "youtube.googleapis.com") || slices.Contains(youtube.API.Hosts, "gmail.googleapis.com") {
		t.Error("hosts leak between a preset and its base")
	}
	if !strings.Contains(strings.Join(google.Setup, " "), "7 days") || !strings.Contains(strings.Join(google.Setup, " "), "test user") ||
		!strings.Contains(strings.Join(google.Setup, " "), "not verified") || !strings.Contains(google.Setup[1], "enable") {
		t.Errorf("Google's steps: %v", google.Setup)
	}
}
