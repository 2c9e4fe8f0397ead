package oauthtest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// Grants is a small well-behaved authorization server and API that counts how
// often each refresh token comes. A used one is taken again only while its answer
// may have been lost: as long as what it gave has not been used. It serves
// /authorize (which consents at once), /token, /revoke and /api.
type Grants struct {
	Uses   int  // requests that an access token is good for, 2 when zero
	Strict bool // a used refresh token ends the whole grant, lost answer or not

	mu     sync.Mutex
	next   int
	access map[string]int    // token -> requests left
	given  map[string]string // used refresh token -> the one it gave
	sends  map[string]int    // refresh token -> how often it came
	live   map[string]bool   // refresh tokens that count
}

// Sends returns how often each refresh token came.
func (g *Grants) Sends() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.sends)
}

// ServeHTTP answers one request.
func (g *Grants) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.access == nil {
		g.access, g.given, g.sends, g.live = map[string]int{}, map[string]string{}, map[string]int{}, map[string]bool{}
	}
	switch r.URL.Path {
	case "/authorize":
		to, err := url.Parse(r.URL.Query().Get("redirect_uri"))
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		to.RawQuery = url.Values{"code": {"code"}, "state": {r.URL.Query().Get("state")}}.Encode()
		w.Header().Set("Location", to.String())
		w.WriteHeader(http.StatusFound)
	case "/token":
		g.token(w, r)
	case "/revoke":
		delete(g.live, r.FormValue("token"))
	case "/api":
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		if g.access[token] == 0 {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		g.access[token]--
		_, _ = io.WriteString(w, `[]`)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (g *Grants) token(w http.ResponseWriter, r *http.Request) {
	old := r.FormValue("refresh_token")
	if r.FormValue("grant_type") == "refresh_token" {
		g.sends[old]++
		newer, used := g.given[old]
		if !g.live[old] && (!used || !g.live[newer] || g.Strict) {
			delete(g.live, newer)
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
			return
		}
		delete(g.live, old)
		delete(g.live, newer)
	}
	g.next++
	access, refresh := fmt.Sprintf("access-token-%d", g.next), fmt.Sprintf("refresh-token-%d", g.next)
	if old != "" {
		g.given[old] = refresh
	}
	g.access[access], g.live[refresh] = g.uses(), true
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": 3600})
}

func (g *Grants) uses() int {
	if g.Uses == 0 {
		return 2
	}
	return g.Uses
}

// Package is an agent, as the text of a .pie file, whose custom provider is a
// Grants at origin and whose handler asks its API n times.
func (g *Grants) Package(name, origin string, n int) string {
	return fmt.Sprintf(`---
name: %[1]s
version: 1.0.0
manifest:
  oauth:
    provider: custom
    providerName: Grants
    authorizationUrl: %[2]s/authorize
    tokenUrl: %[2]s/token
    revokeUrl: %[2]s/revoke
    tokenAuth: none
    scopes: []
    clientIdSecret: ID
  developerSecrets:
    ID: { description: id, required: true }
---
async function handler(input, context) {
  for (let i = 0; i < %[3]d; i++) {
    const r = await context.oauth.fetch(%[2]q + '/api');
    if (!r.ok) throw new Error('status ' + r.status);
  }
}
`, name, origin, n)
}
