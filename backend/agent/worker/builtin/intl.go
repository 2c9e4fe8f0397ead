package builtin

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// installIntl makes the texts of numbers and dates for people right where the
// engine throws or ignores what it is told: in English forms, in the zone that is
// asked for or the person's own.
func installIntl(vm *goja.Runtime, o Options) error {
	global := vm.GlobalObject()
	number := global.Get("Number").ToObject(vm).Get("prototype").ToObject(vm)
	if err := define(vm, number, "toLocaleString", func(c goja.FunctionCall) goja.Value {
		return vm.ToValue(localeNumber(c))
	}); err != nil {
		return err
	}
	date := global.Get("Date").ToObject(vm).Get("prototype").ToObject(vm)
	for name, layout := range map[string]string{
		"toLocaleDateString": "1/2/2006", "toLocaleTimeString": "3:04:05 PM", "toLocaleString": "1/2/2006, 3:04:05 PM",
	} {
		if err := define(vm, date, name, func(c goja.FunctionCall) goja.Value {
			ms := c.This.ToFloat()
			if math.IsNaN(ms) {
				return vm.ToValue("Invalid Date")
			}
			zone := o.TimeZone
			if name := option(c.Argument(1), "timeZone"); name != "" {
				found, err := time.LoadLocation(name)
				if err != nil {
					panic(newError(vm, "RangeError", "Invalid time zone specified: "+name))
				}
				zone = found
			}
			return vm.ToValue(time.UnixMilli(int64(ms)).In(zone).Format(layout))
		}); err != nil {
			return err
		}
	}
	return nil
}

func option(options goja.Value, name string) string {
	object, ok := options.(*goja.Object)
	if !ok {
		return ""
	}
	value := object.Get(name)
	if value == nil || goja.IsUndefined(value) {
		return ""
	}
	return value.String()
}

// digitsOf reads the least and the most digits behind the point.
func digitsOf(options goja.Value) (least, most int) {
	least, most = 0, 3
	if n, err := strconv.Atoi(option(options, "minimumFractionDigits")); err == nil {
		least = min(max(n, 0), 20)
		most = max(most, least)
	}
	if n, err := strconv.Atoi(option(options, "maximumFractionDigits")); err == nil {
		most = min(max(n, least), 20)
	}
	return least, most
}

// formatNumber groups by thousands in the English form.
func formatNumber(value float64, least, most int) string {
	switch {
	case math.IsNaN(value):
		return "NaN"
	case math.IsInf(value, 1):
		return "∞"
	case math.IsInf(value, -1):
		return "-∞"
	}
	text := strconv.FormatFloat(math.Abs(value), 'f', most, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	for len(fraction) > least && strings.HasSuffix(fraction, "0") {
		fraction = fraction[:len(fraction)-1]
	}
	var b strings.Builder
	if value < 0 || value == 0 && math.Signbit(value) {
		b.WriteByte('-')
	}
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	if fraction != "" {
		b.WriteString("." + fraction)
	}
	return b.String()
}

func localeNumber(c goja.FunctionCall) string {
	least, most := digitsOf(c.Argument(1))
	return formatNumber(c.This.ToFloat(), least, most)
}
