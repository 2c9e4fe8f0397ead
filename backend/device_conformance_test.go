package backend_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
)

// TestDeviceConformance goes by the device flow of both servers: the code is typed on
// the server's page while the program asks for the tokens.
func TestDeviceConformance(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*testing.T, *authServer){
		"allowed": deviceAllowed, "denied": deviceDenied, "given up": deviceGivenUp, "not offered": deviceNotOffered,
	}
	for name, start := range map[string]func(*testing.T) *authServer{"oidc-provider": startNode, "zitadel": startZitadel} {
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

// device is a client that may ask for a code to type.
func (s *authServer) device(c *oauthClient) {
	c.Device = true
	if s.publicDevices {
		c.Secret = ""
	}
}

// deviceAllowed: connect, run, run out, refresh, disconnect, revoked.
func deviceAllowed(t *testing.T, server *authServer) { //nolint:thelper // the subtest itself
	s := newStage(t, server, "device-allowed", "scheme", server.device)
	c, err := s.byDevice(t, true)
	if err != nil || c.Status != connection.Connected || c.Account == nil || len(c.Scopes.Granted) != 3 {
		t.Fatalf("%+v %v", c, err)
	}
	s.mustRun(t, 200)
	server.expire(t, "device-allowed")
	s.mustRun(t, 401, 200)
	if again, err := s.byDevice(t, true); err != nil || again.ID != c.ID {
		t.Fatalf("connecting again: %+v %v", again, err)
	}
	s.mustHide(t)
	gone, err := s.Connections.Disconnect(t.Context(), "device-allowed", "default", "", false)
	if err != nil || gone.Revoked == nil || !*gone.Revoked {
		t.Fatalf("%+v %v", gone, err)
	}
	s.cannotRun(t)
	s.mustHideInTheEnd(t)
}

func deviceDenied(t *testing.T, server *authServer) { //nolint:thelper // the subtest itself
	s := newStage(t, server, "device-denied", "scheme", server.device)
	if _, err := s.byDevice(t, false); !fault.Is(err, fault.Denied) {
		t.Fatalf("%v", err)
	}
	if c := s.listed(t); c.Status != connection.NotConnected {
		t.Errorf("%+v", c)
	}
	if list := server.issued(t, "device-denied"); len(list) != 0 {
		t.Errorf("%d answers of the token endpoint", len(list))
	}
}

// deviceGivenUp: the person closes the window instead.
func deviceGivenUp(t *testing.T, server *authServer) { //nolint:thelper // the subtest itself
	s := newStage(t, server, "device-given-up", "scheme", server.device)
	ctx, cancel := context.WithCancel(t.Context())
	s.withDevice(t, func(connection.Attempt) { cancel() })
	_, err := s.Connections.Connect(ctx, connection.Request{Agent: "device-given-up", Redirect: "device", Op: "op", NoBrowser: true})
	if !fault.Is(err, fault.Canceled) {
		t.Fatalf("%v", err)
	}
	if _, ok := s.Connections.Attempt("op"); ok {
		t.Error("the attempt is still there")
	}
	if c := s.listed(t); c.Status != connection.NotConnected {
		t.Errorf("%+v", c)
	}
}

// deviceNotOffered: where nothing says that it is safe it is not begun, and it is
// never the way that is chosen unasked.
func deviceNotOffered(t *testing.T, server *authServer) { //nolint:thelper // the subtest itself
	s := newStage(t, server, "device-not-offered", "scheme", nil)
	_, err := s.Connections.Connect(t.Context(), connection.Request{Agent: "device-not-offered", Redirect: "device"})
	if !fault.Is(err, fault.Invalid) {
		t.Fatalf("%v", err)
	}
}

// byDevice connects while a person types the code on the server's page.
func (s *stage) byDevice(t *testing.T, allow bool) (connection.Connection, error) {
	t.Helper()
	typed := make(chan error, 1)
	s.withDevice(t, func(a connection.Attempt) {
		if a.VerificationURI == "" || a.ExpiresAt == nil || a.RedirectURI != "" || !strings.Contains(a.VerificationURIComplete, a.UserCode) {
			t.Errorf("%+v", a)
		}
		typed <- typeCode(t.Context(), a.VerificationURI, a.UserCode, allow)
	})
	c, err := s.Connections.Connect(t.Context(), connection.Request{
		Agent: s.client.ID, Redirect: "device", Op: "op-" + s.client.ID, NoBrowser: true,
	})
	select {
	case problem := <-typed:
		if problem != nil {
			t.Errorf("typing the code: %v", problem)
		}
	default:
		t.Errorf("no code was shown: %v", err)
	}
	return c, err
}

// withDevice calls person once a code is shown.
func (s *stage) withDevice(t *testing.T, person func(connection.Attempt)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	s.people.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			for _, op := range []string{"op", "op-" + s.client.ID} {
				if a, ok := s.Connections.Attempt(op); ok && a.Step == "device" {
					person(a)
					return
				}
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
}

var anyForm = regexp.MustCompile(`<form [^>]*method="post" action="([^"]+)"`)

// typeCode is a browser and the person in front of it: the code is typed, and what
// is asked after that is answered until no page asks more.
func typeCode(ctx context.Context, address, code string, allow bool) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	browser := &http.Client{Jar: jar}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	for range 10 {
		if err != nil {
			return err
		}
		var page string
		if page, r, err = turn(browser, r, code, allow); err != nil || r == nil {
			if err == nil && allow && !strings.Contains(page, "Sign-in Success") {
				err = fmt.Errorf("the last page: %s", page)
			}
			return err
		}
	}
	return fmt.Errorf("the pages do not end")
}

// turn loads one page and returns the answer to its form, nil when it has none.
func turn(browser *http.Client, r *http.Request, code string, allow bool) (string, *http.Request, error) {
	res, err := browser.Do(r)
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = res.Body.Close() }()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		return "", nil, err
	}
	action := anyForm.FindSubmatch(page)
	if action == nil || !allow && strings.Contains(string(page), "interrupted") {
		return string(page), nil, nil
	}
	form := url.Values{"user_code": {code}, "decision": {"deny"}}
	if allow {
		form.Set("decision", "allow")
	}
	for _, field := range hiddenInput.FindAllSubmatch(page, -1) {
		form.Set(string(field[1]), string(field[2]))
	}
	to, err := res.Request.URL.Parse(string(action[1]))
	if err != nil {
		return "", nil, err
	}
	next, err := http.NewRequestWithContext(r.Context(), http.MethodPost, to.String(), strings.NewReader(form.Encode()))
	if err == nil {
		next.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return string(page), next, err
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
