package provider_test

import (
	"slices"
	"testing"

	"pie/backend/provider"
)

// TestDeviceOnlyWhereSafe: a device address alone opens no device flow; the
// catalogue must call it safe, and even then another kind comes first.
func TestDeviceOnlyWhereSafe(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		redirect provider.Redirect
		device   string
		want     []string
	}{
		"not called safe":  {provider.Redirect{CustomScheme: true}, "https://a.example/device", []string{"scheme", "loopback"}},
		"without address":  {provider.Redirect{CustomScheme: true, Device: true}, "", []string{"scheme", "loopback"}},
		"safe":             {provider.Redirect{CustomScheme: true, Device: true}, "https://a.example/device", []string{"scheme", "loopback", "device"}},
		"the only way":     {provider.Redirect{Loopback: provider.Loopback{Port: "no"}, Device: true}, "https://a.example/device", []string{"device"}},
		"no way is no way": {provider.Redirect{Loopback: provider.Loopback{Port: "no"}}, "https://a.example/device", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := provider.Provider{Redirect: c.redirect, Endpoints: provider.Endpoints{Device: c.device}}
			if got := p.RedirectKinds(); !slices.Equal(got, c.want) {
				t.Errorf("got %v", got)
			}
		})
	}
}
