package practice_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"pie/backend/practice"
)

const redirect = "http://127.0.0.1:5/api/oauth/plugin/notes/callback"

var verifier = strings.Repeat("v", 43)

// clock is a time that tests move by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

// rig is a server with a plain client that follows nothing.
type rig struct {
	*practice.Server
	t    *testing.T
	http *http.Client
}

func start(t *testing.T, o practice.Options) *rig {
	t.Helper()
	s, err := practice.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &rig{s, t, &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

type answer struct {
	status int
	header http.Header
	body   string
	json   map[string]any
}

func (r *rig) text(key string, a answer) string {
	value, _ := a.json[key].(string)
	return value
}

// send performs a request; edit may change it first.
func (r *rig) send(method, path string, body io.Reader, edit func(*http.Request)) (answer, error) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, r.URL()+path, body)
	if err != nil {
		return answer{}, err
	}
	if edit != nil {
		edit(request)
	}
	res, err := r.http.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	a := answer{status: res.StatusCode, header: res.Header, body: string(raw)}
	_ = json.Unmarshal(raw, &a.json)
	return a, err
}

func (r *rig) must(method, path string, body io.Reader, edit func(*http.Request)) answer {
	r.t.Helper()
	a, err := r.send(method, path, body, edit)
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

func asForm(request *http.Request) {
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
}

func (r *rig) post(path string, form url.Values) answer {
	r.t.Helper()
	return r.must(http.MethodPost, path, strings.NewReader(form.Encode()), asForm)
}

func (r *rig) api(method, path, token, body string) answer {
	r.t.Helper()
	return r.must(method, path, strings.NewReader(body), func(request *http.Request) {
		request.Header.Set("Authorization", "Bearer "+token)
		request.Header.Set("Content-Type", "application/json")
	})
}

// question is a whole authorization request; change replaces fields.
func question(change url.Values) url.Values {
	sum := sha256.Sum256([]byte(verifier))
	query := url.Values{
		"response_type": {"code"}, "client_id": {"pie-practice"}, "redirect_uri": {redirect},
		"scope": {"notes.read notes.write"}, "state": {"the state"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	maps.Copy(query, change)
	return query
}

// consent lets the person answer and returns the callback's query.
func (r *rig) consent(ctx context.Context, change url.Values, scopes []string, allow bool) url.Values {
	r.t.Helper()
	callback, err := practice.Consent(ctx, r.http, r.URL()+"/authorize?"+question(change).Encode(), scopes, allow)
	if err != nil {
		r.t.Fatal(err)
	}
	u, err := url.Parse(callback)
	if err != nil {
		r.t.Fatal(err)
	}
	return u.Query()
}

func exchangeForm(code string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"pie-practice"}, "code": {code},
		"redirect_uri": {redirect}, "code_verifier": {verifier},
	}
}

func refreshForm(token string) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "client_id": {"pie-practice"}, "refresh_token": {token}}
}

// signIn goes the whole way and returns the token answer.
func (r *rig) signIn(scopes []string) answer {
	r.t.Helper()
	a := r.post("/token", exchangeForm(r.consent(r.t.Context(), nil, scopes, true).Get("code")))
	if a.status != http.StatusOK {
		r.t.Fatalf("exchange answered %d %s", a.status, a.body)
	}
	return a
}

func (r *rig) refused(what string, a answer, status int, code string) {
	r.t.Helper()
	if a.status != status || r.text("error", a) != code {
		r.t.Errorf("%s: got %d %s, want %d %s", what, a.status, a.body, status, code)
	}
}
