package practice

import (
	"encoding/json"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"pie/backend/secret"
)

const longestNote = 4 << 10

// scope is one thing a client may ask for, with words for a person.
type scope struct {
	ID    string
	Label string
	Text  string
	Write bool
}

func scopes() []scope {
	return []scope{
		{"notes.read", "Read your practice notes", "See the text of every note and when it was written.", false},
		{"notes.write", "Add practice notes", "Write new notes in your name. It cannot change or delete any.", true},
	}
}

func scopeIDs() []string {
	var ids []string
	for _, s := range scopes() {
		ids = append(ids, s.ID)
	}
	return ids
}

// person is one of the pretend accounts.
type person struct {
	ID    string `json:"sub"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

func people() []person {
	return []person{
		{"home", "Robin at home", "robin@home.example"},
		{"work", "Robin at work", "robin@work.example"},
	}
}

// personOf is the account with the id, the first when there is none.
func personOf(id string) person {
	for _, p := range people() {
		if p.ID == id {
			return p
		}
	}
	return people()[0]
}

// bearer finds whose request it is. A token that is over or lacks the scope is
// answered as RFC 6750, section 3, says; then ok is false.
func (s *Server) bearer(w http.ResponseWriter, r *http.Request, scope string) (p person, ok bool) {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") || token == "" {
		w.Header().Set("WWW-Authenticate", `Bearer realm="practice"`)
		(&refusal{http.StatusUnauthorized, "unauthorized", "Send an access token."}).write(w)
		return person{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	hash := hashOf(secret.New(token))
	g := s.state.find(func(g *grant) bool {
		a := g.holds(hash)
		return a != nil && s.now().Before(a.ExpiresAt)
	})
	if g == nil {
		w.Header().Set("WWW-Authenticate", `Bearer realm="practice", error="invalid_token", error_description="The access token is over or not known."`)
		(&refusal{http.StatusUnauthorized, "invalid_token", "The access token is over or not known."}).write(w)
		return person{}, false
	}
	if scope != "" && !slices.Contains(g.holds(hash).Scopes, scope) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="practice", error="insufficient_scope", scope="`+scope+`"`)
		(&refusal{http.StatusForbidden, "insufficient_scope", "This needs the scope " + scope + "."}).write(w)
		return person{}, false
	}
	return personOf(g.Account), true
}

func (s *Server) userinfo(w http.ResponseWriter, r *http.Request) {
	if p, ok := s.bearer(w, r, ""); ok {
		writeJSON(w, http.StatusOK, p)
	}
}

// broken answers in the notes' place where a switch says so.
func (s *Server) broken(w http.ResponseWriter) bool {
	switch {
	case s.take(FaultAPIError):
		(&refusal{http.StatusServiceUnavailable, "unavailable", "The notes fail on purpose."}).write(w)
	case s.take(FaultAPILimit):
		w.Header().Set("Retry-After", "2")
		(&refusal{http.StatusTooManyRequests, "rate_limited", "The notes want a pause on purpose."}).write(w)
	default:
		return false
	}
	return true
}

func (s *Server) listNotes(w http.ResponseWriter, r *http.Request) {
	if s.broken(w) {
		return
	}
	p, ok := s.bearer(w, r, "notes.read")
	if !ok {
		return
	}
	s.mu.Lock()
	notes := slices.Clone(s.state.notesOf(p.ID, s.now()))
	s.mu.Unlock()
	writeJSON(w, http.StatusOK, map[string]any{"notes": notes})
}

func (s *Server) addNote(w http.ResponseWriter, r *http.Request) {
	if s.broken(w) {
		return
	}
	p, ok := s.bearer(w, r, "notes.write")
	if !ok {
		return
	}
	text, no := noteText(r)
	if no != nil {
		no.write(w)
		return
	}
	var added note
	err := s.change(func(st *state) {
		notes := st.notesOf(p.ID, s.now())
		if len(notes) >= mostNotes {
			no = &refusal{http.StatusInsufficientStorage, "full", "The practice notes are full."}
			return
		}
		added = note{notes[len(notes)-1].ID + 1, text, s.now().UTC()}
		if st.Notes == nil {
			st.Notes = map[string][]note{}
		}
		st.Notes[p.ID] = append(notes, added)
	})
	if err != nil {
		no = internal()
	}
	if no != nil {
		no.write(w)
		return
	}
	writeJSON(w, http.StatusCreated, added)
}

func noteText(r *http.Request) (string, *refusal) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return "", &refusal{http.StatusUnsupportedMediaType, "invalid_request", "The body must be application/json."}
	}
	var body struct {
		Text string `json:"text"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return "", refuse("invalid_request", "The body must be a JSON object with a text.")
	}
	text := strings.TrimSpace(body.Text)
	if text == "" || len(text) > longestNote || !utf8.ValidString(text) {
		return "", refuse("invalid_request", "The text must have 1 to 4096 bytes.")
	}
	return text, nil
}
