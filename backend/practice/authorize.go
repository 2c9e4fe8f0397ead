package practice

import (
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"pie/backend/paths"
	"pie/backend/secret"
)

const (
	requestLife  = 10 * time.Minute
	codeLife     = time.Minute
	mostRequests = 200
)

// request is a consent page that waits for its answer.
type request struct {
	token     string // hash of the form's one-time token
	redirect  *url.URL
	agent     string
	scopes    []string
	state     string
	challenge string
	expiresAt time.Time
}

// code is what an allowed request waits to be exchanged with.
type code struct {
	request
	account string
}

var (
	challengeForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	callbackForm  = regexp.MustCompile(`^/api/oauth/[A-Za-z0-9._/-]{1,200}$`)
	agentForm     = regexp.MustCompile(`^/api/oauth/plugin/([^/]+)/`)
)

// authorize checks an authorization request and shows the consent page. Where
// the client or the redirect address is wrong nothing is sent anywhere (RFC 6749,
// section 4.1.2.1); other mistakes go back to the client.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		s.complain(w, http.StatusBadRequest, "The address of this page cannot be read.")
		return
	}
	if twice(query) != "" {
		s.complain(w, http.StatusBadRequest, "The address of this page says the same thing twice.")
		return
	}
	if query.Get("client_id") != clientID {
		s.complain(w, http.StatusBadRequest, "The practice provider knows one client only, and its id is "+clientID+".")
		return
	}
	redirect, ok := parseRedirect(query.Get("redirect_uri"))
	if !ok {
		s.complain(w, http.StatusBadRequest, "The redirect address is not one of PIE Desktop's, so nothing is sent there.")
		return
	}
	req := request{
		redirect: redirect, agent: agentOf(redirect.Path), state: query.Get("state"),
		challenge: query.Get("code_challenge"), expiresAt: s.now().Add(requestLife),
	}
	if problem := req.read(query); problem != "" {
		s.answer(w, req, url.Values{"error": {problem}})
		return
	}
	token := randomToken("")
	req.token = hashOf(token)
	s.await(req)
	s.consentPage(w, req, token)
}

// read takes what may be wrong in a way that the client is told about.
func (req *request) read(query url.Values) (problem string) {
	if query.Get("response_type") != "code" {
		return "unsupported_response_type"
	}
	if query.Get("code_challenge_method") != "S256" || !challengeForm.MatchString(req.challenge) {
		return "invalid_request"
	}
	for scope := range strings.FieldsSeq(query.Get("scope")) {
		if !slices.Contains(scopeIDs(), scope) {
			return "invalid_scope"
		}
		if !slices.Contains(req.scopes, scope) {
			req.scopes = append(req.scopes, scope)
		}
	}
	if len(req.scopes) == 0 {
		req.scopes = scopeIDs()[:1]
	}
	return ""
}

// parseRedirect takes the three forms of PIE Desktop's redirect addresses.
func parseRedirect(raw string) (*url.URL, bool) {
	u, err := url.Parse(raw)
	if err != nil || u.User != nil || u.Opaque != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.RawPath != "" ||
		!callbackForm.MatchString(u.Path) || path.Clean(u.Path) != u.Path || strings.HasSuffix(raw, "#") {
		return nil, false
	}
	switch u.Scheme {
	case paths.AppID:
		return u, u.Host == ""
	case "http":
		return u, u.Hostname() == "127.0.0.1"
	case "https":
		return u, u.Host == "localhost"
	}
	return nil, false
}

// agentOf names the agent in a callback's path; empty for an app of the person's
// own, which several agents may use.
func agentOf(callback string) string {
	if m := agentForm.FindStringSubmatch(callback); m != nil {
		return m[1]
	}
	return ""
}

// await keeps the request until it is answered, too old, or one too many.
func (s *Server) await(req request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.requests = slices.DeleteFunc(s.requests, func(r request) bool { return now.After(r.expiresAt) })
	if over := len(s.requests) + 1 - mostRequests; over > 0 {
		s.requests = slices.Delete(s.requests, 0, over)
	}
	s.requests = append(s.requests, req)
}

// claim takes the request that the form's token stands for; each works once.
func (s *Server) claim(token secret.String) (request, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hash := hashOf(token)
	i := slices.IndexFunc(s.requests, func(r request) bool { return r.token == hash })
	if i < 0 {
		return request{}, false
	}
	req := s.requests[i]
	s.requests = slices.Delete(s.requests, i, i+1)
	return req, !s.now().After(req.expiresAt)
}

// decide takes the answer of the consent page.
func (s *Server) decide(w http.ResponseWriter, r *http.Request) {
	if s.foreign(r) {
		s.complain(w, http.StatusForbidden, "This answer came from another page, so it does not count.")
		return
	}
	values, no := form(r, "scope")
	if no != nil {
		s.complain(w, no.status, no.text)
		return
	}
	req, ok := s.claim(secret.New(values.Get("request")))
	if !ok {
		s.complain(w, http.StatusGone, "This question has been answered already, or it has waited too long.")
		return
	}
	var chosen []string
	for _, scope := range req.scopes {
		if slices.Contains(values["scope"], scope) {
			chosen = append(chosen, scope)
		}
	}
	if values.Get("decision") != "allow" || len(chosen) == 0 {
		s.answer(w, req, url.Values{"error": {"access_denied"}})
		return
	}
	req.scopes = chosen
	s.answer(w, req, url.Values{"code": {s.newCode(req, values.Get("account")).Reveal()}})
}

func (s *Server) newCode(req request, account string) secret.String {
	token := randomToken("practice_code_")
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for hash, old := range s.codes {
		if now.After(old.expiresAt) {
			delete(s.codes, hash)
		}
	}
	req.expiresAt = now.Add(codeLife)
	s.codes[hashOf(token)] = code{req, personOf(account).ID}
	s.stats.Authorizations++
	return token
}

// answer sends the browser back with the values, the state and the issuer
// (RFC 9207).
func (s *Server) answer(w http.ResponseWriter, req request, values url.Values) {
	if req.state != "" {
		values.Set("state", req.state)
	}
	values.Set("iss", s.url)
	if s.take(FaultWrongIssuer) {
		values.Set("iss", "https://elsewhere.invalid")
	}
	target := *req.redirect
	target.RawQuery = values.Encode()
	w.Header().Set("Location", target.String())
	w.WriteHeader(http.StatusSeeOther)
}
