package builtin

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// MaxDepth is how deep JSON may nest. The engine's own parser descends without
// a bound and takes the process with it.
const MaxDepth = 1000

// ParseJSON builds plain values from JSON text (RFC 8259) as JSON.parse does.
// The error is a thrown SyntaxError, a *goja.Exception.
func ParseJSON(vm *goja.Runtime, text string) (goja.Value, error) {
	value, err := newJSONParser(vm, wellFormed(text)).document()
	if err == nil {
		return value, nil
	}
	// Thrown by the engine, so that it carries a stack.
	if thrown := vm.Try(func() { panic(newError(vm, "SyntaxError", err.Error())) }); thrown != nil {
		return nil, thrown
	}
	return nil, err
}

var errDeepJSON = fmt.Errorf("JSON is nested deeper than %d levels", MaxDepth)

// jsonParser reads text, which may hold lone surrogates in three bytes each.
type jsonParser struct {
	vm     *goja.Runtime
	proto  *goja.Object // of plain objects
	define goja.Callable
	text   string
	at     int
	depth  int
	items  []any             // of the arrays that are open
	names  map[string]string // one copy of each name
	before [guessed][]string // names of the latest object at each depth: the next one mostly has the same
	texts  []known           // short values, which are often the same
	store  strings.Builder   // where other values are kept
	yes    goja.Value
	no     goja.Value
}

const guessed = 8 // levels

// known is a short text and its value.
type known struct {
	text  string
	value goja.Value
}

func newJSONParser(vm *goja.Runtime, text string) *jsonParser {
	return &jsonParser{
		vm: vm, proto: vm.NewObject().Prototype(), text: text, names: map[string]string{}, texts: make([]known, knownTexts),
		yes: vm.ToValue(true), no: vm.ToValue(false),
	}
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

// unexpected names the place in UTF-16 units, as the language counts.
func (p *jsonParser) unexpected() error {
	if p.at >= len(p.text) {
		return errors.New("Unexpected end of JSON input") //nolint:staticcheck // the language's own words
	}
	units := 0
	for _, r := range p.text[:p.at] {
		units++
		if r > 0xFFFF {
			units++
		}
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.at:])
	return fmt.Errorf("Unexpected token %q in JSON at position %d", string(r), units) //nolint:staticcheck // the language's own words
}

func (p *jsonParser) value() (goja.Value, error) {
	p.space()
	if p.at >= len(p.text) {
		return nil, p.unexpected()
	}
	switch c := p.text[p.at]; {
	case c == '"':
		return p.string()
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case c == 't':
		return p.word("true", p.yes)
	case c == 'f':
		return p.word("false", p.no)
	case c == 'n':
		return p.word("null", goja.Null())
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

// enter goes one level down; it reports whether the array or object is empty.
func (p *jsonParser) enter(end byte) (empty bool, err error) {
	if p.depth++; p.depth > MaxDepth {
		return false, errDeepJSON
	}
	p.at++
	if p.space(); p.at < len(p.text) && p.text[p.at] == end {
		p.at++
		p.depth--
		return true, nil
	}
	return false, nil
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

func (p *jsonParser) array() (goja.Value, error) {
	empty, err := p.enter(']')
	if err != nil {
		return nil, err
	}
	if empty {
		return p.vm.NewArray(), nil
	}
	first := len(p.items)
	for again := true; again; {
		item, err := p.value()
		if err != nil {
			return nil, err
		}
		p.items = append(p.items, item)
		if again, err = p.more(']'); err != nil {
			return nil, err
		}
	}
	made := p.vm.NewArray(p.items[first:]...)
	clear(p.items[first:])
	p.items = p.items[:first]
	return made, nil
}

// object fills an object that has no prototype yet: every member is its own
// then, __proto__ too, and no setter of a prototype is called.
func (p *jsonParser) object() (goja.Value, error) {
	empty, err := p.enter('}')
	if err != nil {
		return nil, err
	}
	if empty {
		return p.vm.NewObject(), nil
	}
	object := p.vm.CreateObject(nil)
	for i, again := 0, true; again; i++ {
		if err := p.member(object, i); err != nil {
			return nil, err
		}
		if again, err = p.more('}'); err != nil {
			return nil, err
		}
	}
	return object, object.SetPrototype(p.proto)
}

func (p *jsonParser) member(object *goja.Object, i int) error {
	p.space()
	if p.at >= len(p.text) || p.text[p.at] != '"' {
		return p.unexpected()
	}
	name, units, err := p.scan()
	if err != nil {
		return err
	}
	if units == nil {
		name = p.name(name, i)
	}
	if p.space(); p.at >= len(p.text) || p.text[p.at] != ':' {
		return p.unexpected()
	}
	p.at++
	value, err := p.value()
	if err != nil {
		return err
	}
	if units != nil {
		return p.setUnits(object, goja.StringFromUTF16(units), value)
	}
	return object.Set(name, value)
}

// name is one copy of the name of member i.
func (p *jsonParser) name(name string, i int) string {
	if p.depth >= guessed {
		return p.intern(name)
	}
	before := &p.before[p.depth]
	if i < len(*before) && (*before)[i] == name {
		return (*before)[i]
	}
	name = p.intern(name)
	*before = append((*before)[:min(i, len(*before))], name)
	return name
}

func (p *jsonParser) intern(name string) string {
	if known, ok := p.names[name]; ok {
		return known
	}
	name = strings.Clone(name) // not the whole text with it
	p.names[name] = name
	return name
}

// setUnits defines a member whose name had escapes: it need not be valid UTF-8.
func (p *jsonParser) setUnits(object *goja.Object, name goja.String, value goja.Value) error {
	if text := name.String(); !strings.ContainsRune(text, utf8.RuneError) {
		return object.Set(text, value)
	}
	if p.define == nil {
		program, err := p.vm.RunProgram(definerProgram())
		if err != nil {
			return err
		}
		p.define, _ = goja.AssertFunction(program)
	}
	_, err := p.define(goja.Undefined(), object, name, value)
	return err
}
