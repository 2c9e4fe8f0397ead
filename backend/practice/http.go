package practice

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const bodyLimit = 64 << 10

// routes joins the addresses.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.index)
	mux.HandleFunc("GET /style.css", s.style)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("POST /manage", s.manage)
	mux.HandleFunc("GET /authorize", s.authorize)
	mux.HandleFunc("POST /authorize", s.decide)
	mux.HandleFunc("POST /token", s.token)
	mux.HandleFunc("POST /revoke", s.revoke)
	mux.HandleFunc("GET /userinfo", s.userinfo)
	mux.HandleFunc("GET /notes", s.listNotes)
	mux.HandleFunc("POST /notes", s.addNote)
	mux.HandleFunc("GET /.well-known/oauth-authorization-server", s.metadata)
	return mux
}

// ServeHTTP answers what is meant for this server, under the rules that hold for
// all of its addresses.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.stats.Requests++
	s.mu.Unlock()
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	// Not no-referrer: with that browsers send "Origin: null" with a form.
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Content-Security-Policy", policy(""))
	if r.Host != s.host { // a foreign name that leads here is DNS rebinding
		http.Error(w, "This address belongs to the practice provider of PIE Desktop.", http.StatusMisdirectedRequest)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	s.mux.ServeHTTP(w, r)
}

// policy is the Content-Security-Policy of every answer. A browser holds the
// redirect that follows a form to form-action too, so a consent page names where
// its answer leads.
func policy(formTarget string) string {
	form := "'self'"
	if formTarget != "" {
		form += " " + formTarget
	}
	return "default-src 'none'; style-src 'self'; form-action " + form + "; base-uri 'none'; frame-ancestors 'none'"
}

// foreign tells whether a page of another origin sent the request. Programs that
// are no browsers send no Origin.
func (s *Server) foreign(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" && origin != s.url {
		return true
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "cross-site" || site == "same-site"
}

// refusal is an error answer of RFC 6749, section 5.2, or RFC 6750, section 3.
type refusal struct {
	status int
	code   string
	text   string
}

func (no *refusal) write(w http.ResponseWriter) {
	writeJSON(w, no.status, map[string]string{"error": no.code, "error_description": no.text})
}

// internal is the answer when the state could not be saved.
func internal() *refusal {
	return &refusal{http.StatusInternalServerError, "server_error", "The practice provider cannot save its file."}
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	raw, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "The answer cannot be written.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

// form reads the body as a form in which every field but those in repeated
// comes once at most (RFC 6749, section 3.2).
func form(r *http.Request, repeated ...string) (url.Values, *refusal) {
	bad := &refusal{http.StatusBadRequest, "invalid_request", ""}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		bad.text = "The body must be application/x-www-form-urlencoded."
		return nil, bad
	}
	if err := r.ParseForm(); err != nil {
		bad.text = "The form cannot be read or is too large."
		return nil, bad
	}
	if name := twice(r.PostForm, repeated...); name != "" {
		bad.text = fmt.Sprintf("The field %s comes more than once.", name)
		return nil, bad
	}
	return r.PostForm, nil
}

// twice returns the name of a field that comes more than once, among those that
// mean something here, so that nothing of a stranger's text is repeated.
func twice(values url.Values, but ...string) string {
	known := "account action client_id client_secret code code_challenge code_challenge_method code_verifier csrf decision " +
		"fault grant grant_type redirect_uri refresh_token request response_type scope state token token_type_hint"
	for name := range strings.FieldsSeq(known) {
		if len(values[name]) > 1 && !slices.Contains(but, name) {
			return name
		}
	}
	return ""
}

func (s *Server) metadata(w http.ResponseWriter, _ *http.Request) {
	auth := []string{"none", "client_secret_post", "client_secret_basic"}
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                         s.url,
		"authorization_endpoint":                         s.url + "/authorize",
		"token_endpoint":                                 s.url + "/token",
		"revocation_endpoint":                            s.url + "/revoke",
		"userinfo_endpoint":                              s.url + "/userinfo",
		"service_documentation":                          s.url + "/",
		"scopes_supported":                               scopeIDs(),
		"response_types_supported":                       []string{"code"},
		"response_modes_supported":                       []string{"query"},
		"grant_types_supported":                          []string{"authorization_code", "refresh_token"},
		"code_challenge_methods_supported":               []string{"S256"},
		"token_endpoint_auth_methods_supported":          auth,
		"revocation_endpoint_auth_methods_supported":     auth,
		"authorization_response_iss_parameter_supported": true,
	})
}
