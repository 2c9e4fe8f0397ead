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

// installBytes gives atob and btoa, and the codec that Buffer and the text
// encoders are built on.
func installBytes(vm *goja.Runtime, _ Options) error {
	global := vm.GlobalObject()
	if err := define(vm, global, "btoa", func(c goja.FunctionCall) goja.Value {
		raw, ok := latin1(c.Argument(0).String())
		if !ok {
			panic(named(vm, "InvalidCharacterError", "The text to encode holds characters outside of the Latin-1 range."))
		}
		return vm.ToValue(base64.StdEncoding.EncodeToString(raw))
	}); err != nil {
		return err
	}
	return define(vm, global, "atob", func(c goja.FunctionCall) goja.Value {
		raw, ok := forgiving(c.Argument(0).String())
		if !ok {
			panic(named(vm, "InvalidCharacterError", "The text to be decoded is not correctly encoded."))
		}
		return fromLatin1(raw)
	})
}

// named makes an Error with another name, as the web's own exceptions have.
func named(vm *goja.Runtime, name, message string) goja.Value {
	made, err := vm.New(vm.GlobalObject().Get("Error"), vm.ToValue(message))
	if err != nil {
		return vm.ToValue(message)
	}
	_ = made.Set("name", name)
	return made
}

func latin1(text string) ([]byte, bool) {
	out := make([]byte, 0, len(text))
	for _, r := range text {
		if r > 0xFF {
			return nil, false
		}
		out = append(out, byte(r)) // #nosec G115 -- at most 0xFF
	}
	return out, true
}

func fromLatin1(raw []byte) goja.Value {
	units := make([]uint16, len(raw))
	for i, b := range raw {
		units[i] = uint16(b)
	}
	return goja.StringFromUTF16(units)
}

// forgiving is the web's forgiving-base64 decode.
func forgiving(text string) ([]byte, bool) {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n\f\r", r) {
			return -1
		}
		return r
	}, text)
	if len(text)%4 == 0 {
		text = strings.TrimSuffix(strings.TrimSuffix(text, "="), "=")
	}
	raw, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		// The unused bits of the last character need not be zero.
		raw, err = base64.RawStdEncoding.Strict().DecodeString(text)
	}
	return raw, err == nil && !strings.Contains(text, "=")
}

// toBytes reads text in one of Buffer's encodings; what does not belong there
// ends the reading or is passed over, as in Node.
func toBytes(text, encoding string) []byte {
	switch strings.ToLower(encoding) {
	case "hex":
		clean := text[:len(text)&^1]
		for i := range len(clean) {
			if !strings.ContainsRune("0123456789abcdefABCDEF", rune(clean[i])) {
				clean = clean[:i&^1]
				break
			}
		}
		raw, _ := hex.DecodeString(clean)
		return raw
	case "base64", "base64url":
		clean := strings.NewReplacer("-", "+", "_", "/").Replace(text)
		clean, _, _ = strings.Cut(clean, "=")
		clean = strings.Map(func(r rune) rune {
			if strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", r) {
				return r
			}
			return -1
		}, clean)
		if len(clean)%4 == 1 {
			clean = clean[:len(clean)-1]
		}
		raw, _ := base64.RawStdEncoding.DecodeString(clean)
		return raw
	case "latin1", "binary", "ascii":
		out := []byte{}
		for _, unit := range utf16.Encode([]rune(text)) {
			out = append(out, byte(unit)) // #nosec G115 -- the low byte is what these encodings keep
		}
		return out
	case "utf16le", "utf-16le", "ucs2", "ucs-2":
		out := []byte{}
		for _, unit := range utf16.Encode([]rune(text)) {
			out = append(out, byte(unit), byte(unit>>8)) // #nosec G115 -- both bytes are kept
		}
		return out
	}
	return []byte(strings.ToValidUTF8(text, "\uFFFD"))
}

// toText writes bytes in one of Buffer's encodings.
func toText(raw []byte, encoding string) goja.Value {
	switch strings.ToLower(encoding) {
	case "hex":
		return ascii(hex.EncodeToString(raw))
	case "base64":
		return ascii(base64.StdEncoding.EncodeToString(raw))
	case "base64url":
		return ascii(base64.RawURLEncoding.EncodeToString(raw))
	case "latin1", "binary":
		return fromLatin1(raw)
	case "ascii":
		out := make([]byte, len(raw))
		for i, b := range raw {
			out[i] = b & 0x7F
		}
		return fromLatin1(out)
	case "utf16le", "utf-16le", "ucs2", "ucs-2":
		units := make([]uint16, len(raw)/2)
		for i := range units {
			units[i] = uint16(raw[2*i]) | uint16(raw[2*i+1])<<8
		}
		return goja.StringFromUTF16(units)
	}
	return goja.StringFromUTF16(utf16.Encode(decodeUTF8(raw)))
}

func ascii(text string) goja.Value { return goja.StringFromUTF16(utf16.Encode([]rune(text))) }

// decodeUTF8 puts U+FFFD for each maximal part that is no character, as the
// Encoding Standard says.
func decodeUTF8(raw []byte) []rune {
	out := make([]rune, 0, len(raw))
	for len(raw) > 0 {
		r, size := utf8.DecodeRune(raw)
		if r == utf8.RuneError && size == 1 {
			size = badLength(raw)
		}
		out = append(out, r)
		raw = raw[size:]
	}
	return out
}

// badLength is how many bytes from the front belong to one broken character.
func badLength(raw []byte) int {
	need, low, high := 0, byte(0x80), byte(0xBF)
	switch b := raw[0]; {
	case b >= 0xC2 && b <= 0xDF:
		need = 1
	case b == 0xE0:
		need, low = 2, 0xA0
	case b == 0xED:
		need, high = 2, 0x9F
	case b >= 0xE1 && b <= 0xEF:
		need = 2
	case b == 0xF0:
		need, low = 3, 0x90
	case b == 0xF4:
		need, high = 3, 0x8F
	case b >= 0xF1 && b <= 0xF3:
		need = 3
	}
	size := 1
	for size <= need && size < len(raw) && raw[size] >= low && raw[size] <= high {
		size++
		low, high = 0x80, 0xBF
	}
	return size
}
