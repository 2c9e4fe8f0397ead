package builtin

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// parts formats a moment in milliseconds since 1970.
func (f *dateFormat) parts(ms float64) []part {
	whole := math.Floor(ms)
	t := time.UnixMilli(int64(whole)).In(f.zone)
	out := f.fill(nil, f.date, t)
	if f.time != "" {
		if f.date != "" {
			out = append(out, part{"literal", f.join})
		}
		out = f.fill(out, f.time, t)
	}
	if f.zulu != "" {
		space := " "
		if f.time == "" {
			space = f.locale.Joins[3]
		}
		if len(out) > 0 {
			out = append(out, part{"literal", space})
		}
		out = append(out, part{"timeZoneName", zoneText(f.locale, t, f.zulu)})
	}
	return out
}

func (f *dateFormat) fill(out []part, pattern string, t time.Time) []part {
	for pattern != "" {
		open := strings.IndexByte(pattern, '{')
		if open < 0 {
			return append(out, part{"literal", pattern})
		}
		if open > 0 {
			out = append(out, part{"literal", pattern[:open]})
		}
		field, rest, _ := strings.Cut(pattern[open+1:], "}")
		out = append(out, f.field(field, t))
		pattern = rest
	}
	return out
}

func (f *dateFormat) field(name string, t time.Time) part {
	two := func(n int) string { return fmt.Sprintf("%02d", n) }
	twelve := (t.Hour()+11)%12 + 1
	year := t.Year()
	if year <= 0 {
		year = 1 - year // of the era before
	}
	switch name {
	case "y":
		return part{"year", strconv.Itoa(year)}
	case "yy":
		return part{"year", two(year % 100)}
	case "M":
		return part{"month", strconv.Itoa(int(t.Month()))}
	case "MM":
		return part{"month", two(int(t.Month()))}
	case "d":
		return part{"day", strconv.Itoa(t.Day())}
	case "dd":
		return part{"day", two(t.Day())}
	case "h":
		return part{"hour", strconv.Itoa(twelve)}
	case "hh":
		return part{"hour", two(twelve)}
	case "H":
		return part{"hour", strconv.Itoa(t.Hour())}
	case "HH":
		return part{"hour", two(t.Hour())}
	case "m":
		return part{"minute", strconv.Itoa(t.Minute())}
	case "mm":
		return part{"minute", two(t.Minute())}
	case "s":
		return part{"second", strconv.Itoa(t.Second())}
	case "ss":
		return part{"second", two(t.Second())}
	case "S":
		n, _ := strconv.Atoi(f.given["fraction"])
		return part{"fractionalSecond", fmt.Sprintf("%03d", t.Nanosecond()/1e6)[:min(max(n, 0), 3)]}
	case "a":
		return part{"dayPeriod", f.locale.Periods[t.Hour()/12]}
	}
	return f.name(name, t)
}

// name is a month or a day of the week in words.
func (f *dateFormat) name(name string, t time.Time) part {
	if list, ok := f.locale.Months[name]; ok {
		return part{"month", list[t.Month()-1]}
	}
	if list, ok := f.locale.Days[name]; ok {
		return part{"weekday", list[t.Weekday()]}
	}
	return part{"literal", name}
}
