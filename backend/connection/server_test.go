package connection_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"pie/backend/oauth/oauthtest"
	"pie/backend/provider"
)

// pretend is an authorization server with an API that keeps to the rules: codes
// once, PKCE, redirect address and client compared, refresh tokens rotated, and
// a used one ends its family.
type pretend struct {
	*httptest.Server

	mu       sync.Mutex
	codes    map[string]grant
	refresh  map[string]*family
	access   map[string]*family
	issued   []string       // every token and code ever made
	sent     []string       // refresh tokens in the order they came
	life     any            // expires_in
	extra    map[string]any // in every token answer
	scope    func(asked string) string
	account  string
	norefr   bool
	deny     string                                            // error to come back with
	iss      func(iss string) string                           // "" leaves it out
	atToken  func(w http.ResponseWriter, r *http.Request) bool // before anything else; true when it has answered
	afterTok func(w http.ResponseWriter) bool                  // the request was processed; true when it has answered
	revoked  []string
	revoke   int
	atRevoke func(w http.ResponseWriter, r *http.Request) bool // before anything else; true when it has answered
	posts    int
	api      http.HandlerFunc // "/api/", after the token was checked
	seen     []*http.Request  // at the API
	now      func() time.Time // the server's clock
}

type grant struct{ client, redirect, challenge, scope, account string }

type family struct {
	client, account, scope string
	dead                   bool
}

func newPretend(tb testing.TB) *pretend {
	tb.Helper()
	p := &pretend{
		codes: map[string]grant{}, refresh: map[string]*family{}, access: map[string]*family{}, life: 3600, account: "ann",
		scope: func(asked string) string { return asked }, iss: func(iss string) string { return iss }, revoke: http.StatusOK,
		now: time.Now,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/authorize", p.authorize)
	mux.HandleFunc("/token", p.token)
	mux.HandleFunc("/revoke", p.takeBack)
	mux.HandleFunc("/userinfo", p.guarded(func(w http.ResponseWriter, r *http.Request) {
		f := p.familyOf(r)
		_ = json.NewEncoder(w).Encode(map[string]string{"sub": f.account, "email": f.account + "@example.com"})
	}))
	mux.HandleFunc("/api/", p.guarded(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.seen = append(p.seen, r.Clone(r.Context()))
		api := p.api
		p.mu.Unlock()
		if api != nil {
			api(w, r)
			return
		}
		_, _ = io.WriteString(w, `{"ok":true}`)
	}))
	p.Server = oauthtest.Alone(tb, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", with(p, func() time.Time { return p.now() }).UTC().Format(http.TimeFormat))
		mux.ServeHTTP(w, r)
	}))
	tb.Cleanup(p.CloseClientConnections)
	return p
}

func (p *pretend) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// with reads under the lock.
func with[T any](p *pretend, read func() T) T {
	p.mu.Lock()
	defer p.mu.Unlock()
	return read()
}

func (p *pretend) provider() provider.Provider {
	return provider.Provider{
		ID: "pretend", Name: "Pretend", Links: provider.Links{Manage: "https://pretend.example/apps"},
		Endpoints: provider.Endpoints{
			Issuer: p.URL, IssuerPromise: true, Authorization: p.URL + "/authorize", Token: p.URL + "/token",
			Revocation: provider.Revocation{URL: p.URL + "/revoke", Method: "rfc7009"},
		},
		Client: provider.Client{Auth: []string{"post"}, Body: "form"}, PKCE: provider.PKCE{Mode: "required"},
		Redirect: provider.Redirect{CustomScheme: true, HTTPS: true, Loopback: provider.Loopback{Port: "any", Host: "127.0.0.1"}},
		Scopes:   provider.Scopes{Param: "scope", Separator: " ", Items: []provider.Scope{{ID: "read", Label: "Read notes"}, {ID: "write", Label: "Write notes"}}},
		API:      provider.API{Hosts: []string{p.URL}, HeaderPrefix: "Bearer", ReadPosts: []string{"/api/search"}},
		Identity: provider.Identity{URL: p.URL + "/userinfo", ID: "/sub", Label: []string{"/email"}},
		Lifetime: provider.Lifetime{Refresh: "rotates"},
	}
}

