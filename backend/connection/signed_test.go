package connection_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"

	"pie/backend/connection"
	"pie/backend/fault"
)

// TestSignedCallback: where a service signs what comes back, a code without the
// signature, or with another's, is not exchanged; and the person's own page, which
// would leave the signature out, is not used.
func TestSignedCallback(t *testing.T) {
	t.Parallel()
	sign := func(q url.Values, key string) {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(q.Encode())) // which is in order
		q.Set("hmac", hex.EncodeToString(mac.Sum(nil)))
	}
	for name, c := range map[string]struct {
		change func(q url.Values, key string)
		good   bool
	}{
		"signed":             {sign, true},
		"not signed":         {func(url.Values, string) {}, false},
		"by somebody else":   {func(q url.Values, _ string) { sign(q, "guessed") }, false},
		"code changed after": {func(q url.Values, key string) { sign(q, key); q.Set("code", "injected") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(d *connection.Deps) { d.Relay = func() string { return "https://you.example/pie" } })
			key := ""
			w.agents.change("mail", "default", func(s *connection.Service) {
				s.Provider.Callback.HMAC, key = "hmac", s.Client.Secret.Reveal()
			})
			w.browse(func(m *connection.Manager, address string) {
				back, err := visit(address)
				if err != nil || !strings.HasPrefix(back, "https://localhost/") {
					t.Errorf("came back to %s, %v", back, err)
				}
				at, query, _ := strings.Cut(back, "?")
				values, _ := url.ParseQuery(query)
				c.change(values, key)
				hand(m, at+"?"+values.Encode())
			})
			got, err := w.m.Connect(context.Background(), connection.Request{Agent: "mail", Redirect: "paste"})
			posts := with(w.service, func() int { return w.service.posts })
			if c.good {
				if err != nil || got.Status != connection.Connected || posts != 1 {
					t.Errorf("%+v, %v, %d requests", got, err, posts)
				}
				return
			}
			if !fault.Is(err, fault.Denied) || posts != 0 || w.state().Status != connection.NotConnected {
				t.Errorf("got %v, %d requests at the token address", err, posts)
			}
		})
	}
}
