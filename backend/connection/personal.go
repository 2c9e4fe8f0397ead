package connection

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"

	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/secret"
)

// longestToken bounds a personal token, in bytes.
const longestToken = 16 << 10

// ConnectToken keeps a personal token instead of a sign-in. It is sealed, goes to
// the service's hosts alone, in the header that the catalogue names, and never
// among the agent's secrets. Where the service can be asked whose it is, one that
// it refuses is not kept, and neither is one that it could not be asked about.
// Faults: not_found, invalid, denied, limited, locked, offline.
func (m *Manager) ConnectToken(ctx context.Context, q Request, token secret.String) (Connection, error) {
	s, err := m.requested(ctx, &q)
	if err != nil {
		return Connection{}, err
	}
	if err := checkToken(token.Reveal()); err != nil {
		return Connection{}, err
	}
	t := &oauth.Token{Access: token}
	r := m.fresher(s, q.Account, kindToken)
	answer, err := m.probe(ctx, s, r, t)
	if err == nil {
		err = refusedToken(s, answer)
	}
	if err != nil {
		return Connection{}, err
	}
	if answer.Status != 0 && (!answer.OK || oauth.AccountOf(s.Provider, t, answer.Body) == nil) {
		r.trouble(causeAPI, &fault.Problem{
			Code:    fault.Denied,
			Message: fmt.Sprintf("%s did not say whose token this is (%d), so it is not known whether it is good.", s.Provider.Name, answer.Status),
			Hint:    "Run the agent; if it fails, make a token that may also read your profile.",
		})
	}
	c, err := m.establish(ctx, s, r, t)
	if err == nil {
		m.Connected(c)
	}
	return c, err
}

func checkToken(text string) error {
	switch {
	case len(text) > longestToken:
		return fault.New(fault.Limited, "The token is longer than 16 KB.", "Check that the right text was copied.")
	case text == "" || strings.ContainsAny(text, " \t") || !httpguts.ValidHeaderFieldValue(text) || strings.ContainsFunc(text, func(r rune) bool { return r > '~' }):
		return fault.New(fault.Invalid, "This is no token.", "Copy the token alone, without spaces or line breaks.")
	}
	return nil
}

// refusedToken reads the answer to the question whose token it is. A service that
// says no inside a 200 is told by its own sign of failure, as at its token address.
func refusedToken(s Service, a Answer) error {
	switch {
	case a.Status == http.StatusUnauthorized, a.OK && oauth.Refuses(s.Provider, a.Body):
		return fault.New(fault.Denied, s.Provider.Name+" does not accept this token, so it was not kept.", "Make a new one at the service and try again.")
	case a.Status == http.StatusTooManyRequests:
		return fault.New(fault.Limited, s.Provider.Name+" asks us to slow down, so the token could not be tried.", "Wait a little and try again.")
	case a.Status >= http.StatusInternalServerError:
		return fault.New(fault.Offline, s.Provider.Name+" has trouble of its own, so the token could not be tried.", "Try again in a few minutes.")
	}
	return nil
}
