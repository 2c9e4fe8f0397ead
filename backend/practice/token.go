package practice

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"pie/backend/secret"
)

var verifierForm = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)

// tokens is a successful answer of the token endpoint before it is written.
type tokens struct {
	access  secret.String
	refresh secret.String
	scopes  []string
	lost    bool // it happened, and nobody hears of it
}

func refuse(code, text string) *refusal { return &refusal{http.StatusBadRequest, code, text} }

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	values, no := s.client(w, r)
	if no != nil {
		no.write(w)
		return
	}
	if s.misbehave(w, r) {
		return
	}
	var out tokens
	switch values.Get("grant_type") {
	case "authorization_code":
		out, no = s.exchange(values)
	case "refresh_token":
		out, no = s.refresh(values)
	default:
		no = refuse("unsupported_grant_type", "Use authorization_code or refresh_token.")
	}
	if no != nil {
		no.write(w)
		return
	}
	if out.lost {
		panic(http.ErrAbortHandler) // the connection is cut without an answer
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"access_token": out.access.Reveal(), "token_type": "Bearer", "expires_in": int(s.life / time.Second),
		"refresh_token": out.refresh.Reveal(), "scope": strings.Join(out.scopes, " "),
	})
}

// misbehave answers in the request's place where a switch says so.
func (s *Server) misbehave(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case s.take(FaultServerError):
		(&refusal{http.StatusInternalServerError, "server_error", "The practice provider fails on purpose."}).write(w)
	case s.take(FaultRateLimit):
		w.Header().Set("Retry-After", "2")
		(&refusal{http.StatusTooManyRequests, "temporarily_unavailable", "The practice provider wants a pause on purpose."}).write(w)
	case s.take(FaultMalformed):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!doctype html><title>Welcome</title><p>Please accept the terms of this network."))
	case s.take(FaultSlow):
		timer := time.NewTimer(s.slow)
		defer timer.Stop()
		select {
		case <-timer.C:
			return false
		case <-r.Context().Done():
		}
	default:
		return false
	}
	return true
}

// client reads the form and holds the client to one way of authenticating. The
// one client is public: it need not send its secret, but a wrong one is refused.
func (s *Server) client(w http.ResponseWriter, r *http.Request) (url.Values, *refusal) {
	values, no := form(r)
	if no != nil {
		return nil, no
	}
	id, password := values.Get("client_id"), values.Get("client_secret")
	if user, pass, basic := r.BasicAuth(); basic {
		if password != "" || id != "" && id != user {
			return nil, refuse("invalid_request", "The client authenticates in two ways at once.")
		}
		// RFC 6749, section 2.3.1: both parts are form-encoded.
		var first, second error
		id, first = url.QueryUnescape(user)
		password, second = url.QueryUnescape(pass)
		if first != nil || second != nil {
			id = ""
		}
	}
	if id != clientID || password != "" && !s.secret.Equal(secret.New(password)) {
		w.Header().Set("WWW-Authenticate", `Basic realm="practice"`)
		return nil, &refusal{http.StatusUnauthorized, "invalid_client", "The client id or the client secret is wrong."}
	}
	return values, nil
}

// exchange turns a code into a grant. A code that comes again ends what it gave
// (RFC 6749, section 4.1.2).
func (s *Server) exchange(values url.Values) (out tokens, no *refusal) {
	hash := hashOf(secret.New(values.Get("code")))
	err := s.change(func(st *state) {
		c, waiting := s.codes[hash]
		delete(s.codes, hash)
		if !waiting {
			if ended := st.end(func(g *grant) bool { return g.Code == hash }); ended > 0 {
				s.stats.Replays++
				s.stats.Revocations += ended
			}
			no = refuse("invalid_grant", "The code is not known or was used before.")
			return
		}
		if no = c.check(values, s.now()); no != nil {
			return
		}
		g := &grant{
			ID: randomToken("").Reveal()[:16], Account: c.account, Agent: c.agent, Scopes: c.scopes,
			CreatedAt: s.now().UTC(), Code: hash,
		}
		out = tokens{access: g.issue(g.Scopes, s.now(), s.life), refresh: g.rotate(), scopes: g.Scopes}
		st.add(g)
		s.stats.Exchanges++
	})
	if err != nil {
		return tokens{}, internal()
	}
	return out, no
}

