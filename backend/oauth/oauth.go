// Package oauth speaks OAuth 2.0 as a native app (RFC 6749, 7636, 8252, 9207,
// 7009, 9700): it makes authorization addresses, receives and checks callbacks,
// and talks to token endpoints. It keeps nothing; package connection does.
//
// The token client is the package's own: it follows no redirect, reads at most
// 1 MiB, authenticates in exactly one explicit way, and never repeats a request
// that may have been received (a code and a rotating refresh token work once).
package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"pie/backend/fault"
	"pie/backend/secret"
)

// Client is an OAuth app registered at a provider.
type Client struct {
	ID     string
	Secret secret.String // empty for a public client
}

// Token is a token endpoint's answer.
type Token struct {
	Access    secret.String
	Refresh   secret.String
	Scopes    []string   // nil when the answer did not say
	ExpiresAt *time.Time // nil when no life is known
	Keep      map[string]string
	Ahead     time.Duration // how far this computer's clock was ahead of the server's, 0 when not known; not stored
}

// storedToken is the form that is sealed; nothing else writes a token as text.
type storedToken struct {
	Access    string            `json:"access"`
	Refresh   string            `json:"refresh,omitempty"`
	Scopes    []string          `json:"scopes"`
	ExpiresAt *time.Time        `json:"expires_at"`
	Keep      map[string]string `json:"keep,omitempty"`
}

// Encode writes the token with its secrets, for sealing only.
func (t *Token) Encode() ([]byte, error) {
	raw, err := json.Marshal(storedToken{t.Access.Reveal(), t.Refresh.Reveal(), t.Scopes, t.ExpiresAt, t.Keep})
	if err != nil {
		return nil, fmt.Errorf("encoding token: %w", err)
	}
	return raw, nil
}

// DecodeToken reads what Encode wrote.
func DecodeToken(raw []byte) (*Token, error) {
	var s storedToken
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("decoding token: %w", err)
	}
	return &Token{Access: secret.New(s.Access), Refresh: secret.New(s.Refresh), Scopes: s.Scopes, ExpiresAt: s.ExpiresAt, Keep: s.Keep}, nil
}

// Class is the meaning of a failed request for the connection.
type Class string

// The classes. Only lost and malformed leave it open whether the server acted.
const (
	ClassInvalidGrant  Class = "invalid_grant"  // sign in again
	ClassInvalidClient Class = "invalid_client" // client id or secret is wrong
	ClassRejected      Class = "rejected"       // another refusal
	ClassServer        Class = "server"         // 5xx
	ClassLimited       Class = "limited"        // 429
	ClassLost          Class = "lost"           // sent, no whole answer
	ClassUnsent        Class = "unsent"         // never reached the server
	ClassMalformed     Class = "malformed"      // an answer that makes no sense
)

// Error is a failed request to a token endpoint. It wraps a fault for people.
type Error struct {
	Class      Class
	OAuthCode  string        // the error parameter, cleaned
	RetryAfter time.Duration // from the header, 0 when not given
	Err        error
}

// Error returns the fault's text.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the fault.
func (e *Error) Unwrap() error { return e.Err }

// ClassOf returns the class of a failed request, "" when err is none.
func ClassOf(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return ""
}

func failed(class Class, code fault.Code, message, hint string, cause error) *Error {
	return &Error{Class: class, Err: fault.Wrap(cause, code, message, hint)}
}
