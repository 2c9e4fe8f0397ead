package provider

import (
	"net/netip"
	"strings"
)

// nonPublic are ranges that netip does not name: this network, shared address
// space, IETF assignments, documentation, benchmarking, reserved, discard, old
// site-local, and the forms by which IPv6 carries an IPv4 address.
func nonPublic() []netip.Prefix {
	var out []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2002::/16", "2001:db8::/32", "fec0::/10",
	} {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

// behindNAT64 is the IPv4 address in one of RFC 6052's well-known prefix: where a
// network speaks IPv6 alone, every IPv4 host has such an address.
func behindNAT64(address netip.Addr) netip.Addr {
	if !netip.MustParsePrefix("64:ff9b::/96").Contains(address) {
		return address
	}
	raw := address.As16()
	return netip.AddrFrom4([4]byte(raw[12:]))
}

// IsPublic tells whether an address is one of the whole internet.
func IsPublic(address netip.Addr) bool {
	address = behindNAT64(address.Unmap())
	if !address.IsGlobalUnicast() || address.IsPrivate() || address.IsLoopback() || address.IsLinkLocalUnicast() {
		return false
	}
	for _, prefix := range nonPublic() {
		if prefix.Contains(address) {
			return false
		}
	}
	return true
}

// NamesPrivate tells whether a host says by its very name, or as an address, that it
// is on this computer or in a private network.
func NamesPrivate(host string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		return !IsPublic(address)
	}
	if !strings.Contains(host, ".") {
		return true
	}
	for _, ending := range []string{".local", ".internal", ".lan", ".home.arpa", ".localhost"} {
		if strings.HasSuffix(strings.ToLower(host), ending) {
			return true
		}
	}
	return false
}
