package backend_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/patience"
)

// TestConformance goes the whole way with two authorization servers that others
// have written, and with the page's full example as the agent.
func TestConformance(t *testing.T) {
	t.Parallel()
	servers := map[string]func(*testing.T) *authServer{"oidc-provider": startNode, "zitadel": startZitadel}
	tests := map[string]func(*testing.T, *authServer){
		"by scheme":                       wholeWay("by-scheme", "scheme", nil),
		"by loopback":                     wholeWay("by-loopback", "loopback", nil),
		"by paste":                        wholeWay("by-paste", "paste", nil),
		"public client":                   wholeWay("public-client", "scheme", func(c *oauthClient) { c.Secret = "" }),
		"run out here":                    runOutHere,
		"denial":                          denial,
		"cold start":                      coldStart,
		"old refresh token comes again":   oldRefreshToken,
		"code comes again":                codeTwice,
		"access taken back at the server": takenBack,
	}
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t)
			for name, test := range tests {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					test(t, server)
				})
			}
		})
	}
}

// wholeWay: connect, run, run out, refresh with rotation, disconnect, revoked.
func wholeWay(name, kind string, change func(*oauthClient)) func(*testing.T, *authServer) {
	return func(t *testing.T, server *authServer) { //nolint:thelper // the subtest itself
		s := newStage(t, server, name, kind, change)
		s.cannotRun(t)
		if c := s.mustConnect(t); c.Account.Label == "" || c.Label != "" {
			t.Errorf("%+v", c)
		}
		s.mustRun(t, 200)

		server.expire(t, name)
		s.mustRun(t, 401, 200)
		s.mustHaveRotated(t, 1)
		s.mustRun(t, 200)
		s.mustHide(t)

		gone, err := s.Connections.Disconnect(t.Context(), name, "default", "", false)
		if err != nil || gone.Revoked == nil || !*gone.Revoked {
			t.Fatalf("%+v %v", gone, err)
		}
		s.mustBeRevoked(t)
		s.cannotRun(t)
		s.mustHideInTheEnd(t)
	}
}

// runOutHere: a token whose life is over by our clock is renewed before it is
// sent, so that the service never has to refuse it.
func runOutHere(t *testing.T, server *authServer) { //nolint:thelper // the subtest itself
	s := newStage(t, server, "run-out-here", "scheme", func(c *oauthClient) { c.Life = 10 })
	c := s.mustConnect(t)
	patience.Until(t, "the token runs out", func() bool { return time.Now().After(*c.ExpiresAt) })
	s.mustRun(t, 200)
	s.mustHaveRotated(t, 1)
	s.mustHideInTheEnd(t)
}

// denial: a person who says no ends the sign-in, and nothing is kept.
func denial(t *testing.T, server *authServer) { //nolint:thelper // the subtest itself
	s := newStage(t, server, "denial", "loopback", nil)
	_, err := s.signInAs(t, false)
	if !fault.Is(err, fault.Denied) || s.answer != nil {
		t.Fatalf("%v; the person saw: %v", err, s.answer)
	}
	if c := s.listed(t); c.Status != connection.NotConnected || c.Account != nil || c.ConnectedAt != nil {
		t.Errorf("%+v", c)
	}
	if list := server.issued(t, "denial"); len(list) != 0 {
		t.Errorf("%d answers of the token endpoint", len(list))
	}
	if _, err := s.Connections.Callback(t.Context(), s.link); !fault.Is(err, fault.NotFound) {
		t.Errorf("the same link again: %v", err)
	}
	s.cannotRun(t)
	s.mustConnect(t)
	s.mustRun(t, 200)
	s.mustHideInTheEnd(t)
}

// coldStart: the program dies while the person is at the server, and the link is
// handed to the next one that opens the home.
func coldStart(t *testing.T, server *authServer) { //nolint:thelper // the subtest itself
	s := newStage(t, server, "cold-start", "scheme", nil)
	links := make(chan string, 1)
	s.deliver = func(_ context.Context, link string) error {
		links <- link
		return nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first, ended := s.Connections, make(chan error, 1)
	go func() {
		_, err := first.Connect(ctx, connection.Request{Agent: "cold-start", Redirect: "scheme"})
		ended <- err
	}()
	var link string
	select {
	case link = <-links:
	case err := <-ended:
		t.Fatalf("connecting: %v", err)
	case <-time.After(patience.Limit):
		t.Fatal("the person did not get to the end")
	}
	s.people.Wait()
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	s.mustHide(t) // a flow waits in the file

	s.open(t, s.dir)
	c, err := s.Connections.Callback(t.Context(), link)
	if err != nil || c.Status != connection.Connected {
		t.Fatalf("%+v %v", c, err)
	}
	s.mustRun(t, 200)
	cancel()
	if err := <-ended; !fault.Is(err, fault.Canceled) {
		t.Errorf("the first program: %v", err)
	}
	s.mustHideInTheEnd(t)
}

// oldRefreshToken: a refresh token that comes a second time tells the server that
// somebody has stolen it, and the server ends the grant (RFC 9700, section 4.14.2).
func oldRefreshToken(t *testing.T, server *authServer) { //nolint:thelper // the subtest itself
	const name = "old-refresh-token"
	s := newStage(t, server, name, "scheme", nil)
	before := s.mustConnect(t)
	server.expire(t, name)
	s.mustRun(t, 401, 200)
	s.mustHaveRotated(t, 1)

	old := server.issued(t, name)[0].Refresh
	if code := s.refused(t, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old}}); code != "invalid_grant" {
		t.Fatalf("the old refresh token: %q", code)
	}
	s.mustBeRevoked(t)
	s.mustNeedReconnect(t)
	s.mustReconnect(t, before)
	s.mustHideInTheEnd(t)
}

// codeTwice: a code works once, here and at the server.
func codeTwice(t *testing.T, server *authServer) { //nolint:thelper // the subtest itself
	const name = "code-twice"
	s := newStage(t, server, name, "scheme", nil)
	before := s.mustConnect(t)
	if _, err := s.Connections.Callback(t.Context(), s.link); !fault.Is(err, fault.NotFound) {
		t.Errorf("the same link again: %v", err)
	}
	s.mustRun(t, 200)
	if n := len(server.issued(t, name)); n != 1 {
		t.Errorf("%d answers of the token endpoint", n)
	}
	spent := server.issued(t, name)[0]
	code := s.refused(t, url.Values{
		"grant_type": {"authorization_code"}, "code": {spent.Code}, "code_verifier": {spent.Verifier}, "redirect_uri": {s.client.Redirect},
	})
	if code != "invalid_grant" {
		t.Fatalf("the code at the server: %q", code)
	}
	if server.replayEnds {
		s.mustNeedReconnect(t)
	}
	s.mustReconnect(t, before)
	s.mustHideInTheEnd(t)
}

// takenBack: the person ends the access at the service itself.
func takenBack(t *testing.T, server *authServer) { //nolint:thelper // the subtest itself
	const name = "taken-back"
	s := newStage(t, server, name, "scheme", nil)
	before := s.mustConnect(t)
	s.mustRun(t, 200)
	form := url.Values{"token": {server.issued(t, name)[0].Refresh}, "token_type_hint": {"refresh_token"}}
	if status := s.sendForm(t, server.metadata.Revocation, form, nil); status != http.StatusOK {
		t.Fatalf("revoking: %d", status)
	}
	s.mustNeedReconnect(t)
	s.mustReconnect(t, before)
	s.mustHideInTheEnd(t)
}
