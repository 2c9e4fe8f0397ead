package builtin

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// textArgument is ToString of an argument, which throws for a symbol.
func textArgument(vm *goja.Runtime, value goja.Value) goja.Value {
	if _, ok := value.(*goja.Symbol); ok {
		panic(vm.NewTypeError("Cannot convert a Symbol value to a string"))
	}
	return value.ToString()
}

// unitsOf is the text of value in UTF-16, as the language has it.
func unitsOf(value goja.Value) []uint16 {
	text, ok := value.ToString().(goja.String)
	if !ok {
		return nil
	}
	units := make([]uint16, text.Length())
	for i := range units {
		units[i] = text.CharAt(i)
	}
	return units
}

const replacement = string(utf8.RuneError)

// wideText is the text of value in UTF-8, but with lone surrogates kept, in three
// bytes each.
func wideText(value goja.Value) string {
	text := value.String()
	if !strings.Contains(text, replacement) {
		return wellFormed(text)
	}
	units := unitsOf(value)
	out := make([]byte, 0, len(text))
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if utf16.IsSurrogate(r) && i+1 < len(units) {
			if pair := utf16.DecodeRune(r, rune(units[i+1])); pair != utf8.RuneError {
				r = pair
				i++
			}
		}
		if utf16.IsSurrogate(r) {
			out = append(out, 0xED, 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F) // #nosec G115 -- six bits each
			continue
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

// wellFormed is text with U+FFFD for what is no UTF-8.
func wellFormed(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return string(decodeUTF8([]byte(text)))
}

// textOf is the text of value in UTF-8, with U+FFFD for lone surrogates.
func textOf(value goja.Value) string { return wellFormed(value.String()) }
