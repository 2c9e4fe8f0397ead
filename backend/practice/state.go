package practice

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"pie/backend/fault"
	"pie/backend/paths"
	"pie/backend/secret"
)

const (
	stateVersion = 1
	mostGrants   = 200 // the oldest makes room
	mostUsed     = 100 // used refresh tokens remembered for one grant
	mostNotes    = 200 // for one account
)

// state is what File holds. There is no token in it, only hashes.
type state struct {
	Version int               `json:"version"`
	Port    int               `json:"port"`
	Grants  []*grant          `json:"grants"`
	Notes   map[string][]note `json:"notes"` // by account
}

// grant is what one consent gave.
type grant struct {
	ID        string    `json:"id"`
	Account   string    `json:"account"`
	Agent     string    `json:"agent"`
	Scopes    []string  `json:"scopes"`
	CreatedAt time.Time `json:"created_at"`
	Code      string    `json:"code"`    // hash of the code it came from
	Refresh   string    `json:"refresh"` // hash of the one good refresh token
	Used      []string  `json:"used,omitempty"`
	Grace     string    `json:"grace,omitempty"` // a used one that is taken once more
	Access    []access  `json:"access,omitempty"`
	Refreshes int       `json:"refreshes"`
}

type access struct {
	Hash      string    `json:"hash"`
	Scopes    []string  `json:"scopes"`
	ExpiresAt time.Time `json:"expires_at"`
}

type note struct {
	ID        int       `json:"id"`
	Text      string    `json:"text"`
	CreatedAt time.Time `json:"created_at"`
}

func hashOf(token secret.String) string {
	sum := sha256.Sum256([]byte(token.Reveal()))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// load reads File, or begins anew.
func (s *Server) load() error {
	s.state = state{Version: stateVersion}
	if s.file == "" {
		return nil
	}
	raw, err := os.ReadFile(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fault.Wrap(err, fault.Internal, "The file of the practice provider cannot be read.", "Check who owns the file and its folder.")
	}
	kept, err := decodeState(raw)
	if err != nil {
		if err := os.Rename(s.file, s.file+".damaged"); err != nil {
			return fault.Wrap(err, fault.Internal, "The file of the practice provider is damaged and cannot be moved aside.", "Delete it; nothing in it is real.")
		}
		return nil
	}
	s.state = kept
	return nil
}

// decodeState reads a file's content and holds it to what this program writes.
func decodeState(raw []byte) (state, error) {
	var kept state
	if err := json.Unmarshal(raw, &kept); err != nil {
		return state{}, fmt.Errorf("decoding practice file: %w", err)
	}
	if kept.Version != stateVersion || kept.Port < 0 || kept.Port > 65535 || slices.Contains(kept.Grants, nil) {
		return state{}, fmt.Errorf("decoding practice file: %w", errors.ErrUnsupported)
	}
	return kept, nil
}

// change runs fn on a copy, saves it, and only then makes it the state. fn may
// touch everything else that the lock guards.
func (s *Server) change(fn func(*state)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next, err := s.state.clone()
	if err != nil {
		return err
	}
	fn(&next)
	if err := s.save(next); err != nil {
		return err
	}
	s.state = next
	return nil
}

// force is change for what must hold even where the file cannot be written.
func (s *Server) force(fn func(*state)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn(&s.state)
	_ = s.save(s.state) // the next change that is saved holds it too
}

func (s *Server) save(st state) error {
	if s.file == "" {
		return nil
	}
	raw, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("encoding practice file: %w", err)
	}
	if err := paths.WriteFile(s.file, raw); err != nil {
		return fault.Wrap(err, fault.Internal, "The practice provider cannot save its file.", "Check who owns the folder and whether the disk is full.")
	}
	return nil
}

func (st *state) clone() (state, error) {
	raw, err := json.Marshal(st)
	if err != nil {
		return state{}, fmt.Errorf("copying practice state: %w", err)
	}
	var next state
	if err := json.Unmarshal(raw, &next); err != nil {
		return state{}, fmt.Errorf("copying practice state: %w", err)
	}
	return next, nil
}

// add keeps a new grant.
func (st *state) add(g *grant) {
	st.Grants = append(st.Grants, g)
	if over := len(st.Grants) - mostGrants; over > 0 {
		st.Grants = slices.Delete(st.Grants, 0, over)
	}
}

// end removes the grants that fit and returns how many.
func (st *state) end(fits func(*grant) bool) int {
	before := len(st.Grants)
	st.Grants = slices.DeleteFunc(st.Grants, fits)
	return before - len(st.Grants)
}

// find returns the first grant that fits, nil when none does.
func (st *state) find(fits func(*grant) bool) *grant {
	if i := slices.IndexFunc(st.Grants, fits); i >= 0 {
		return st.Grants[i]
	}
	return nil
}

// knows tells whether the hash is of a refresh token of this grant, new or used.
func (g *grant) knows(refresh string) bool {
	return g.Refresh == refresh || slices.Contains(g.Used, refresh)
}

// holds returns the access token with the hash, nil when there is none.
func (g *grant) holds(hash string) *access {
	for i := range g.Access {
		if g.Access[i].Hash == hash {
			return &g.Access[i]
		}
	}
	return nil
}

// issue makes an access token and forgets those that are over.
func (g *grant) issue(scopes []string, now time.Time, life time.Duration) secret.String {
	token := randomToken("practice_access_")
	g.Access = slices.DeleteFunc(g.Access, func(a access) bool { return !now.Before(a.ExpiresAt) })
	g.Access = append(g.Access, access{hashOf(token), scopes, now.Add(life)})
	return token
}

// rotate makes a new refresh token and remembers the old one as used.
func (g *grant) rotate() secret.String {
	token := randomToken("practice_refresh_")
	if g.Refresh != "" {
		g.Used = append(g.Used, g.Refresh)
		if over := len(g.Used) - mostUsed; over > 0 {
			g.Used = slices.Delete(g.Used, 0, over)
		}
	}
	g.Refresh = hashOf(token)
	return token
}

// notesOf returns the notes of an account, seeded at first.
func (st *state) notesOf(account string, now time.Time) []note {
	if kept, ok := st.Notes[account]; ok {
		return kept
	}
	var seeded []note
	for i, text := range []string{
		"Welcome. These notes are pretend and live inside PIE Desktop.",
		"Water the plants on Thursday.",
		"Try this: take the access away on the practice page, then run the agent again.",
	} {
		seeded = append(seeded, note{i + 1, text, now.UTC()})
	}
	return seeded
}