// check holds the exchange to what was asked for at the beginning.
func (c code) check(values url.Values, now time.Time) *refusal {
	if now.After(c.expiresAt) {
		return refuse("invalid_grant", "The code is older than 60 seconds.")
	}
	if values.Get("redirect_uri") != c.redirect.String() {
		return refuse("invalid_grant", "The redirect address is not the one of the authorization request.")
	}
	verifier := values.Get("code_verifier")
	sum := sha256.Sum256([]byte(verifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	if !verifierForm.MatchString(verifier) || subtle.ConstantTimeCompare([]byte(challenge), []byte(c.challenge)) != 1 {
		return refuse("invalid_grant", "The code verifier does not fit the code challenge.")
	}
	return nil
}

// refresh rotates. A used refresh token ends the grant (RFC 9700, section 4.14.2).
func (s *Server) refresh(values url.Values) (out tokens, no *refusal) {
	hash := hashOf(secret.New(values.Get("refresh_token")))
	err := s.change(func(st *state) {
		g := st.find(func(g *grant) bool { return g.knows(hash) })
		if g == nil {
			no = refuse("invalid_grant", "The refresh token is not known, or its access was taken back.")
			return
		}
		if g.Refresh != hash && g.Grace != hash {
			s.stats.Replays++
			s.stats.Revocations += st.end(func(other *grant) bool { return other == g })
			no = refuse("invalid_grant", "The refresh token was used before, so its access is taken back.")
			return
		}
		scopes, ok := narrowed(g.Scopes, values.Get("scope"))
		if !ok {
			no = refuse("invalid_scope", "A renewal cannot ask for more than was consented to.")
			return
		}
		out = s.rotated(g, hash, scopes, secret.New(values.Get("refresh_token")))
	})
	if err != nil {
		return tokens{}, internal()
	}
	return out, no
}

// rotated makes the new tokens, spoilt where a switch says so. It runs under the
// lock.
func (s *Server) rotated(g *grant, hash string, scopes []string, old secret.String) tokens {
	g.Grace = ""
	out := tokens{access: g.issue(scopes, s.now(), s.life), refresh: g.rotate(), scopes: scopes}
	g.Refreshes++
	s.stats.Refreshes++
	switch {
	case s.takeLocked(FaultRefreshLost):
		out.lost = true
	case s.takeLocked(FaultRefreshGrace):
		out.lost, g.Grace = true, hash
	case s.takeLocked(FaultReuse):
		out.refresh = old
	}
	return out
}

// narrowed is what a renewal asks for: all when it names nothing.
func narrowed(granted []string, asked string) ([]string, bool) {
	wanted := strings.Fields(asked)
	if len(wanted) == 0 {
		return granted, true
	}
	for _, scope := range wanted {
		if !slices.Contains(granted, scope) {
			return nil, false
		}
	}
	slices.Sort(wanted)
	return slices.Compact(wanted), true
}

// revoke takes back a grant by its refresh token, or one access token. An
// unknown token is a success: there is nothing left to take back (RFC 7009,
// section 2.2).
func (s *Server) revoke(w http.ResponseWriter, r *http.Request) {
	values, no := s.client(w, r)
	if no == nil && values.Get("token") == "" {
		no = refuse("invalid_request", "The field token is missing.")
	}
	if no != nil {
		no.write(w)
		return
	}
	hash := hashOf(secret.New(values.Get("token")))
	err := s.change(func(st *state) {
		s.stats.Revocations += st.end(func(g *grant) bool { return g.knows(hash) })
		for _, g := range st.Grants {
			if g.holds(hash) != nil {
				g.Access = slices.DeleteFunc(g.Access, func(a access) bool { return a.Hash == hash })
				s.stats.Revocations++
			}
		}
	})
	if err != nil {
		internal().write(w)
		return
	}
	w.WriteHeader(http.StatusOK)
}
