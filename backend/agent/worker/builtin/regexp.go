package builtin

import (
	"reflect"
	"strings"
	"unicode"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
)

// The engine reads \p{…} wrongly unless a pattern has what only its second matcher
// can do; an empty lookahead is that.
const secondMatcher = "(?=)"

// fixPattern makes a pattern with property escapes one that the engine reads
// rightly. Others stay as they are.
func fixPattern(pattern, flags string) string {
	if !strings.Contains(flags, "u") || !strings.Contains(pattern, `\p`) && !strings.Contains(pattern, `\P`) {
		return pattern
	}
	var b strings.Builder
	b.Grow(len(pattern) + 16)
	found, inClass := false, false
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '[':
			inClass = true
		case ']':
			inClass = false
		case '\\':
			// One that is not whole is for the second matcher to refuse.
			found = found || i+1 < len(pattern) && pattern[i+1]|0x20 == 'p'
			if end := propertyEnd(pattern[i:]); end > 0 {
				b.WriteString(property(pattern[i:i+end], inClass))
				i += end - 1
				continue
			}
			b.WriteByte('\\')
			if i++; i >= len(pattern) {
				continue
			}
		}
		b.WriteByte(pattern[i])
	}
	if !found {
		return pattern
	}
	if strings.HasPrefix(pattern, secondMatcher) {
		return b.String()
	}
	return secondMatcher + b.String()
}

// propertyEnd is the length of a property escape at the beginning of text.
func propertyEnd(text string) int {
	if len(text) < 5 || text[1] != 'p' && text[1] != 'P' || text[2] != '{' {
		return 0
	}
	return strings.IndexByte(text, '}') + 1
}

// property writes an escape in the words that the matcher knows.
func property(escape string, inClass bool) string {
	name, negative := escape[3:len(escape)-1], escape[1] == 'P'
	if key, value, ok := strings.Cut(name, "="); ok {
		switch key {
		case "Script", "sc", "Script_Extensions", "scx", "General_Category", "gc":
			name = value
		}
		return escape[:3] + script(name) + "}"
	}
	class, known := binary(name)
	switch {
	case !known:
		return escape[:3] + script(name) + "}"
	case !inClass && negative:
		return "[^" + class + "]"
	case !inClass:
		return "[" + class + "]"
	case negative:
		return escape // the matcher will refuse it
	}
	return class
}

// script knows the short names of common scripts.
func script(name string) string {
	if _, ok := unicode.Scripts[name]; ok || len(name) != 4 {
		return name
	}
	short := map[string]string{
		"Arab": "Arabic", "Armn": "Armenian", "Beng": "Bengali", "Cyrl": "Cyrillic", "Deva": "Devanagari", "Geor": "Georgian",
		"Grek": "Greek", "Hang": "Hangul", "Hani": "Han", "Hebr": "Hebrew", "Hira": "Hiragana", "Kana": "Katakana",
		"Khmr": "Khmer", "Latn": "Latin", "Mong": "Mongolian", "Taml": "Tamil", "Telu": "Telugu", "Zyyy": "Common", "Zinh": "Inherited",
	}
	if long, ok := short[name]; ok {
		return long
	}
	return name
}

// binary is a binary property as a character class, where the matcher lacks it.
func binary(name string) (class string, known bool) {
	switch name {
	case "Any":
		return `\u{0}-\u{10ffff}`, true
	case "ASCII":
		return `\u{0}-\u{7f}`, true
	case "Alphabetic", "Alpha":
		return `\p{L}\p{Nl}\p{Other_Alphabetic}`, true
	case "Lowercase", "Lower":
		return `\p{Ll}\p{Other_Lowercase}`, true
	case "Uppercase", "Upper":
		return `\p{Lu}\p{Other_Uppercase}`, true
	case "ID_Start", "IDS":
		return `\p{L}\p{Nl}\p{Other_ID_Start}`, true
	case "ID_Continue", "IDC":
		return `\p{L}\p{Nl}\p{Other_ID_Start}\p{Mn}\p{Mc}\p{Nd}\p{Pc}\p{Other_ID_Continue}`, true
	case "space":
		return `\p{White_Space}`, true
	}
	return emoji(name)
}

