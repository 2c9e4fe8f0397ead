package provider_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pie/backend/provider"
)

// TestOverlays: a person's file is told apart from the built-in one, with every
// host that it brings in.
func TestOverlays(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("catalog/github.yaml")
	if err != nil {
		t.Fatal(err)
	}
	github := string(raw)
	cases := map[string]struct {
		name, file string
		want       provider.Overlay
	}{
		"the same":        {"github", github, provider.Overlay{ID: "github", Hosts: []string{}}},
		"another label":   {"github", strings.Replace(github, "name: GitHub", "name: Work", 1), provider.Overlay{ID: "github", Hosts: []string{}}},
		"a wider API":     {"github", strings.Replace(github, "hosts: [", "hosts: [evil.example, ", 1), provider.Overlay{ID: "github", Hosts: []string{"evil.example"}}},
		"another port":    {"github", strings.Replace(github, "hosts: [", "hosts: [\"api.github.com:8443\", ", 1), provider.Overlay{ID: "github", Hosts: []string{"api.github.com:8443"}}},
		"all below":       {"github", strings.Replace(github, "hosts: [", "hosts: [\"*.github.com\", ", 1), provider.Overlay{ID: "github", Hosts: []string{"*.github.com"}}},
		"another token":   {"github", strings.Replace(github, "token: https://github.com", "token: https://evil.example", 1), provider.Overlay{ID: "github", Hosts: []string{"evil.example"}}},
		"another revoke":  {"github", strings.Replace(github, "https://api.github.com/applications", "https://evil.example/applications", 1), provider.Overlay{ID: "github", Hosts: []string{"evil.example"}}},
		"one of its own":  {"mine", overlayFile, provider.Overlay{ID: "mine", New: true, Hosts: []string{"a.example", "api.a.example"}}},
		"a preset of one": {"work", "schema: 1\nid: work\nname: Work\nextends: google\nchecked: listed\napi: {hosts: [www.googleapis.com]}\n", provider.Overlay{ID: "work", New: true, Hosts: []string{"accounts.google.com", "oauth2.googleapis.com", "www.googleapis.com"}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			catalog, err := provider.Load(fstest.MapFS{c.name + ".yaml": {Data: []byte(c.file)}})
			if err != nil {
				t.Fatal(err)
			}
			got := catalog.Overlays()
			if len(got) != 1 || got[0].ID != c.want.ID || got[0].New != c.want.New || !slices.Equal(got[0].Hosts, c.want.Hosts) {
				t.Errorf("got %+v", got)
			}
		})
	}
	if got := load(t).Overlays(); len(got) != 0 {
		t.Errorf("the built-in catalogue is an overlay: %v", got)
	}
}

// TestPresetOfAnOwnFile: a person's preset may extend a person's file.
func TestPresetOfAnOwnFile(t *testing.T) {
	t.Parallel()
	catalog, err := provider.Load(fstest.MapFS{
		"a.yaml":    {Data: []byte("schema: 1\nid: a\nname: A\nextends: mine\nchecked: listed\n")},
		"mine.yaml": {Data: []byte(overlayFile)},
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := catalog.Get("a")
	if err != nil || a.Endpoints.Token != "https://a.example/token" || a.Name != "A" || len(catalog.Overlays()) != 2 {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	twitch, err := load(t).Get("twitch")
	if err != nil {
		t.Fatal(err)
	}
	if got := twitch.API.Headers("the id")["Client-Id"]; got != "the id" {
		t.Errorf("got %q", got)
	}
	if twitch.API.ExtraHeaders["Client-Id"] != "{client_id}" {
		t.Error("the catalogue was changed")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(overlayFile))
	f.Add([]byte("schema: 1\nid: mine\nextends: google\n"))
	f.Add([]byte("schema: [\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		catalog, err := provider.Load(fstest.MapFS{"mine.yaml": {Data: raw}})
		if err != nil {
			return
		}
		p, err := catalog.Get("mine")
		if err != nil {
			t.Fatal("taken, but not there")
		}
		for _, host := range p.API.Hosts {
			if _, err := provider.ParseHost(host); err != nil {
				t.Errorf("%q is taken", host)
			}
		}
	})
}
