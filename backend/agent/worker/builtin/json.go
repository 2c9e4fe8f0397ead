package builtin

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// MaxDepth is how deep JSON may nest. The engine's own parser descends without
// a bound and takes the process with it.
const MaxDepth = 1000

// ParseJSON builds plain values from JSON text (RFC 8259). The error is a thrown
// SyntaxError.
func ParseJSON(vm *goja.Runtime, text string) (goja.Value, error) {
	p := &jsonParser{vm: vm, text: text}
	value, err := p.document()
	if err == nil {
		return value, nil
	}
	// Thrown by the engine, so that it carries a stack.
	var thrown error
	fn, _ := goja.AssertFunction(vm.ToValue(func(goja.FunctionCall) goja.Value { panic(syntaxError(vm, err)) }))
	_, thrown = fn(goja.Undefined())
	return nil, thrown
}

func syntaxError(vm *goja.Runtime, err error) goja.Value {
	made, failed := vm.New(vm.GlobalObject().Get("SyntaxError"), vm.ToValue(err.Error()))
	if failed != nil {
		return vm.ToValue(err.Error())
	}
	return made
}

// installJSON replaces JSON.parse by ParseJSON; a reviver is applied as the
// standard says.
func installJSON(vm *goja.Runtime, _ Options) error {
	object := vm.GlobalObject().Get("JSON").ToObject(vm)
	return define(vm, object, "parse", func(c goja.FunctionCall) goja.Value {
		p := &jsonParser{vm: vm, text: c.Argument(0).String()}
		value, err := p.document()
		if err != nil {
			panic(syntaxError(vm, err))
		}
		if reviver, ok := goja.AssertFunction(c.Argument(1)); ok {
			holder := vm.NewObject()
			_ = holder.Set("", value)
			return revive(vm, reviver, holder, "")
		}
		return value
	})
}

