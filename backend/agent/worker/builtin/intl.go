package builtin

import (
	_ "embed"
	"math"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/dop251/goja"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

//go:embed intl.js
var intlSource string

var intlProgram = sync.OnceValue(func() *goja.Program { return goja.MustCompile("builtin", intlSource, true) })

// installIntl gives Intl, and the methods of numbers, dates and texts that speak a
// language: the engine's own throw or ignore what they are told.
func installIntl(vm *goja.Runtime, o Options) error {
	if err := group(vm, intlProgram, []string{"Intl"}, func() natives { return intlNatives(vm, o) }); err != nil {
		return err
	}
	prototype := func(name string) *goja.Object {
		constructor, ok := vm.GlobalObject().Get(name).(*goja.Object)
		if !ok {
			return vm.NewObject()
		}
		return constructor.Get("prototype").ToObject(vm)
	}
	number := func(c goja.FunctionCall) goja.Value {
		return vm.ToValue(joined(newNumberFormat(vm, c.Argument(0), c.Argument(1)).parts(primitive(vm, c.This))))
	}
	for _, name := range []string{"Number", "BigInt"} {
		if err := method(vm, prototype(name), "toLocaleString", 0, number); err != nil {
			return err
		}
	}
	dates := prototype("Date")
	for name, kind := range map[string][2]string{
		"toLocaleDateString": {defaultDate, defaultDate}, "toLocaleTimeString": {defaultTime, defaultTime}, "toLocaleString": {"any", defaultAll},
	} {
		if err := method(vm, dates, name, 0, func(c goja.FunctionCall) goja.Value {
			ms := moment(vm, c.This)
			if math.IsNaN(ms) {
				return vm.ToValue("Invalid Date")
			}
			return vm.ToValue(joined(newDateFormat(vm, c.Argument(0), c.Argument(1), kind[0], kind[1], o.TimeZone).parts(ms)))
		}); err != nil {
			return err
		}
	}
	return method(vm, prototype("String"), "localeCompare", 1, func(c goja.FunctionCall) goja.Value {
		if goja.IsUndefined(c.This) || goja.IsNull(c.This) {
			panic(vm.NewTypeError("String.prototype.localeCompare called on null or undefined"))
		}
		f := newCollation(vm, c.Argument(1), c.Argument(2))
		return vm.ToValue(f.compare(textArgument(vm, c.This).String(), textArgument(vm, c.Argument(0)).String()))
	})
}

// primitive is the number or BigInt that a method was called on.
func primitive(vm *goja.Runtime, this goja.Value) goja.Value {
	if goja.IsNumber(this) || goja.IsBigInt(this) {
		return this
	}
	if object, ok := this.(*goja.Object); ok {
		switch kindOf(object) {
		case "Number":
			return object.ToNumber()
		case "BigInt":
			return vm.ToValue(object.Export())
		}
	}
	panic(vm.NewTypeError("Number.prototype.toLocaleString requires that 'this' be a Number"))
}

// moment is the time of the Date that a method was called on.
func moment(vm *goja.Runtime, this goja.Value) float64 {
	object, ok := this.(*goja.Object)
	if !ok || object.ClassName() != "Date" {
		panic(vm.NewTypeError("this is not a Date object."))
	}
	if t, ok := object.Export().(time.Time); ok {
		return float64(t.UnixMilli())
	}
	return math.NaN()
}

func intlNatives(vm *goja.Runtime, o Options) natives {
	return natives{
		"number": func(c goja.FunctionCall) goja.Value {
			return vm.ToValue(newNumberFormat(vm, c.Argument(0), c.Argument(1)))
		},
		"date": func(c goja.FunctionCall) goja.Value {
			return vm.ToValue(newDateFormat(vm, c.Argument(0), c.Argument(1), "any", defaultDate, o.TimeZone))
		},
		"collator": func(c goja.FunctionCall) goja.Value {
			return vm.ToValue(newCollation(vm, c.Argument(0), c.Argument(1)))
		},
		// parts(handle, value) are kinds and texts by turns.
		"parts": func(c goja.FunctionCall) goja.Value {
			var list []part
			switch f := handle(vm, c.Argument(0)).(type) {
			case *numberFormat:
				list = f.parts(c.Argument(1))
			case *dateFormat:
				ms := c.Argument(1).ToFloat()
				if math.IsNaN(ms) || math.Abs(ms) > 8.64e15 {
					panic(newError(vm, "RangeError", "Invalid time value"))
				}
				list = f.parts(ms)
			}
			items := make([]any, 0, 2*len(list))
			for _, p := range list {
				items = append(items, p.kind, p.text)
			}
			return vm.NewArray(items...)
		},
		"compare": func(c goja.FunctionCall) goja.Value {
			f, ok := handle(vm, c.Argument(0)).(*collation)
			if !ok {
				panic(vm.NewTypeError("Illegal invocation"))
			}
			return vm.ToValue(f.compare(c.Argument(1).String(), c.Argument(2).String()))
		},
		"resolved":  func(c goja.FunctionCall) goja.Value { return resolved(vm, handle(vm, c.Argument(0))) },
		"supported": func(c goja.FunctionCall) goja.Value { return supportedLocales(vm, c) },
		"phrases": func(c goja.FunctionCall) goja.Value {
			return phrasesOf(vm, c.Argument(0), func(c goja.FunctionCall) goja.Value { return supportedLocales(vm, c) })
		},
	}
}

func supportedLocales(vm *goja.Runtime, c goja.FunctionCall) goja.Value {
	var items []any
	for _, tag := range tags(vm, c.Argument(0)) {
		base, _, _ := strings.Cut(tag, "-")
		if lookup(tag) != nil || lookup(base) != nil {
			items = append(items, tag)
		}
	}
	return vm.NewArray(items...)
}

func handle(vm *goja.Runtime, value goja.Value) any {
	if object, ok := value.(*goja.Object); ok {
		return object.Export()
	}
	panic(vm.NewTypeError("Illegal invocation"))
}

func resolved(vm *goja.Runtime, made any) goja.Value {
	out := vm.NewObject()
	put := func(name string, value any) { _ = out.Set(name, value) }
	switch f := made.(type) {
	case *numberFormat:
		put("locale", f.locale.tag)
		put("numberingSystem", "latn")
		put("style", f.style)
		if f.currency != "" && f.style == "currency" {
			put("currency", f.currency)
			put("currencyDisplay", f.display)
			put("currencySign", f.sign)
		}
		put("minimumIntegerDigits", f.whole)
		put("minimumFractionDigits", f.least)
		put("maximumFractionDigits", f.most)
		put("useGrouping", f.grouping)
		put("notation", f.notation)
		put("signDisplay", f.signs)
	case *dateFormat:
		put("locale", f.locale.tag)
		put("calendar", "gregory")
		put("numberingSystem", "latn")
		put("timeZone", zoneName(f.zone))
		if strings.Contains(f.time, "{h") || strings.Contains(f.time, "{H") {
			put("hourCycle", map[string]string{"h": "h12", "H": "h23"}[f.hours])
			put("hour12", f.hours == "h")
		}
		for _, name := range []string{"weekday", "year", "month", "day", "hour", "minute", "second", "timeZoneName"} {
			if f.given[name] != "" {
				put(name, f.given[name])
			}
		}
	case *collation:
		put("locale", f.tag)
		put("usage", "sort")
		put("sensitivity", f.sensitivity)
		put("numeric", f.numeric)
	}
	return out
}

// collation is a made Intl.Collator.
type collation struct {
	tag, sensitivity string
	numeric          bool
	collator         *collate.Collator
}

func newCollation(vm *goja.Runtime, tag, given goja.Value) *collation {
	o := optionsOf(vm, given)
	f := &collation{tag: localeFor(vm, tag).tag}
	o.text("usage", "sort", "search")
	f.sensitivity = o.text("sensitivity", "variant", "base", "accent", "case")
	f.numeric = o.value("numeric").ToBoolean()
	var choices []collate.Option
	switch f.sensitivity {
	case "base":
		choices = append(choices, collate.IgnoreCase, collate.IgnoreDiacritics, collate.IgnoreWidth)
	case "accent":
		choices = append(choices, collate.IgnoreCase, collate.IgnoreWidth)
	}
	if f.numeric {
		choices = append(choices, collate.Numeric)
	}
	f.collator = collate.New(language.Make(f.tag), choices...)
	return f
}

func (f *collation) compare(a, b string) int {
	a, b = wellFormed(a), wellFormed(b)
	if f.sensitivity == "case" {
		a, b = withoutMarks(a), withoutMarks(b)
	}
	return f.collator.CompareString(a, b)
}

func withoutMarks(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(text))
}
