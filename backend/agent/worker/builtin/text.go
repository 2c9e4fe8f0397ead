package builtin

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"
)

//go:embed buffer.js
var bufferSource string

//go:embed numbers.js
var numbersSource string

//go:embed encoding.js
var encodingSource string

var (
	bufferProgram   = sync.OnceValue(func() *goja.Program { return goja.MustCompile("builtin", bufferSource, true) })
	numbersProgram  = sync.OnceValue(func() *goja.Program { return goja.MustCompile("builtin", numbersSource, true) })
	encodingProgram = sync.OnceValue(func() *goja.Program { return goja.MustCompile("builtin", encodingSource, true) })
)

// installBytes gives atob and btoa.
func installBytes(vm *goja.Runtime, _ Options) error {
	global := vm.GlobalObject()
	if err := method(vm, global, "btoa", 1, func(c goja.FunctionCall) goja.Value {
		need(vm, c, 1)
		text := textArgument(vm, c.Argument(0))
		for _, r := range text.String() {
			if r > 0xFF {
				panic(newException(vm, "InvalidCharacterError", "Invalid character"))
			}
		}
		return vm.ToValue(base64.StdEncoding.EncodeToString(toBytes(text, encLatin1)))
	}); err != nil {
		return err
	}
	return method(vm, global, "atob", 1, func(c goja.FunctionCall) goja.Value {
		need(vm, c, 1)
		raw, ok := forgivingBase64(textArgument(vm, c.Argument(0)).String())
		if !ok {
			panic(newException(vm, "InvalidCharacterError", "The string to be decoded is not correctly encoded."))
		}
		return fromLatin1(vm, raw)
	})
}

func need(vm *goja.Runtime, c goja.FunctionCall, n int) {
	if len(c.Arguments) < n {
		panic(vm.NewTypeError("%d argument required, but only %d present.", n, len(c.Arguments)))
	}
}

// newException makes a DOMException.
func newException(vm *goja.Runtime, name, message string) goja.Value {
	constructor, ok := goja.AssertConstructor(vm.GlobalObject().Get("DOMException"))
	if ok {
		if made, err := constructor(nil, vm.ToValue(message), vm.ToValue(name)); err == nil {
			return made
		}
	}
	return newError(vm, "Error", message)
}

func installText(vm *goja.Runtime, _ Options) error {
	codec := func() natives { return codecNatives(vm) }
	buffer := func() natives {
		calls := codecNatives(vm)
		calls["numbers"] = func(c goja.FunctionCall) goja.Value {
			install, _ := goja.AssertFunction(run(vm, numbersProgram(), nil).Get("install"))
			if _, err := install(goja.Undefined(), c.Arguments...); err != nil {
				panic(err)
			}
			return goja.Undefined()
		}
		return calls
	}
	if err := group(vm, bufferProgram, []string{"Buffer"}, buffer); err != nil {
		return err
	}
	return group(vm, encodingProgram, []string{"TextEncoder", "TextDecoder"}, codec)
}

// codecNatives are what Buffer and the encoders are made of. Their programs hand
// in texts and Uint8Arrays only.
func codecNatives(vm *goja.Runtime) natives {
	return natives{
		"encode": func(c goja.FunctionCall) goja.Value {
			encoding := c.Argument(1).String()
			size := len(c.Argument(0).String())
			if encoding == encUTF16 {
				size *= 2 // more than it becomes, where it is not ASCII
			}
			if size > mostBytes {
				panic(newError(vm, "RangeError", "The text is larger than 64 MB."))
			}
			return vm.ToValue(vm.NewArrayBuffer(toBytes(c.Argument(0), encoding)))
		},
		"decode": func(c goja.FunctionCall) goja.Value {
			raw := view(vm, c.Argument(0))
			from, to := span(c.Argument(1), c.Argument(2), len(raw))
			return toText(vm, raw[from:to], c.Argument(3).String())
		},
		"length": func(c goja.FunctionCall) goja.Value {
			if c.Argument(1).String() == encUTF8 {
				return vm.ToValue(len(textOf(c.Argument(0))))
			}
			return vm.ToValue(len(toBytes(c.Argument(0), c.Argument(1).String())))
		},
		"find": func(c goja.FunctionCall) goja.Value { return vm.ToValue(find(vm, c)) },
		"compare": func(c goja.FunctionCall) goja.Value {
			return vm.ToValue(bytes.Compare(view(vm, c.Argument(0)), view(vm, c.Argument(1))))
		},
		"stream": func(c goja.FunctionCall) goja.Value { return decodeStream(vm, c) },
	}
}

