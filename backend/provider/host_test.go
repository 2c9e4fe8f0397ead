package provider_test

import (
	"net/url"
	"strings"
	"testing"

	"pie/backend/provider"
)

func hosts(tb testing.TB, list ...string) provider.HostSet {
	tb.Helper()
	set, err := provider.ParseHosts(list)
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	set := hosts(t, "api.example.com", "up.example.com:8443", "*.files.example.com", "http://127.0.0.1:9000", "bücher.example")
	cases := map[string]bool{
		"https://api.example.com/x":                     true,
		"https://API.example.COM:443/x":                 true,
		"https://up.example.com:8443/":                  true,
		"https://a.files.example.com/":                  true,
		"http://127.0.0.1:9000/x":                       true,
		"https://xn--bcher-kva.example/":                true,
		"https://bücher.example/":                       true,
		"http://api.example.com/":                       false,
		"https://api.example.com:8443/":                 false,
		"https://up.example.com/":                       false,
		"https://files.example.com/":                    false,
		"https://evilfiles.example.com/":                false,
		"http://127.0.0.1:9001/":                        false,
		"https://127.0.0.1:9000/":                       false,
		"http://localhost:9000/":                        false,
		"https://api.example.com./":                     false,
		"https://user@api.example.com/":                 false,
		"https://api.example.com@evil.example/":         false,
		"https://api.example.com.evil.example/":         false,
		"https://evil.example/api.example.com":          false,
		"https://evil.example/?https://api.example.com": false,
		"https://evil.example#api.example.com":          false,
		"ftp://api.example.com/":                        false,
		"//api.example.com/":                            false,
		"api.example.com":                               false,
		"https:api.example.com":                         false,
		"https://":                                      false,
		"javascript:alert(1)":                           false,
	}
	for address, want := range cases {
		u, err := url.Parse(address)
		if got := err == nil && set.Allowed(u); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	if set.Allowed(nil) {
		t.Error("nil is allowed")
	}
}

// spellings writes a forbidden address in many ways around the allowed name.
func spellings() []string {
	const good, bad = "api.example.com", "evil.example"
	schemes := []string{"https://", "HTTPS://", "http://", "https:", "https:/", "https:///", "https:\\\\", "//", "wss://", "https://@"}
	names := []string{
		bad, good + "." + bad, good + "@" + bad, bad + "/" + good, bad + "?" + good, bad + "#" + good, bad + "\\" + good,
		good + ":80@" + bad, good + "%2e" + bad, good + "%00." + bad, good + "%23@" + bad, "api。example。com." + bad,
		good + ".", good + ":444", "api-example.com", "xapi.example.com", "api.example.com.", "аpi.example.com", "api.example.co",
		"[::1]", "2130706433", "0x7f.1",
	}
	var out []string
	for _, scheme := range schemes {
		for _, name := range names {
			out = append(out, scheme+name)
		}
	}
	return out
}

func TestForbiddenSpellings(t *testing.T) {
	t.Parallel()
	list := spellings()
	if len(list) < 200 {
		t.Fatalf("only %d spellings", len(list))
	}
	for _, address := range list {
		if u, err := url.Parse(address); err == nil && hosts(t, "api.example.com").Allowed(u) {
			t.Errorf("%q is allowed", address)
		}
	}
}

// FuzzAllowed: whatever is allowed is sent to exactly the allowed name.
func FuzzAllowed(f *testing.F) {
	for _, address := range spellings() {
		f.Add(address)
	}
	f.Add("https://api.example.com/x")
	set := hosts(f, "api.example.com")
	f.Fuzz(func(t *testing.T, address string) {
		u, err := url.Parse(address)
		if err != nil || !set.Allowed(u) {
			return
		}
		if !strings.EqualFold(u.Scheme, "https") || u.User != nil || u.Port() != "" && u.Port() != "443" {
			t.Errorf("%q is allowed", address)
		}
		if rule, ok := provider.Origin(u); !ok || rule.String() != "api.example.com" {
			t.Errorf("%q is sent to %v", address, rule)
		}
	})
}

func TestParseHostRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "*.com", "*.127.0.0.1", "http://example.com", "ftp://example.com", "a b", "example.com/x", "example.com?x", "u@example.com", "example.com.", "*"} {
		if rule, err := provider.ParseHost(text); err == nil {
			t.Errorf("%q became %v", text, rule)
		}
	}
}
