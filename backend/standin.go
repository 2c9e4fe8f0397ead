package backend

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"pie/backend/agent"
	"pie/backend/cassette"
	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth"
	"pie/backend/plugin"
	"pie/backend/practice"
	"pie/backend/provider"
	"pie/backend/secret"
)

// standIn answers for an agent's services with the practice service: access is
// granted, checked, refreshed and refused there, with the mistakes that are
// switched on. It knows notes and whose account it is; for anything else the
// agent gets what a recording in its folder has.
type standIn struct {
	server   *practice.Server
	provider provider.Provider
	client   oauth.Client
	agent    *plugin.Package
	http     *oauth.HTTP
	plain    *http.Client

	mu    sync.Mutex
	token *oauth.Token
}

const (
	standInTime = 10 * time.Second
	mostAnswer  = 10 << 20
)

func (b *Backend) standIn(ctx context.Context, p *plugin.Package) (*standIn, error) {
	server, err := b.Practice(ctx)
	if err != nil {
		return nil, err
	}
	return &standIn{
		server: server, provider: provider.Practice(server.URL()), client: oauth.Client{ID: server.ClientID(), Secret: server.ClientSecret()},
		agent: p, http: oauth.NewHTTP(oauth.HTTPOptions{Transport: connection.TokenTransport()}),
		plain: &http.Client{Timeout: standInTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

// access signs in at the practice service as its person would, once.
func (s *standIn) access(ctx context.Context) (*oauth.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token != nil {
		return s.token, nil
	}
	scopes := []string{}
	for _, scope := range s.provider.Scopes.Items {
		scopes = append(scopes, scope.ID)
	}
	flow, address, err := oauth.Begin(s.provider, s.client, oauth.BeginOptions{
		RedirectURI: "https://localhost/api/oauth/plugin/" + s.agent.Name + "/callback", Kind: "paste", Scopes: scopes, Now: time.Now(),
	})
	if err != nil {
		return nil, err
	}
	link, err := practice.Consent(ctx, s.plain, address, nil, true)
	if err != nil {
		return nil, err
	}
	callback, err := oauth.ParseCallback(link)
	if err == nil {
		err = flow.Check(callback, time.Now())
	}
	if err != nil {
		return nil, err
	}
	s.token, err = s.http.Exchange(ctx, s.provider, s.client, flow, callback.Code)
	return s.token, err
}

// renew refreshes the access that was refused.
func (s *standIn) renew(ctx context.Context, old *oauth.Token) (*oauth.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token != old {
		return s.token, nil
	}
	fresh, err := s.http.Refresh(ctx, s.provider, s.client, old)
	if err != nil {
		return nil, fault.Wrap(err, fault.Reconnect, "The practice service takes the access no longer.", "Start again: a new one is granted then.")
	}
	s.token = fresh
	return fresh, nil
}

// fetch sends to the practice service what it knows. Of anything else it asks
// there whether the access is good; recorded says what the service would answer.
func (s *standIn) fetch(ctx context.Context, r agent.Request, recorded func() (cassette.Answer, error)) (cassette.Answer, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Host == "" {
		return cassette.Answer{}, fault.New(fault.Invalid, "The address of the request is not whole.", "An agent asks for whole addresses such as https://api.example.com/items.")
	}
	method, path, body, own := r.Method, u.Path, r.Body, u.Path == "/notes" || u.Path == "/userinfo"
	if !own {
		method, path, body = http.MethodGet, "/notes", nil
	}
	token, err := s.access(ctx)
	if err != nil {
		return cassette.Answer{}, err
	}
	answer, err := s.send(ctx, method, path, body, token.Access)
	if err == nil && answer.Status == http.StatusUnauthorized {
		if token, err = s.renew(ctx, token); err == nil {
			answer, err = s.send(ctx, method, path, body, token.Access)
		}
	}
	if err != nil || own || answer.Status != http.StatusOK {
		return answer, err
	}
	if known, err := recorded(); err == nil {
		return known, nil
	}
	text := fmt.Sprintf(`{"error":"not_found","message":"The practice service stands in for %s and has no %s %s. Write what it answers into a recording in cassettes."}`, u.Host, r.Method, u.Path)
	return cassette.Answer{Status: http.StatusNotFound, Headers: map[string]string{"content-type": "application/json"}, Body: cassette.NewBody([]byte(text))}, nil
}

func (s *standIn) send(ctx context.Context, method, path string, body []byte, token secret.String) (cassette.Answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.server.URL()+path, bytes.NewReader(body))
	if err != nil {
		return cassette.Answer{}, fault.Wrap(err, fault.Invalid, "The agent made a request that cannot be sent.", "Correct its method.")
	}
	r.Header.Set("Authorization", "Bearer "+token.Reveal())
	r.Header.Set("Content-Type", "application/json")
	res, err := s.plain.Do(r)
	if err != nil {
		return cassette.Answer{}, fault.Wrap(err, fault.Offline, "The practice service does not answer.", "Try again.")
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if err != nil {
		return cassette.Answer{}, fault.Wrap(err, fault.Offline, "The answer of the practice service broke off.", "Try again.")
	}
	headers := map[string]string{}
	for name := range res.Header {
		headers[strings.ToLower(name)] = res.Header.Get(name)
	}
	clean := secret.NewScrubber(token)
	return cassette.Answer{Status: res.StatusCode, Headers: headers, Body: cassette.NewBody(clean.Bytes(raw))}, nil
}

// told is what the code may know of the pretended connection.
func (s *standIn) told(service string) agent.Connection {
	out := agent.Connection{Connected: true, Account: &agent.Account{ID: "home", Label: "robin@home.example"}, APIBase: s.server.URL()}
	if block := s.agent.Services()[service]; block != nil {
		out.Scopes = block.Scopes
	}
	return out
}
