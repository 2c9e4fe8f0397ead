package connection_test

import (
	"context"
	"net/http"
	"net/netip"
	"testing"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth/oauthtest"
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
		if got := connection.IsPublic(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// TestPrivateNetwork: a name that was approved and leads to this machine is not
// dialed; only an approved name that says so itself is.
func TestPrivateNetwork(t *testing.T) {
	t.Parallel()
	other := oauthtest.New(t)
	res, err := connection.PublicClient().Get(other.URL)
	if err == nil {
		_ = res.Body.Close()
		t.Error("the public client has reached loopback")
	}
	// vcap.me-like names resolve to loopback; without a network they resolve to nothing.
	w := newWorld(t)
	if w.agents.hosts, err = provider.ParseHosts([]string{other.URL}); err != nil {
		t.Fatal(err)
	}
	a, err := w.session().Fetch(context.Background(), connection.Call{URL: other.URL})
	if err != nil || a.Status != http.StatusOK {
		t.Errorf("an approved loopback address: %d, %v", a.Status, err)
	}
	_, err = w.session().Fetch(context.Background(), connection.Call{URL: w.service.URL})
	wantCode(t, err, fault.Denied)
	if len(other.Requests()) != 1 {
		t.Errorf("%d requests", len(other.Requests()))
	}
}