// fresh makes a value with the characters that encodings differ in.
func (p *pretend) fresh(kind string) string {
	raw := make([]byte, 24)
	_, _ = rand.Read(raw)
	text := kind + ".Kj/" + base64.RawURLEncoding.EncodeToString(raw) + "+~x"
	p.issued = append(p.issued, text)
	return text
}

// authorize stands for the person saying yes, and sends the browser back.
func (p *pretend) authorize(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := r.URL.Query()
	back := url.Values{"state": {q.Get("state")}}
	if iss := p.iss(p.URL); iss != "" {
		back.Set("iss", iss)
	}
	if p.deny != "" {
		back.Set("error", p.deny)
	} else {
		code := p.fresh("code")
		p.codes[code] = grant{q.Get("client_id"), q.Get("redirect_uri"), q.Get("code_challenge"), q.Get("scope"), p.account}
		back.Set("code", code)
	}
	w.Header().Set("Location", q.Get("redirect_uri")+"?"+back.Encode())
	w.WriteHeader(http.StatusFound)
}

func (p *pretend) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.posts++
	hook := p.atToken
	p.mu.Unlock()
	_ = r.ParseForm()
	if r.PostForm.Get("grant_type") == "refresh_token" {
		p.set(func() { p.sent = append(p.sent, r.PostForm.Get("refresh_token")) })
	}
	if hook != nil && hook(w, r) {
		return
	}
	p.mu.Lock()
	status, answer := p.issue(r.PostForm)
	after := p.afterTok
	p.mu.Unlock()
	if after != nil && after(w) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

func refusal(code string) (int, map[string]any) {
	return http.StatusBadRequest, map[string]any{"error": code, "error_description": "canary-description"}
}

func (p *pretend) issue(form url.Values) (int, map[string]any) {
	if form.Get("client_secret") != "s3cret/of+"+form.Get("client_id") {
		return refusal("invalid_client")
	}
	var f *family
	switch form.Get("grant_type") {
	case "authorization_code":
		g, ok := p.codes[form.Get("code")]
		delete(p.codes, form.Get("code"))
		sum := sha256.Sum256([]byte(form.Get("code_verifier")))
		if !ok || g.client != form.Get("client_id") || g.redirect != form.Get("redirect_uri") || g.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
			return refusal("invalid_grant")
		}
		f = &family{client: g.client, account: g.account, scope: p.scope(g.scope)}
	case "refresh_token":
		f = p.refresh[form.Get("refresh_token")]
		if f == nil || f.dead || f.client != form.Get("client_id") {
			return refusal("invalid_grant")
		}
		if p.refresh[form.Get("refresh_token")+" used"] != nil {
			f.dead = true
			return refusal("invalid_grant")
		}
		p.refresh[form.Get("refresh_token")+" used"] = f
	default:
		return refusal("unsupported_grant_type")
	}
	access, refresh := p.fresh("at"), p.fresh("rt")
	p.access[access], p.refresh[refresh] = f, f
	answer := map[string]any{"access_token": access, "token_type": "Bearer", "scope": f.scope}
	maps.Copy(answer, p.extra)
	if !p.norefr {
		answer["refresh_token"] = refresh
	}
	if p.life != nil {
		answer["expires_in"] = p.life
	}
	return http.StatusOK, answer
}

func (p *pretend) takeBack(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	if hook := with(p, func() func(http.ResponseWriter, *http.Request) bool { return p.atRevoke }); hook != nil && hook(w, r) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	token := r.PostForm.Get("token")
	p.revoked = append(p.revoked, token)
	for _, f := range []*family{p.refresh[token], p.access[token]} {
		if f != nil && p.revoke == http.StatusOK {
			f.dead = true
		}
	}
	w.WriteHeader(p.revoke)
}

func (p *pretend) familyOf(r *http.Request) *family {
	p.mu.Lock()
	defer p.mu.Unlock()
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if f := p.access[token]; ok && f != nil && !f.dead {
		return f
	}
	return nil
}

func (p *pretend) guarded(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if p.familyOf(r) == nil {
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

// expireAccess makes every access token worthless, as a server may at any time.
func (p *pretend) expireAccess() { p.set(func() { clear(p.access) }) }

// visit is a browser that is sent to address: it returns where it is sent back.
func visit(address string) (string, error) {
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(address)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusFound {
		return "", fmt.Errorf("the page answered %d", res.StatusCode)
	}
	return res.Header.Get("Location"), nil
}
