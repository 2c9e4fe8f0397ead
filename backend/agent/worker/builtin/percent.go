package builtin

import (
	"strings"
	"unicode/utf8"
)

// The percent-encode sets (URL Standard, section 1.3): what has to be encoded
// beside controls and everything beyond ASCII.
const (
	setControl      = ""
	setFragment     = " \"<>`"
	setQuery        = " \"#<>"
	setSpecialQuery = setQuery + "'"
	setPath         = setQuery + "?^`{}"
	setUserinfo     = setPath + "/:;=@[\\]|"
)

const upperHex = "0123456789ABCDEF"

func encodeSet(text, set string) string {
	for i := range len(text) {
		if encoded(text[i], set) {
			return string(appendSet(make([]byte, 0, len(text)+16), text, set))
		}
	}
	return text
}

func encoded(c byte, set string) bool {
	return c < ' ' || c > '~' || strings.IndexByte(set, c) >= 0
}

func appendSet(out []byte, text, set string) []byte {
	for i := range len(text) {
		if c := text[i]; encoded(c, set) {
			out = append(out, '%', upperHex[c>>4], upperHex[c&15])
		} else {
			out = append(out, c)
		}
	}
	return out
}

// percentDecode leaves what is no encoded byte.
func percentDecode(text string) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			high, ok := hexDigit(text[i+1])
			low, also := hexDigit(text[i+2])
			if ok && also {
				out = append(out, high<<4|low)
				i += 2
				continue
			}
		}
		out = append(out, text[i])
	}
	return out
}

// parseForm reads application/x-www-form-urlencoded into names and values by turns.
func parseForm(text string) []string {
	var out []string
	decode := func(part string) string {
		raw := percentDecode(strings.ReplaceAll(part, "+", " "))
		if !utf8.Valid(raw) {
			return string(decodeUTF8(raw))
		}
		return string(raw)
	}
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		out = append(out, decode(name), decode(value))
	}
	return out
}

// formPart encodes a name or a value.
func formPart(out []byte, text string) []byte {
	for i := range len(text) {
		switch c := text[i]; {
		case c == ' ':
			out = append(out, '+')
		case letter(c) || digit(c) || strings.IndexByte("*-._", c) >= 0:
			out = append(out, c)
		default:
			out = append(out, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return out
}
