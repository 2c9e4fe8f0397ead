package backend_test

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// zitadelCode is a code to type (RFC 8628). The library's example store keeps such
// codes for its own clients alone, and hands them out while they change.
type zitadelCode struct {
	user  string
	state op.DeviceAuthorizationState
}

var errNoCode = errors.New("no such code")

// StoreDeviceAuthorization keeps a new code.
func (s *zitadelStore) StoreDeviceAuthorization(_ context.Context, client, device, user string, expires time.Time, scopes []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[device] = &zitadelCode{user, op.DeviceAuthorizationState{ClientID: client, Scopes: scopes, Expires: expires}}
	return nil
}

// GetDeviceAuthorizatonState is how far the person is; the misspelling is the library's.
// A code that was let in works once.
func (s *zitadelStore) GetDeviceAuthorizatonState(_ context.Context, client, device string) (*op.DeviceAuthorizationState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	code := s.codes[device]
	if code == nil || code.state.ClientID != client {
		return nil, errNoCode
	}
	if code.state.Done {
		delete(s.codes, device)
	}
	state := code.state
	return &state, nil
}

// decide is the person's answer to a code.
func (s *zitadelStore) decide(user, subject string, allow bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, code := range s.codes {
		if code.user == user {
			code.state.Subject, code.state.AuthTime = subject, time.Now()
			code.state.Done, code.state.Denied = allow, !allow
			return nil
		}
	}
	return errNoCode
}

// GrantTypes has that of devices for those clients that may.
func (c zitadelClient) GrantTypes() []oidc.GrantType {
	if !c.device {
		return c.Client.GrantTypes()
	}
	return append(slices.Clone(c.Client.GrantTypes()), oidc.GrantTypeDeviceCode)
}

// ofDevice is a request by which the example store makes tokens, which knows none of
// a device.
func ofDevice(r op.TokenRequest) op.TokenRequest {
	if d, ok := r.(*op.DeviceAuthorizationState); ok {
		return &storage.AuthRequest{ApplicationID: d.ClientID, UserID: d.Subject, Scopes: d.Scopes}
	}
	return r
}

// zitadelCodePage is the page to type the code on, for a person who has signed in.
func zitadelCodePage(w http.ResponseWriter, r *http.Request) {
	_, _ = fmt.Fprintf(w, `<!doctype html><title>A device</title><form method="post" action="/device"><input name="user_code" value="%s">
<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></form>`, html.EscapeString(r.FormValue("user_code")))
}

func zitadelTyped(store *zitadelStore, users storage.UserStore) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		allow := r.PostFormValue("decision") == "allow"
		if err := store.decide(r.PostFormValue("user_code"), users.GetUserByUsername(zitadelUser).ID, allow); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_, _ = fmt.Fprint(w, "<!doctype html><title>A device</title><h1>Sign-in Success</h1>")
	}
}
