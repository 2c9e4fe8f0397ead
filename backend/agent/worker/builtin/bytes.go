package builtin

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// mostBytes bounds what one call may make.
const mostBytes = 64 << 20

// The encodings of Buffer, under the one name that the programs use.
const (
	encUTF8      = "utf8"
	encUTF16     = "utf16le"
	encLatin1    = "latin1"
	encASCII     = "ascii"
	encHex       = "hex"
	encBase64    = "base64"
	encBase64URL = "base64url"
)

// toBytes reads text in one of Buffer's encodings; what does not belong there
// ends the reading or is passed over, as in Node.
func toBytes(value goja.Value, encoding string) []byte {
	switch encoding {
	case encHex:
		return fromHex(value.String())
	case encBase64, encBase64URL:
		return lenientBase64(value.String())
	case encLatin1, encASCII:
		if text := value.String(); isASCII(text) {
			return []byte(text)
		}
		units := unitsOf(value)
		out := make([]byte, len(units))
		for i, unit := range units {
			out[i] = byte(unit) // #nosec G115 -- the low byte is what these encodings keep
		}
		return out
	case encUTF16:
		units := unitsOf(value)
		out := make([]byte, 0, 2*len(units))
		for _, unit := range units {
			out = append(out, byte(unit), byte(unit>>8)) // #nosec G115 -- both bytes are kept
		}
		return out
	}
	return []byte(textOf(value))
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// fromHex ends at the first pair that is no number.
func fromHex(text string) []byte {
	out := make([]byte, 0, len(text)/2)
	for i := 0; i+1 < len(text); i += 2 {
		high, ok := hexDigit(text[i])
		low, also := hexDigit(text[i+1])
		if !ok || !also {
			break
		}
		out = append(out, high<<4|low)
	}
	return out
}

// lenientBase64 reads both alphabets, passes over what is in neither and ends at
// the padding.
func lenientBase64(text string) []byte {
	clean := make([]byte, 0, len(text))
	text, _, _ = strings.Cut(text, "=")
	for i := range len(text) {
		switch c := text[i]; {
		case c == '-':
			clean = append(clean, '+')
		case c == '_':
			clean = append(clean, '/')
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c == '+', c == '/':
			clean = append(clean, c)
		}
	}
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, _ := base64.RawStdEncoding.Decode(out, clean)
	return out[:n]
}

// forgivingBase64 is the web's forgiving-base64 decode (Infra Standard).
func forgivingBase64(text string) ([]byte, bool) {
	clean := make([]byte, 0, len(text))
	for i := range len(text) {
		if strings.IndexByte(" \t\n\f\r", text[i]) < 0 {
			clean = append(clean, text[i])
		}
	}
	if len(clean)%4 == 0 && len(clean) > 0 && clean[len(clean)-1] == '=' {
		clean = clean[:len(clean)-1]
		if clean[len(clean)-1] == '=' {
			clean = clean[:len(clean)-1]
		}
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, err := base64.RawStdEncoding.Decode(out, clean)
	return out[:n], err == nil
}

// toText writes bytes in one of Buffer's encodings.
func toText(vm *goja.Runtime, raw []byte, encoding string) goja.Value {
	switch encoding {
	case encHex:
		return vm.ToValue(hex.EncodeToString(raw))
	case encBase64:
		return vm.ToValue(base64.StdEncoding.EncodeToString(raw))
	case encBase64URL:
		return vm.ToValue(base64.RawURLEncoding.EncodeToString(raw))
	case encLatin1:
		return fromLatin1(vm, raw)
	case encASCII:
		out := make([]byte, len(raw))
		for i, b := range raw {
			out[i] = b & 0x7F
		}
		return vm.ToValue(string(out))
	case encUTF16:
		return goja.StringFromUTF16(fromUTF16(raw, 0))
	}
	return fromUTF8(vm, raw)
}

func fromLatin1(vm *goja.Runtime, raw []byte) goja.Value {
	if text := string(raw); isASCII(text) {
		return vm.ToValue(text)
	}
	units := make([]uint16, len(raw))
	for i, b := range raw {
		units[i] = uint16(b)
	}
	return goja.StringFromUTF16(units)
}

// fromUTF16 joins bytes to units; high is which byte of the two is the higher one
// counted from behind: 0 for little-endian, 1 for big-endian. An odd byte is left.
func fromUTF16(raw []byte, high int) []uint16 {
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i+high]) | uint16(raw[2*i+1-high])<<8
	}
	return units
}

func fromUTF8(vm *goja.Runtime, raw []byte) goja.Value {
	if utf8.Valid(raw) {
		return vm.ToValue(string(raw))
	}
	return vm.ToValue(string(decodeUTF8(raw)))
}

// decodeUTF8 puts U+FFFD for each maximal part that is no character, as the
// Encoding Standard says.
func decodeUTF8(raw []byte) []rune {
	out := make([]rune, 0, len(raw))
	for len(raw) > 0 {
		r, size := utf8.DecodeRune(raw)
		if r == utf8.RuneError && size == 1 {
			size, _ = broken(raw)
		}
		out = append(out, r)
		raw = raw[size:]
	}
	return out
}

// broken is how many bytes from the front belong to one broken character, and how
// many the whole one would have had.
func broken(raw []byte) (size, whole int) {
	low, high := byte(0x80), byte(0xBF)
	whole = 1
	switch b := raw[0]; {
	case b >= 0xC2 && b <= 0xDF:
		whole = 2
	case b == 0xE0:
		whole, low = 3, 0xA0
	case b == 0xED:
		whole, high = 3, 0x9F
	case b >= 0xE1 && b <= 0xEF:
		whole = 3
	case b == 0xF0:
		whole, low = 4, 0x90
	case b == 0xF4:
		whole, high = 4, 0x8F
	case b >= 0xF1 && b <= 0xF3:
		whole = 4
	}
	size = 1
	for size < whole && size < len(raw) && raw[size] >= low && raw[size] <= high {
		size++
		low, high = 0x80, 0xBF
	}
	return size, whole
}

// unfinished is how many bytes at the end may be the beginning of a character.
func unfinished(raw []byte) int {
	for n := 1; n <= min(3, len(raw)); n++ {
		part := raw[len(raw)-n:]
		if part[0]&0xC0 == 0x80 {
			continue
		}
		if size, whole := broken(part); size == n && size < whole {
			return n
		}
		return 0
	}
	return 0
}

// replaceLone puts U+FFFD for surrogates that stand alone; it reports whether
// there were none.
func replaceLone(units []uint16) bool {
	whole := true
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if !utf16.IsSurrogate(r) {
			continue
		}
		if i+1 < len(units) && utf16.DecodeRune(r, rune(units[i+1])) != utf8.RuneError {
			i++
			continue
		}
		units[i] = 0xFFFD
		whole = false
	}
	return whole
}
