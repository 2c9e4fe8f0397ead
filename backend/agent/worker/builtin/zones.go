package builtin

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// zoneFor finds a time zone by its name in any case, or by its offset.
func zoneFor(vm *goja.Runtime, value goja.Value, home *time.Location) *time.Location {
	if goja.IsUndefined(value) {
		return home
	}
	name := textArgument(vm, value).String()
	if offset, ok := zoneOffset(name); ok {
		return time.FixedZone(name, offset)
	}
	if name == "" || strings.EqualFold(name, "local") {
		panic(newError(vm, "RangeError", "Invalid time zone specified: "+name))
	}
	for _, form := range []string{name, titled(name), strings.ToUpper(name)} {
		if zone, err := time.LoadLocation(form); err == nil {
			return zone
		}
	}
	panic(newError(vm, "RangeError", "Invalid time zone specified: "+name))
}

// titled is america/new_york as America/New_York.
func titled(name string) string {
	raw, upper := []byte(strings.ToLower(name)), true
	for i, c := range raw {
		if upper && letter(c) {
			raw[i] = c &^ 0x20
		}
		upper = c == '/' || c == '_' || c == '-'
	}
	return string(raw)
}

// zoneOffset reads +01:00 and the like.
func zoneOffset(name string) (seconds int, ok bool) {
	if len(name) < 3 || name[0] != '+' && name[0] != '-' {
		return 0, false
	}
	digits := strings.Replace(name[1:], ":", "", 1)
	if len(digits) != 2 && len(digits) != 4 || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	hours, _ := strconv.Atoi(digits[:2])
	minutes, _ := strconv.Atoi("0" + digits[2:])
	if hours > 23 || minutes > 59 {
		return 0, false
	}
	seconds = hours*3600 + minutes*60
	if name[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

func zoneName(zone *time.Location) string {
	switch name := zone.String(); name {
	case "Local", "Etc/UTC", "Etc/GMT", "GMT":
		return "UTC"
	default:
		return name
	}
}

// zoneText is what stands for the zone behind a time: the short names that
// Americans use, and the offset for everybody else.
func zoneText(l *locale, t time.Time, style string) string {
	_, offset := t.Zone()
	if zoneName(t.Location()) == "UTC" && !strings.HasSuffix(style, "Offset") {
		if style == "long" && strings.HasPrefix(l.tag, "en") {
			return "Coordinated Universal Time"
		}
		return "UTC"
	}
	if l.tag == "en-US" && (style == "short" || style == "long") {
		name, _ := t.Zone()
		if text, ok := american(name); ok && inAmerica(t.Location().String()) {
			if style == "short" {
				return name
			}
			return text
		}
	}
	if offset == 0 {
		return "GMT"
	}
	sign := "+"
	if offset < 0 {
		sign, offset = "-", -offset
	}
	hours, minutes := offset/3600, offset/60%60
	switch {
	case strings.HasPrefix(style, "long"):
		return fmt.Sprintf("GMT%s%02d:%02d", sign, hours, minutes)
	case minutes != 0:
		return fmt.Sprintf("GMT%s%d:%02d", sign, hours, minutes)
	}
	return fmt.Sprintf("GMT%s%d", sign, hours)
}

func american(name string) (long string, ok bool) {
	regions := map[byte]string{'E': "Eastern", 'C': "Central", 'M': "Mountain", 'P': "Pacific"}
	kinds := map[string]string{"ST": "Standard", "DT": "Daylight"}
	switch {
	case name == "HST":
		return "Hawaii-Aleutian Standard Time", true
	case len(name) == 4 && strings.HasPrefix(name, "AK"):
		kind, ok := kinds[name[2:]]
		return "Alaska " + kind + " Time", ok
	case len(name) == 3:
		region, ok := regions[name[0]]
		kind, also := kinds[name[1:]]
		return region + " " + kind + " Time", ok && also
	}
	return "", false
}

func inAmerica(zone string) bool {
	return strings.HasPrefix(zone, "America/") || strings.HasPrefix(zone, "US/") || zone == "Pacific/Honolulu"
}
