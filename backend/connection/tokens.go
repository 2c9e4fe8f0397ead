package connection

import (
	"bytes"
	"sync"

	"pie/backend/oauth"
)

// tokens are those that one run has used. Its scrubber knows their values anyway,
// and they go with the run. A nil one remembers nothing.
type tokens struct {
	mu    sync.Mutex
	known map[string]read // by connection id
}

type read struct {
	sealed []byte
	token  *oauth.Token
}

// decode gives the token that plain holds, which the vault has just opened from
// sealed. Nobody changes a token that came from here.
func (k *tokens) decode(id string, sealed, plain []byte) (*oauth.Token, error) {
	if k == nil {
		return oauth.DecodeToken(plain)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if last, found := k.known[id]; found && bytes.Equal(last.sealed, sealed) {
		return last.token, nil
	}
	token, err := oauth.DecodeToken(plain)
	if err != nil {
		return nil, err
	}
	if k.known == nil {
		k.known = map[string]read{}
	}
	k.known[id] = read{sealed, token}
	return token, nil
}
