package connection

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"

	"pie/backend/provider"
)

var errPrivate = errors.New("the name leads to a private network")

// newTransport makes a transport. A guarded one refuses, at the moment of
// dialing, addresses that are not public: a name that was checked may lead
// anywhere by then. The person's own proxy may be anywhere.
func newTransport(guarded bool) http.RoundTripper {
	plain := &net.Dialer{Timeout: 15 * time.Second}
	careful := &net.Dialer{Timeout: 15 * time.Second}
	if guarded {
		careful.Control = refusePrivate
	}
	var proxies sync.Map // "host:port" of proxies in use
	return &http.Transport{
		Proxy: func(r *http.Request) (*url.URL, error) {
			proxy, err := http.ProxyFromEnvironment(r)
			if err == nil && proxy != nil {
				proxies.Store(net.JoinHostPort(proxy.Hostname(), portOf(proxy)), true)
			}
			return proxy, err
		},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if _, isProxy := proxies.Load(address); isProxy {
				return plain.DialContext(ctx, network, address)
			}
			return careful.DialContext(ctx, network, address)
		},
		ForceAttemptHTTP2: true, MaxIdleConns: 64, MaxIdleConnsPerHost: 16, IdleConnTimeout: 90 * time.Second,
		TLSHandshakeTimeout: 15 * time.Second, ResponseHeaderTimeout: time.Minute, MaxResponseHeaderBytes: 1 << 20,
	}
}

func portOf(proxy *url.URL) string {
	switch port := proxy.Port(); {
	case port != "":
		return port
	case proxy.Scheme == "https":
		return "443"
	case strings.HasPrefix(proxy.Scheme, "socks5"):
		return "1080"
	}
	return "80"
}

func refusePrivate(_, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil || !isPublic(target.Addr()) {
		return errPrivate
	}
	return nil
}

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

func isPublic(address netip.Addr) bool {
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

// transportFor is the unguarded transport only for a host that the set allows and
// whose very name says that it is private, so that the person knew.
func (m *Manager) transportFor(allowed provider.HostSet, u *url.URL) http.RoundTripper {
	if allowed.Allowed(u) && namesPrivate(u.Hostname()) {
		return m.plain
	}
	return m.guarded
}

func namesPrivate(host string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		return !isPublic(address)
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
