package builtin

import (
	"strconv"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// dateFormat is a made Intl.DateTimeFormat.
type dateFormat struct {
	locale           *locale
	zone             *time.Location
	date, time, zulu string // patterns; zulu is the style of the zone's name
	join             string
	hours            string // h or H
	given            map[string]string
}

// What is shown when nothing is asked for.
const (
	defaultDate = "date"
	defaultTime = "time"
	defaultAll  = "all"
)

func newDateFormat(vm *goja.Runtime, tag, given goja.Value, required, defaults string, home *time.Location) *dateFormat {
	o := optionsOf(vm, given)
	f := &dateFormat{locale: localeFor(vm, tag), given: map[string]string{}}
	f.zone = zoneFor(vm, o.value("timeZone"), home)
	f.hourCycle(o)
	f.read(o)
	dateStyle := o.text("dateStyle", "", "full", "long", "medium", "short")
	timeStyle := o.text("timeStyle", "", "full", "long", "medium", "short")
	if dateStyle != "" || timeStyle != "" {
		f.styled(vm, dateStyle, timeStyle, required)
		return f
	}
	f.fallback(required, defaults)
	if f.joinOf() == 4 && f.hours == "H" && !f.has("second") && f.locale.tag != "es" {
		f.given["minute"] = strings.Replace(f.given["minute"], "2-digit", "numeric", 1) // the pattern EHm
	}
	f.date, f.time = f.datePattern(), f.timePattern()
	f.zulu = f.given["timeZoneName"]
	f.join = f.locale.Joins[f.joinOf()]
	if f.joinOf() == 4 && f.hours == "H" && !f.has("minute") {
		f.join = f.locale.Joins[3] // there is no pattern of its own for a weekday and an hour
	}
	return f
}

func (f *dateFormat) hourCycle(o options) {
	f.hours = "H"
	if f.locale.Twelve {
		f.hours = "h"
	}
	switch o.text("hourCycle", "", "h11", "h12", "h23", "h24") {
	case "h11", "h12":
		f.hours = "h"
	case "h23", "h24":
		f.hours = "H"
	}
	if value := o.value("hour12"); !goja.IsUndefined(value) {
		f.hours = "H"
		if value.ToBoolean() {
			f.hours = "h"
		}
	}
}

func (f *dateFormat) read(o options) {
	for name, allowed := range map[string][]string{
		"weekday": {"", "long", "short", "narrow"}, "year": {"", "numeric", "2-digit"}, "day": {"", "numeric", "2-digit"},
		"month": {"", "numeric", "2-digit", "long", "short", "narrow"},
		"hour":  {"", "numeric", "2-digit"}, "minute": {"", "numeric", "2-digit"}, "second": {"", "numeric", "2-digit"},
		"timeZoneName": {"", "short", "long", "shortOffset", "longOffset", "shortGeneric", "longGeneric"},
	} {
		if value := o.text(name, allowed...); value != "" {
			f.given[name] = value
		}
	}
	if n := o.number("fractionalSecondDigits", 1, 3); n > 0 {
		f.given["fraction"] = strconv.Itoa(n)
	}
}

func (f *dateFormat) has(names ...string) bool {
	for _, name := range names {
		if f.given[name] != "" {
			return true
		}
	}
	return false
}

// fallback is what ToDateTimeOptions adds (ECMA-402, section 11.1.2).
func (f *dateFormat) fallback(required, defaults string) {
	date := required != defaultTime && f.has("weekday", "year", "month", "day")
	clock := required != defaultDate && f.has("hour", "minute", "second", "fraction")
	if date || clock {
		return
	}
	if defaults != defaultTime {
		f.given["year"], f.given["month"], f.given["day"] = "numeric", "numeric", "numeric"
	}
	if defaults != defaultDate {
		f.given["hour"], f.given["minute"], f.given["second"] = "numeric", "numeric", "numeric"
	}
}

func (f *dateFormat) styled(vm *goja.Runtime, date, clock, required string) {
	if f.has("weekday", "year", "month", "day", "hour", "minute", "second", "fraction", "timeZoneName") ||
		required == defaultDate && clock != "" || required == defaultTime && date != "" {
		panic(vm.NewTypeError("Can't set option dateStyle or timeStyle with what it stands for."))
	}
	index := map[string]int{"full": 0, "long": 1, "medium": 2, "short": 3}
	if date != "" {
		f.date = f.locale.Styles[index[date]]
		f.join = f.locale.Joins[index[date]]
	}
	switch clock {
	case "full", "long":
		f.time = f.locale.Times[f.hours+"ms"]
		f.zulu = map[string]string{"full": "long", "long": "short"}[clock]
	case "medium":
		f.time = f.locale.Times[f.hours+"ms"]
	case "short":
		f.time = f.locale.Times[f.hours+"m"]
	}
}

func (f *dateFormat) datePattern() string {
	key := ""
	switch f.given["weekday"] {
	case "long":
		key = "EEEE"
	case "short", "narrow":
		key = "EEE"
	}
	if f.has("year") {
		key += "y"
	}
	key += map[string]string{"numeric": "M", "2-digit": "MM", "long": "MMMM", "short": "MMM", "narrow": "MMM"}[f.given["month"]]
	key += map[string]string{"numeric": "d", "2-digit": "dd"}[f.given["day"]]
	pattern := f.locale.Dates[key]
	if f.joinOf() == 4 && f.has("hour") {
		pattern = strings.ReplaceAll(pattern, "c", "E") // the form inside of a sentence
	}
	if f.given["year"] == "2-digit" {
		pattern = strings.Replace(pattern, "{y}", "{yy}", 1)
	}
	if f.given["weekday"] == "narrow" {
		pattern = strings.NewReplacer("{EEE}", "{EEEEE}", "{ccc}", "{EEEEE}").Replace(pattern)
	}
	if f.given["month"] == "narrow" {
		pattern = strings.NewReplacer("{MMM}", "{MMMMM}", "{LLL}", "{MMMMM}").Replace(pattern)
	}
	return pattern
}

func (f *dateFormat) timePattern() string {
	pattern := ""
	switch hour, minute, second := f.has("hour"), f.has("minute"), f.has("second", "fraction"); {
	case hour:
		key := f.hours
		if f.given["hour"] == "2-digit" {
			key += f.hours
		}
		if minute || second {
			key += f.width("minute", "m")
		}
		if second {
			key += f.width("minute", "s")
		}
		pattern = f.locale.Times[key]
	case minute && second:
		pattern = "{mm}:{ss}"
	case minute:
		pattern = "{m}"
	case second:
		pattern = "{s}"
	}
	if f.has("fraction") {
		for _, field := range []string{"{ss}", "{s}"} {
			pattern = strings.Replace(pattern, field, field+f.locale.Number.Decimal+"{S}", 1)
		}
	}
	return pattern
}

// width is a letter once or twice, as the option asks.
func (f *dateFormat) width(option, letter string) string {
	if f.given[option] == "2-digit" {
		return letter + letter
	}
	return letter
}

// joinOf is which of the ways date and time stand together.
func (f *dateFormat) joinOf() int {
	switch f.given["month"] {
	case "long":
		if f.has("weekday") {
			return 0
		}
		return 1
	case "short", "narrow":
		return 2
	}
	if f.has("weekday") && !f.has("year", "month", "day") {
		return 4
	}
	return 3
}
