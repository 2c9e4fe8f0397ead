package connection_test

import (
	"context"
	"net/http"
	"testing"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth/oauthtest"
	"pie/backend/provider"
)

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