// FixRegExps corrects the literals with property escapes in a program that was
// parsed and is not yet compiled: no wrapper can reach them later.
func FixRegExps(program *ast.Program) {
	seen := map[uintptr]bool{}
	waiting := []reflect.Value{reflect.ValueOf(program)}
	push := func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Struct:
			waiting = append(waiting, v)
		default: // holds no node
		}
	}
	for len(waiting) > 0 {
		v := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		switch v.Kind() {
		case reflect.Interface:
			push(v.Elem())
		case reflect.Pointer:
			if v.IsNil() || seen[v.Pointer()] || v.Type().Elem().PkgPath() != reflect.TypeFor[ast.Program]().PkgPath() {
				continue
			}
			seen[v.Pointer()] = true
			if literal, ok := reflect.TypeAssert[*ast.RegExpLiteral](v); ok {
				literal.Pattern = fixPattern(literal.Pattern, literal.Flags)
				continue
			}
			push(v.Elem())
		case reflect.Slice:
			for i := range v.Len() {
				push(v.Index(i))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					push(v.Field(i))
				}
			}
		default: // push takes no others
		}
	}
}

// installRegExp puts a proxy before the constructor, which corrects patterns on
// their way; everything else of it shows through.
func installRegExp(vm *goja.Runtime, _ Options) error {
	global := vm.GlobalObject()
	native, ok := global.Get("RegExp").(*goja.Object)
	if !ok {
		return errNoLanguage
	}
	construct, ok := goja.AssertConstructor(native)
	if !ok {
		return errNoLanguage
	}
	var proxy *goja.Object
	proxy = vm.ToValue(vm.NewProxy(native, &goja.ProxyTrapConfig{
		Apply: func(_ *goja.Object, _ goja.Value, args []goja.Value) goja.Value {
			if len(args) > 0 && (len(args) == 1 || goja.IsUndefined(args[1])) {
				if same, ok := args[0].(*goja.Object); ok && same.ClassName() == "RegExp" && proxy.SameAs(same.Get("constructor")) {
					return same
				}
			}
			return made(construct, native, args)
		},
		Construct: func(_ *goja.Object, args []goja.Value, target *goja.Object) *goja.Object {
			return made(construct, target, args)
		},
	})).ToObject(vm)
	if err := instances(vm, native, proxy); err != nil {
		return err
	}
	if prototype, ok := native.Get("prototype").(*goja.Object); ok {
		if err := emptyMatches(vm, construct, native, prototype); err != nil {
			return err
		}
		if err := define(vm, prototype, "constructor", proxy); err != nil {
			return err
		}
	}
	return define(vm, global, "RegExp", proxy)
}

// instances lets instanceof work with the proxy, which the engine would refuse.
func instances(vm *goja.Runtime, native, proxy *goja.Object) error {
	ordinary, ok := goja.AssertFunction(native.GetSymbol(goja.SymHasInstance))
	if !ok {
		return errNoLanguage
	}
	return native.DefineDataPropertySymbol(goja.SymHasInstance, vm.ToValue(func(c goja.FunctionCall) goja.Value {
		this := c.This
		if proxy.SameAs(this) {
			this = native
		}
		answer, err := ordinary(this, c.Argument(0))
		if err != nil {
			panic(err)
		}
		return answer
	}), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

func made(construct goja.Constructor, target *goja.Object, args []goja.Value) *goja.Object {
	if len(args) > 1 {
		pattern, isText := args[0].(goja.String)
		flags, also := args[1].(goja.String)
		if isText && also {
			if fixed := fixPattern(pattern.String(), flags.String()); fixed != pattern.String() {
				args = append([]goja.Value{goja.StringFromUTF16(appendUnits(nil, fixed))}, args[1:]...)
			}
		}
	}
	out, err := construct(target, args...)
	if err != nil {
		panic(err)
	}
	return out
}
