package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// shortest is the length below which a value is not scrubbed: a short secret
// would blank out ordinary text.
const shortest = 8

// Scrubber replaces known secret values in bytes that an agent, a log or a
// person may see. It finds a value raw, JSON-escaped, percent-encoded (once,
// twice, wholly), in HTML entities, in hex and in base64 at any alignment. It is
// safe for concurrent use.
type Scrubber struct {
	mu    sync.RWMutex
	forms [][]byte // longest first, so that no part of a longer form is left
	heads *heads   // nil while nothing is known
}

// NewScrubber makes a Scrubber that knows values.
func NewScrubber(values ...String) *Scrubber {
	s := &Scrubber{}
	s.Add(values...)
	return s
}

// Add teaches more values. Values under eight bytes are ignored.
func (s *Scrubber) Add(values ...String) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, value := range values {
		if text := value.Reveal(); len(text) >= shortest {
			s.forms = append(s.forms, forms(text)...)
		}
	}
	slices.SortFunc(s.forms, func(a, b []byte) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return bytes.Compare(a, b)
	})
	if s.forms = slices.CompactFunc(s.forms, bytes.Equal); len(s.forms) == 0 {
		return
	}
	s.heads = newHeads(s.forms)
}

// Bytes returns b without the known values; b itself is not changed.
func (s *Scrubber) Bytes(b []byte) []byte {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !occurs(s.heads, b) {
		return b
	}
	return s.replace(b)
}

// Text is Bytes for a string.
func (s *Scrubber) Text(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !occurs(s.heads, text) {
		return text
	}
	return string(s.replace([]byte(text)))
}

func (s *Scrubber) replace(b []byte) []byte {
	for _, form := range s.forms {
		if bytes.Contains(b, form) {
			b = bytes.ReplaceAll(b, form, []byte(redacted))
		}
	}
	return b
}

func forms(text string) [][]byte {
	query, escapedPath := url.QueryEscape(text), url.PathEscape(text)
	full := percentAll(text)
	list := []string{
		text, jsonEscaped(text), strings.ReplaceAll(text, "/", `\/`), unicodeEscaped(text),
		strings.ReplaceAll(strings.ToUpper(unicodeEscaped(text)), `\U`, `\u`), query, escapedPath, url.QueryEscape(query),
		strings.ToLower(query), full, strings.ToLower(full), html.EscapeString(text),
		entities(text, 10), entities(text, 16), hex.EncodeToString([]byte(text)),
		strings.ToUpper(hex.EncodeToString([]byte(text))), reversed(text),
	}
	list = append(list, base64Forms(text)...)
	out := make([][]byte, 0, len(list))
	for _, form := range list {
		if len(form) >= shortest {
			out = append(out, []byte(form))
		}
	}
	return out
}

// base64Forms gives the characters that are fixed by text, whatever stands
// before and behind it, for each of the three alignments.
func base64Forms(text string) []string {
	var out []string
	for offset := range 3 {
		padded := append(make([]byte, offset), text...)
		std := base64.RawStdEncoding.EncodeToString(padded)
		from := (offset*8 + 5) / 6
		until := len(padded) * 8 / 6
		if until <= from {
			continue
		}
		fixed := std[from:until]
		out = append(out, fixed, strings.NewReplacer("+", "-", "/", "_").Replace(fixed),
			url.QueryEscape(fixed), strings.ReplaceAll(fixed, "/", `\/`))
	}
	return out
}

func jsonEscaped(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return text
	}
	return strings.Trim(string(b), `"`)
}

func unicodeEscaped(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		b.WriteString(`\u00` + hex.EncodeToString([]byte{c}))
	}
	return b.String()
}

func percentAll(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		b.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
	}
	return b.String()
}

func reversed(text string) string {
	b := []byte(text)
	slices.Reverse(b)
	return string(b)
}
