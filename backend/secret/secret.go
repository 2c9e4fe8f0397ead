// Package secret keeps secrets from being printed by accident.
//
// A String shows "[redacted]" to every printer, logger and encoder; Reveal is
// the only way out and is easy to find in a review. A Scrubber removes known
// secret values, in the encodings they are likely to come back in, from bytes
// that an agent, a log or a person may see.
package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// String is a secret text. The zero value is the empty secret. The text sits
// behind a pointer, because fmt prints unexported plain strings of a struct raw.
type String struct{ text *string }

// New wraps text.
func New(text string) String {
	if text == "" {
		return String{}
	}
	return String{&text}
}

// Reveal returns the text.
func (s String) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsEmpty tells whether there is no text.
func (s String) IsEmpty() bool { return s.text == nil }

// Equal compares in constant time for texts of one length.
func (s String) Equal(other String) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns "[redacted]".
func (s String) String() string { return redacted }

// GoString returns "[redacted]".
func (s String) GoString() string { return redacted }

// Format writes "[redacted]" for every verb.
func (s String) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue returns "[redacted]".
func (s String) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[redacted]", for JSON, YAML and XML alike.
func (s String) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText takes a text, so that a secret is one from the moment it is
// decoded.
func (s *String) UnmarshalText(text []byte) error {
	*s = New(string(text))
	return nil
}
