package connection

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"

	"pie/backend/fault"
	"pie/backend/provider"
)

var errPrivate = fault.New(fault.Denied, "The name of the service leads into a private network, which was not approved, so nothing was sent.",
	"Somebody may be in between: try again in another network. Where the service is in your own network, name its address itself.")

// newTransport makes a transport. A guarded one refuses, at the moment of
// dialing, addresses that are not public: a name that was checked may lead
// anywhere by then. The person's own proxy may be anywhere.
func newTransport(guarded bool) *http.Transport { return newTransportBy(nil, guarded) }

// newTransportBy is newTransport with a way to look names up, the system's when
// resolver is nil.
func newTransportBy(resolver *net.Resolver, guarded bool) *http.Transport {
	plain := &net.Dialer{Timeout: 15 * time.Second, Resolver: resolver}
	careful := &net.Dialer{Timeout: 15 * time.Second, Resolver: resolver}
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
	if err != nil || !provider.IsPublic(target.Addr()) {
		return errPrivate
	}
	return nil
}

// transportFor is the unguarded transport only for a host that the set allows and
// whose very name says that it is private, so that the person knew.
func (m *Manager) transportFor(allowed provider.HostSet, u *url.URL) http.RoundTripper {
	if allowed.Allowed(u) && provider.NamesPrivate(u.Hostname()) {
		return m.plain
	}
	return m.guarded
}
