package builtin

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/dop251/goja"
)

// The forms of dates and numbers of the languages that are known here, as the
// Unicode CLDR has them. A pattern is text with its fields in braces.
//
//go:embed locales.json
var localesSource []byte

type locale struct {
	tag     string
	Months  map[string][]string
	Days    map[string][]string
	Dates   map[string]string // by skeleton
	Times   map[string]string // by skeleton
	Twelve  bool
	Periods []string
	Styles  []string // full, long, medium, short
	Joins   []string // of date and time, likewise; the fifth is for a weekday and a time
	Number  struct {
		Decimal, Group, Minus, Percent string
		Minimum                        int // digits before the first mark between groups
		Money, Less, Accounting        string
		CodeMoney, CodeLess            string
	}
	Symbols map[string]string
	Narrow  map[string]string
	Compact struct{ Short, Long []string } // from a thousand on
}

const defaultLocale = "en-US"

// locales are read once and never change.
var locales = sync.OnceValue(func() map[string]*locale {
	var out map[string]*locale
	if err := json.Unmarshal(localesSource, &out); err != nil {
		panic(err) // a test reads it
	}
	for tag, l := range out {
		l.tag = tag
	}
	return out
})

// localeFor takes the first known language of the argument that every method of
// this kind has: a tag, a list of tags, or nothing.
func localeFor(vm *goja.Runtime, value goja.Value) *locale {
	for _, tag := range tags(vm, value) {
		for tag != "" {
			if l := lookup(tag); l != nil {
				return l
			}
			tag = tag[:max(0, strings.LastIndexByte(tag, '-'))]
		}
	}
	return locales()[defaultLocale]
}

// lookup knows a tag in any case, and for English the two forms that there are.
func lookup(tag string) *locale {
	lower := strings.ToLower(tag)
	if lower == "en" {
		return locales()[defaultLocale]
	}
	if slices.Contains([]string{"en-au", "en-ie", "en-in", "en-nz", "en-za"}, lower) {
		return locales()["en-GB"]
	}
	for known, l := range locales() {
		if strings.EqualFold(known, tag) {
			return l
		}
	}
	return nil
}

const mostTags = 100

func tags(vm *goja.Runtime, value goja.Value) []string {
	if value == nil || goja.IsUndefined(value) {
		return nil
	}
	if _, ok := value.(goja.String); ok {
		return []string{checkedTag(vm, value.String())}
	}
	if goja.IsNull(value) {
		panic(vm.NewTypeError("Cannot convert undefined or null to object"))
	}
	object := value.ToObject(vm)
	var out []string
	length := object.Get("length")
	if length == nil {
		return nil
	}
	for i := range min(length.ToInteger(), mostTags) {
		item := object.Get(vm.ToValue(i).String())
		if item == nil {
			continue
		}
		out = append(out, checkedTag(vm, textArgument(vm, item).String()))
	}
	return out
}

// checkedTag refuses what is no language tag at all.
func checkedTag(vm *goja.Runtime, tag string) string {
	parts := strings.Split(tag, "-")
	valid := len(parts[0]) >= 2 && len(parts[0]) <= 8
	for i, part := range parts {
		for j := range len(part) {
			valid = valid && (letter(part[j]) || i > 0 && digit(part[j]))
		}
		valid = valid && len(part) > 0 && len(part) <= 8
	}
	if !valid {
		panic(newError(vm, "RangeError", "Incorrect locale information provided"))
	}
	return tag
}

// options reads the second argument that methods of this kind have.
type options struct {
	vm     *goja.Runtime
	object *goja.Object
}

func optionsOf(vm *goja.Runtime, value goja.Value) options {
	if value == nil || goja.IsUndefined(value) {
		return options{vm: vm}
	}
	if goja.IsNull(value) {
		panic(vm.NewTypeError("Cannot convert undefined or null to object"))
	}
	return options{vm, value.ToObject(vm)}
}

func (o options) value(name string) goja.Value {
	if o.object == nil {
		return goja.Undefined()
	}
	if value := o.object.Get(name); value != nil {
		return value
	}
	return goja.Undefined()
}

// text is one of the allowed words, the first when there is none.
func (o options) text(name string, allowed ...string) string {
	value := o.value(name)
	if goja.IsUndefined(value) {
		return allowed[0]
	}
	text := textArgument(o.vm, value).String()
	if slices.Contains(allowed, text) {
		return text
	}
	panic(newError(o.vm, "RangeError", "Value "+text+" out of range for Intl options property "+name))
}

// number is within its bounds; none is -1.
func (o options) number(name string, least, most int) int {
	value := o.value(name)
	if goja.IsUndefined(value) {
		return -1
	}
	n := value.ToFloat()
	if !(n >= float64(least) && n <= float64(most)) {
		panic(newError(o.vm, "RangeError", name+" value is out of range."))
	}
	return int(n)
}
