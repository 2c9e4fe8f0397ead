package connection

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"pie/backend/provider"
)

var errPrivate = errors.New("the name leads to a private network")

// newClient makes a client that follows no redirect by itself. A guarded one
// refuses, at the moment of dialing, addresses that are not public: a name that
// was checked may lead anywhere by then.
func newClient(transport http.RoundTripper, guarded bool) *http.Client {
	if transport == nil {
		dialer := &net.Dialer{Timeout: 15 * time.Second}
		if guarded {
			dialer.Control = func(_, address string, _ syscall.RawConn) error {
				addr, err := netip.ParseAddrPort(address)
				if err != nil || !isPublic(addr.Addr()) {
					return errPrivate
				}
				return nil
			}
		}
		transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
			MaxIdleConns: 64, MaxIdleConnsPerHost: 16, IdleConnTimeout: 90 * time.Second,
			TLSHandshakeTimeout: 15 * time.Second, ResponseHeaderTimeout: time.Minute, MaxResponseHeaderBytes: 1 << 20,
		}
	}
	return &http.Client{
		Transport: transport, Timeout: 2 * time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// nonPublic are ranges that netip does not name: this network, shared address
// space, IETF assignments, documentation, benchmarking, reserved, and the two
// forms by which IPv6 carries an IPv4 address.
func nonPublic() []netip.Prefix {
	var out []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "64:ff9b::/96", "2002::/16", "2001:db8::/32",
	} {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

func isPublic(address netip.Addr) bool {
	address = address.Unmap()
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

// clientFor is the unguarded client only for a host that the set allows and
// whose very name says that it is private, so that the person knew.
func (m *Manager) clientFor(allowed provider.HostSet, u *url.URL) *http.Client {
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

func allowedAddress(set provider.HostSet, address string) bool {
	u, err := url.Parse(address)
	return address != "" && err == nil && set.Allowed(u)
}

// do sends one hop.
func (m *Manager) do(ctx context.Context, allowed provider.HostSet, r *http.Request) (*http.Response, error) {
	return m.clientFor(allowed, r.URL).Do(r.WithContext(ctx))
}