// view is the memory of a Uint8Array; writing to it is writing to the array.
func view(vm *goja.Runtime, value goja.Value) []byte {
	if object, ok := value.(*goja.Object); ok {
		switch v := object.Export().(type) {
		case []byte:
			return v
		case goja.ArrayBuffer:
			return v.Bytes()
		}
	}
	panic(vm.NewTypeError("A Uint8Array was expected."))
}

// span clamps two places to a length.
func span(from, to goja.Value, length int) (start, end int) {
	clamp := func(v goja.Value) int { return int(min(max(v.ToInteger(), 0), int64(length))) }
	start, end = clamp(from), clamp(to)
	return min(start, end), end
}

// find(bytes, wanted, from, step, backwards) is where wanted stands, at a multiple of step.
func find(vm *goja.Runtime, c goja.FunctionCall) int {
	all, wanted := view(vm, c.Argument(0)), view(vm, c.Argument(1))
	from, step := c.Argument(2).ToInteger(), max(1, int(c.Argument(3).ToInteger()))
	if c.Argument(4).ToBoolean() {
		for at := int(min(from, int64(len(all)-len(wanted)))); at >= 0; at-- {
			if at%step == 0 && bytes.HasPrefix(all[at:], wanted) {
				return at
			}
		}
		return -1
	}
	for at := int(min(max(from, 0), int64(len(all)))); at <= len(all); {
		next := bytes.Index(all[at:], wanted)
		if next < 0 {
			return -1
		}
		if at += next; at%step == 0 {
			return at
		}
		at++
	}
	return -1
}

// decodeStream(bytes, encoding, fatal, more) decodes what is whole. It returns the
// text and how many bytes wait for the next call.
func decodeStream(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
	raw, fatal, more := view(vm, c.Argument(0)), c.Argument(2).ToBoolean(), c.Argument(3).ToBoolean()
	var text goja.Value
	var valid bool
	waiting := 0
	switch encoding := c.Argument(1).String(); encoding {
	case "utf-8":
		if more {
			waiting = unfinished(raw)
			raw = raw[:len(raw)-waiting]
		}
		text, valid = fromUTF8(vm, raw), utf8.Valid(raw)
	case "utf-16le", "utf-16be":
		high := 0
		if encoding == "utf-16be" {
			high = 1
		}
		text, waiting, valid = decodeUTF16(raw, high, more)
	default:
		text, valid = decodeWindows(raw), true
	}
	if fatal && !valid {
		made := vm.NewTypeError("The encoded data was not valid for encoding %s", c.Argument(1).String())
		_ = made.Set("code", "ERR_ENCODING_INVALID_ENCODED_DATA")
		panic(made)
	}
	return vm.NewArray(text, waiting)
}

func decodeUTF16(raw []byte, high int, more bool) (text goja.Value, waiting int, valid bool) {
	units := fromUTF16(raw, high)
	odd := len(raw) % 2
	if more {
		waiting = odd
		if n := len(units); n > 0 && units[n-1] >= 0xD800 && units[n-1] < 0xDC00 {
			waiting += 2
			units = units[:n-1]
		}
		odd = 0
	}
	valid = replaceLone(units) && odd == 0
	if odd == 1 {
		units = append(units, 0xFFFD)
	}
	return goja.StringFromUTF16(units), waiting, valid
}

// decodeWindows is windows-1252, which the web's latin1 is.
func decodeWindows(raw []byte) goja.Value {
	const special = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"
	table := utf16.Encode([]rune(special))
	units := make([]uint16, len(raw))
	for i, b := range raw {
		units[i] = uint16(b)
		if b >= 0x80 && b < 0xA0 {
			units[i] = table[b-0x80]
		}
	}
	return goja.StringFromUTF16(units)
}