// revive is InternalizeJSONProperty (ECMA-262, section 25.5.1.1).
func revive(vm *goja.Runtime, reviver goja.Callable, holder *goja.Object, name string) goja.Value {
	value := holder.Get(name)
	if object, ok := value.(*goja.Object); ok {
		keys := object.Keys()
		for _, key := range keys {
			inner := revive(vm, reviver, object, key)
			if goja.IsUndefined(inner) {
				_ = object.Delete(key)
				continue
			}
			_ = object.DefineDataProperty(key, inner, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
		}
	}
	out, err := reviver(holder, vm.ToValue(name), value)
	if err != nil {
		panic(err)
	}
	return out
}

type jsonParser struct {
	vm    *goja.Runtime
	text  string
	at    int
	depth int
}

func (p *jsonParser) document() (goja.Value, error) {
	value, err := p.value()
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(p.text) {
		return nil, p.unexpected()
	}
	return value, nil
}

func (p *jsonParser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

func (p *jsonParser) unexpected() error {
	if p.at >= len(p.text) {
		return fmt.Errorf("Unexpected end of JSON input") //nolint:staticcheck // the language's own text
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.at:])
	return fmt.Errorf("Unexpected token %q in JSON at position %d", string(r), p.at) //nolint:staticcheck // the language's own text
}

func (p *jsonParser) value() (goja.Value, error) {
	p.space()
	if p.at >= len(p.text) {
		return nil, p.unexpected()
	}
	switch c := p.text[p.at]; {
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		return p.string()
	case c == 't':
		return p.word("true", p.vm.ToValue(true))
	case c == 'f':
		return p.word("false", p.vm.ToValue(false))
	case c == 'n':
		return p.word("null", goja.Null())
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	return nil, p.unexpected()
}

func (p *jsonParser) word(word string, value goja.Value) (goja.Value, error) {
	for i := range len(word) {
		if p.at >= len(p.text) || p.text[p.at] != word[i] {
			return nil, p.unexpected()
		}
		p.at++
	}
	return value, nil
}

func (p *jsonParser) enter() error {
	if p.depth++; p.depth > MaxDepth {
		return fmt.Errorf("JSON is nested deeper than %d levels", MaxDepth)
	}
	p.at++
	return nil
}

// more reads what stands behind a member: a comma, or the end.
func (p *jsonParser) more(end byte) (again bool, err error) {
	p.space()
	if p.at >= len(p.text) {
		return false, p.unexpected()
	}
	switch p.text[p.at] {
	case ',':
		p.at++
		return true, nil
	case end:
		p.at++
		p.depth--
		return false, nil
	}
	return false, p.unexpected()
}

func (p *jsonParser) empty(end byte) bool {
	if p.space(); p.at < len(p.text) && p.text[p.at] == end {
		p.at++
		p.depth--
		return true
	}
	return false
}

func (p *jsonParser) array() (goja.Value, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	var items []any
	if p.empty(']') {
		return p.vm.NewArray(), nil
	}
	for {
		item, err := p.value()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		again, err := p.more(']')
		if err != nil {
			return nil, err
		}
		if !again {
			return p.vm.NewArray(items...), nil
		}
	}
}

func (p *jsonParser) object() (goja.Value, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	object := p.vm.NewObject()
	if p.empty('}') {
		return object, nil
	}
	for {
		if err := p.member(object); err != nil {
			return nil, err
		}
		again, err := p.more('}')
		if err != nil {
			return nil, err
		}
		if !again {
			return object, nil
		}
	}
}

func (p *jsonParser) member(object *goja.Object) error {
	p.space()
	if p.at >= len(p.text) || p.text[p.at] != '"' {
		return p.unexpected()
	}
	name, err := p.name()
	if err != nil {
		return err
	}
	if p.space(); p.at >= len(p.text) || p.text[p.at] != ':' {
		return p.unexpected()
	}
	p.at++
	value, err := p.value()
	if err != nil {
		return err
	}
	// Defined, not assigned: a member named __proto__ is a member.
	return object.DefineDataProperty(name, value, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
}

func (p *jsonParser) number() (goja.Value, error) {
	start := p.at
	if p.text[p.at] == '-' {
		p.at++
	}
	whole := p.digits()
	if whole == 0 || whole > 1 && p.text[p.at-whole] == '0' {
		if whole > 1 {
			p.at -= whole - 1
		}
		return nil, p.unexpected()
	}
	integer := true
	if p.at < len(p.text) && p.text[p.at] == '.' {
		integer = false
		p.at++
		if p.digits() == 0 {
			return nil, p.unexpected()
		}
	}
	if p.at < len(p.text) && (p.text[p.at] == 'e' || p.text[p.at] == 'E') {
		integer = false
		p.at++
		if p.at < len(p.text) && (p.text[p.at] == '+' || p.text[p.at] == '-') {
			p.at++
		}
		if p.digits() == 0 {
			return nil, p.unexpected()
		}
	}
	return p.numeric(p.text[start:p.at], integer)
}

func (p *jsonParser) digits() int {
	start := p.at
	for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
		p.at++
	}
	return p.at - start
}

func (p *jsonParser) numeric(text string, integer bool) (goja.Value, error) {
	const safeDigits = 15
	if integer && len(text) <= safeDigits && text != "-0" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err == nil {
			return p.vm.ToValue(n), nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(f, 0) {
		return nil, fmt.Errorf("number %s cannot be read", text)
	}
	return p.vm.ToValue(f), nil
}

// name reads the name of a member; most have no escapes.
func (p *jsonParser) name() (string, error) {
	end := p.at + 1
	for end < len(p.text) && p.text[end] >= ' ' && p.text[end] != '"' && p.text[end] != '\\' {
		end++
	}
	if end < len(p.text) && p.text[end] == '"' {
		name := p.text[p.at+1 : end]
		p.at = end + 1
		return name, nil
	}
	value, err := p.string()
	if err != nil {
		return "", err
	}
	return value.String(), nil
}

// string reads a text; most have no escapes and are taken as they stand.
func (p *jsonParser) string() (goja.Value, error) {
	p.at++
	start := p.at
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return p.vm.ToValue(p.text[start : p.at-1]), nil
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			return nil, p.unexpected()
		default:
			p.at++
		}
	}
	return nil, p.unexpected()
}

// escaped reads a text with escapes, in UTF-16 because an escape may be half of
// a character.
func (p *jsonParser) escaped(start int) (goja.Value, error) {
	units := utf16.Encode([]rune(p.text[start:p.at]))
	for p.at < len(p.text) {
		c := p.text[p.at]
		switch {
		case c == '"':
			p.at++
			return goja.StringFromUTF16(units), nil
		case c < ' ':
			return nil, p.unexpected()
		case c == '\\':
			unit, err := p.escape()
			if err != nil {
				return nil, err
			}
			units = append(units, unit)
		default:
			r, size := utf8.DecodeRuneInString(p.text[p.at:])
			units = utf16.AppendRune(units, r)
			p.at += size
		}
	}
	return nil, p.unexpected()
}

func (p *jsonParser) escape() (uint16, error) {
	p.at++
	if p.at >= len(p.text) {
		return 0, p.unexpected()
	}
	switch c := p.text[p.at]; c {
	case '"', '\\', '/':
		p.at++
		return uint16(c), nil
	case 'b', 'f', 'n', 'r', 't':
		p.at++
		return map[byte]uint16{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}[c], nil
	case 'u':
		if p.at+5 > len(p.text) {
			p.at = len(p.text)
			return 0, p.unexpected()
		}
		unit, err := strconv.ParseUint(p.text[p.at+1:p.at+5], 16, 16)
		if err != nil {
			return 0, p.unexpected()
		}
		p.at += 5
		return uint16(unit), nil
	}
	return 0, p.unexpected()
}
