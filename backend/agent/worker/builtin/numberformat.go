package builtin

import (
	"math"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// numberFormat is a made Intl.NumberFormat.
type numberFormat struct {
	locale             *locale
	style, currency    string
	display, sign      string
	notation, length   string
	unit               string
	signs, grouping    string
	whole              int // least digits before the point
	least, most        int // digits behind the point
	leastSig, mostSig  int // 0 is none
	roundedToMagnitude bool
}

// part is a piece of a formatted text with its kind.
type part struct{ kind, text string }

func joined(parts []part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.text)
	}
	return b.String()
}

func newNumberFormat(vm *goja.Runtime, tag, given goja.Value) *numberFormat {
	o := optionsOf(vm, given)
	f := &numberFormat{locale: localeFor(vm, tag)}
	f.style = o.text("style", "decimal", "percent", "currency", "unit")
	if value := o.value("currency"); !goja.IsUndefined(value) {
		f.currency = strings.ToUpper(textArgument(vm, value).String())
		if len(f.currency) != 3 || strings.Trim(f.currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			panic(newError(vm, "RangeError", "Invalid currency code : "+f.currency))
		}
	}
	if f.style == "currency" && f.currency == "" {
		panic(vm.NewTypeError("Currency code is required with currency style."))
	}
	f.display = o.text("currencyDisplay", "symbol", "code", "narrowSymbol", "name")
	f.sign = o.text("currencySign", "standard", "accounting")
	f.unitOf(vm, o)
	f.notation = o.text("notation", "standard", "compact", "scientific", "engineering")
	f.length = o.text("compactDisplay", "short", "long")
	f.signs = o.text("signDisplay", "auto", "never", "always", "exceptZero", "negative")
	f.grouping = groupingOf(vm, o, f.notation)
	f.digits(vm, o)
	return f
}

func groupingOf(vm *goja.Runtime, o options, notation string) string {
	value := o.value("useGrouping")
	switch text := value.String(); {
	case goja.IsUndefined(value) && notation == "compact":
		return "min2"
	case goja.IsUndefined(value), text == "auto":
		return "auto"
	case text == "always", text == "min2":
		return text
	case text == "true":
		return "always"
	case !value.ToBoolean(), text == "false":
		return "false"
	}
	panic(newError(vm, "RangeError", "Value "+value.String()+" out of range for Intl options property useGrouping"))
}

// digits is SetNumberFormatDigitOptions, as far as agents ask for it.
func (f *numberFormat) digits(vm *goja.Runtime, o options) {
	f.whole = max(1, o.number("minimumIntegerDigits", 1, 21))
	f.least, f.most = 0, 3
	switch f.style {
	case "currency":
		f.least = currencyDigits(f.currency)
		f.most = f.least
	case "percent":
		f.most = 0
	}
	least, most := o.number("minimumFractionDigits", 0, 100), o.number("maximumFractionDigits", 0, 100)
	leastSig, mostSig := o.number("minimumSignificantDigits", 1, 21), o.number("maximumSignificantDigits", 1, 21)
	if least > most && most >= 0 || leastSig > mostSig && mostSig >= 0 {
		panic(newError(vm, "RangeError", "maximumFractionDigits value is out of range."))
	}
	switch {
	case leastSig > 0 || mostSig > 0:
		f.leastSig, f.mostSig = max(leastSig, 1), mostSig
		if mostSig < 0 {
			f.mostSig = 21
		}
	case least >= 0 || most >= 0:
		f.fraction(least, most)
	case f.notation == "compact":
		f.roundedToMagnitude = true
		f.least, f.most = 0, 0
	}
}

func (f *numberFormat) fraction(least, most int) {
	switch {
	case least < 0:
		f.least, f.most = min(f.least, most), most
	case most < 0:
		f.least, f.most = least, max(f.most, least)
	default:
		f.least, f.most = least, most
	}
}

func currencyDigits(code string) int {
	switch code {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	}
	return 2
}

// parts formats a number, a BigInt or what becomes one.
func (f *numberFormat) parts(value goja.Value) []part {
	if goja.IsBigInt(value) {
		return f.dress(newDecimal(value.String()), "")
	}
	n := value.ToFloat()
	switch {
	case math.IsNaN(n):
		return f.dress(decimal{}, "NaN")
	case math.IsInf(n, 0):
		return f.dress(decimal{negative: n < 0}, "∞")
	}
	return f.dress(newDecimal(strconv.FormatFloat(n, 'e', -1, 64)), "")
}

// dress puts sign, currency and the like round the number; word stands for a
// number that has no digits.
func (f *numberFormat) dress(d decimal, word string) []part {
	if f.style == "percent" && len(d.digits) > 0 {
		d.point += 2
	}
	var number []part
	suffix := ""
	switch {
	case word == "NaN":
		number = []part{{"nan", word}}
	case word != "":
		number = []part{{"infinity", word}}
	default:
		number, suffix = f.number(&d)
	}
	sign := f.signOf(d, word)
	return f.fill(f.pattern(sign), sign, number, suffix)
}

// signOf is -1, 0 or 1: what is written before the number.
func (f *numberFormat) signOf(d decimal, word string) int {
	zero := word == "" && len(d.digits) == 0
	switch f.signs {
	case "never":
		return 0
	case "always":
		if d.negative {
			return -1
		}
		return 1
	case "exceptZero":
		if zero || word == "NaN" {
			return 0
		}
		if d.negative {
			return -1
		}
		return 1
	case "negative":
		if d.negative && !zero {
			return -1
		}
		return 0
	}
	if d.negative {
		return -1
	}
	return 0
}

func (f *numberFormat) pattern(sign int) string {
	n := f.locale.Number
	var plain, less string
	switch f.style {
	case "percent":
		plain, less = n.Percent, "{-}"+n.Percent
	case "unit":
		plain, less = f.unitPattern(), "{-}"+f.unitPattern()
	case "currency":
		plain, less = n.Money, n.Less
		if f.display == "code" || f.display == "name" {
			plain, less = n.CodeMoney, n.CodeLess
		}
		if f.sign == "accounting" && sign < 0 && f.display != "code" {
			return n.Accounting
		}
	default:
		plain, less = "{n}", "{-}{n}"
	}
	if sign == 0 {
		return plain
	}
	return less
}

// symbol is how the currency is written.
func (f *numberFormat) symbol() string {
	if f.display == "code" || f.display == "name" {
		return f.currency
	}
	if f.display == "narrowSymbol" {
		if s, ok := f.locale.Narrow[f.currency]; ok {
			return s
		}
	}
	if s, ok := f.locale.Symbols[f.currency]; ok {
		return s
	}
	return f.currency
}
