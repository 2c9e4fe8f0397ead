package provider_test

import (
	"net/netip"
	"testing"

	"pie/backend/provider"
)

func TestIsPublic(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true, "64:ff9b::808:808": true,
		"127.0.0.1": false, "127.1.2.3": false, "::1": false, "0.0.0.0": false, "::": false, "10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "fe80::1": false, "fc00::1": false, "fd00::1": false, "224.0.0.1": false, "ff02::1": false,
		"255.255.255.255": false, "240.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:127.0.0.1": false, "64:ff9b::a00:1": false, "64:ff9b::7f00:1": false,
		"64:ff9b:1::1": false, "2002:a00:1::": false, "2001::1": false, "::a00:1": false, "fec0::1": false, "192.0.2.1": false, "198.18.0.1": false,
	} {
		if got := provider.IsPublic(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

func TestNamesPrivate(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"api.example.com": false, "8.8.8.8": false, "local.example": false, "2606:4700::1111": false,
		"localhost": true, "intranet": true, "printer.local": true, "Files.LAN": true, "db.internal": true, "nas.home.arpa": true, "a.localhost": true,
		"127.0.0.1": true, "::1": true, "10.1.2.3": true, "169.254.169.254": true, "100.64.0.1": true, "::ffff:192.168.0.1": true,
	} {
		if got := provider.NamesPrivate(host); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}
