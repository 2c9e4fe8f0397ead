package builtin

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// number is the digits with their marks, and what stands behind a short form.
func (f *numberFormat) number(d *decimal) (parts []part, suffix string) {
	switch f.notation {
	case "compact":
		return f.compact(d)
	case "scientific", "engineering":
		return f.scientific(d), ""
	}
	f.round(d)
	return f.marked(d, f.grouping), ""
}

func (f *numberFormat) round(d *decimal) {
	switch {
	case f.mostSig > 0:
		d.round(f.mostSig)
	case f.roundedToMagnitude:
		d.round(max(2, d.point))
	default:
		d.round(d.point + f.most)
	}
}

// marked writes digits with marks between the groups.
func (f *numberFormat) marked(d *decimal, grouping string) []part {
	whole, fraction := d.split()
	if f.mostSig > 0 && len(d.digits) < f.leastSig {
		significant := len(strings.TrimLeft(whole, "0")) + len(fraction)
		if whole == "0" {
			significant = max(1, len(strings.TrimLeft(fraction, "0")))
		}
		fraction += strings.Repeat("0", max(0, f.leastSig-significant))
	}
	if f.mostSig == 0 {
		fraction += strings.Repeat("0", max(0, f.least-len(fraction)))
	}
	whole = strings.Repeat("0", max(0, f.whole-len(whole))) + whole
	parts := f.groups(whole, grouping)
	if fraction != "" {
		parts = append(parts, part{"decimal", f.locale.Number.Decimal}, part{"fraction", fraction})
	}
	return parts
}

func (f *numberFormat) groups(whole, grouping string) []part {
	least := f.locale.Number.Minimum
	switch grouping {
	case "false":
		return []part{{"integer", whole}}
	case "always":
		least = 1
	case "min2":
		least = 2
	}
	if len(whole) < 3+least {
		return []part{{"integer", whole}}
	}
	first := (len(whole)-1)%3 + 1
	parts := []part{{"integer", whole[:first]}}
	for i := first; i < len(whole); i += 3 {
		parts = append(parts, part{"group", f.locale.Number.Group}, part{"integer", whole[i : i+3]})
	}
	return parts
}

// compact writes 1.2M. A pattern begins with how many digits stand before the
// point, and may have a form for exactly one behind a bar.
func (f *numberFormat) compact(d *decimal) (parts []part, suffix string) {
	table := f.locale.Compact.Short
	if f.length == "long" {
		table = f.locale.Compact.Long
	}
	for range 2 { // once more when rounding made it longer
		pattern, digits := "", d.point
		if i := d.point - 4; i >= 0 && len(d.digits) > 0 {
			pattern = table[min(i, len(table)-1)]
			if pattern != "" {
				digits = int(pattern[0]-'0') + max(0, i-len(table)+1)
				pattern = pattern[1:]
			}
		}
		short := *d
		short.point = digits
		f.round(&short)
		if short.point > digits && pattern != "" {
			d.digits, d.point = short.digits, d.point+1
			continue
		}
		*d = short
		plural, one, both := strings.Cut(pattern, "|")
		if both && string(short.digits) == "1" && short.point == 1 {
			plural = one
		}
		return f.marked(&short, f.grouping), strings.TrimPrefix(plural, "{n}")
	}
	return f.marked(d, f.grouping), ""
}

func (f *numberFormat) scientific(d *decimal) []part {
	exponent := 0
	for range 2 { // once more when rounding made it longer
		if len(d.digits) == 0 {
			break
		}
		exponent = d.point - 1
		if f.notation == "engineering" {
			exponent -= (exponent%3 + 3) % 3
		}
		keep := f.mostSig
		if keep == 0 {
			keep = d.point - exponent + f.most
		}
		d.round(keep)
	}
	d.point -= exponent
	parts := append(f.marked(d, "false"), part{"exponentSeparator", "E"})
	if exponent < 0 {
		parts = append(parts, part{"exponentMinusSign", f.locale.Number.Minus})
		exponent = -exponent
	}
	return append(parts, part{"exponentInteger", strconv.Itoa(exponent)})
}

// fill puts the parts into a pattern.
func (f *numberFormat) fill(pattern string, sign int, number []part, suffix string) []part {
	var out []part
	for pattern != "" {
		open := strings.IndexByte(pattern, '{')
		if open != 0 {
			text := pattern
			if open > 0 {
				text = pattern[:open]
			}
			out = append(out, f.literal(text))
			pattern = pattern[len(text):]
			continue
		}
		field, rest, _ := strings.Cut(pattern[1:], "}")
		pattern = rest
		switch field {
		case "-":
			if sign > 0 {
				out = append(out, part{"plusSign", "+"})
			} else {
				out = append(out, part{"minusSign", f.locale.Number.Minus})
			}
		case "c":
			symbol := f.symbol()
			out = append(out, part{"currency", symbol})
			last, _ := utf8.DecodeLastRuneInString(symbol)
			if strings.HasPrefix(rest, "{n}") && !unicode.IsSymbol(last) {
				out = append(out, part{"literal", "\u00A0"})
			}
		case "%":
			out = append(out, part{"percentSign", "%"})
		case "n":
			out = append(out, number...)
			if suffix != "" {
				trimmed := strings.TrimLeft(suffix, " \u00A0")
				if space := suffix[:len(suffix)-len(trimmed)]; space != "" {
					out = append(out, part{"literal", space})
				}
				out = append(out, part{"compact", trimmed})
			}
		}
	}
	return out
}

func (f *numberFormat) literal(text string) part {
	if f.style == "unit" {
		return part{"unit", text}
	}
	return part{"literal", text}
}

func (f *numberFormat) unitOf(vm *goja.Runtime, o options) {
	value := o.value("unit")
	if !goja.IsUndefined(value) {
		f.unit = textArgument(vm, value).String()
		if _, ok := units()[f.unit]; !ok {
			panic(newError(vm, "RangeError", "Invalid unit argument for Intl.NumberFormat() '"+f.unit+"'"))
		}
	} else if f.style == "unit" {
		panic(vm.NewTypeError("Unit is required with unit style."))
	}
}

// units are the short forms, which most languages share.
func units() map[string]string {
	return map[string]string{
		"kilometer": " km", "meter": " m", "centimeter": " cm", "millimeter": " mm", "mile": " mi", "foot": " ft", "inch": " in", "yard": " yd",
		"kilogram": " kg", "gram": " g", "ounce": " oz", "pound": " lb", "stone": " st", "liter": " L", "milliliter": " mL", "gallon": " gal", "fluid-ounce": " fl oz",
		"celsius": "°C", "fahrenheit": "°F", "degree": " deg", "percent": "%", "acre": " ac", "hectare": " ha",
		"bit": " bit", "byte": " byte", "kilobit": " kb", "kilobyte": " kB", "megabit": " Mb", "megabyte": " MB", "gigabit": " Gb", "gigabyte": " GB",
		"terabit": " Tb", "terabyte": " TB", "petabyte": " PB", "millisecond": " ms", "second": " sec", "minute": " min", "hour": " hr", "day": " days",
		"week": " wks", "month": " mths", "year": " yrs", "kilometer-per-hour": " km/h", "meter-per-second": " m/s", "mile-per-hour": " mph", "liter-per-kilometer": " L/km",
	}
}

func (f *numberFormat) unitPattern() string { return "{n}" + units()[f.unit] }
