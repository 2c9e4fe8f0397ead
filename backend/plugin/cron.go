package plugin

import (
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// cronFields are the bounds of the five fields of a cron expression.
var cronFields = []struct {
	name     string
	min, max int
	names    string
}{
	{"minute", 0, 59, ""},
	{"hour", 0, 23, ""},
	{"day of the month", 1, 31, ""},
	{"month", 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"},
	{"day of the week", 0, 7, "sun mon tue wed thu fri sat"},
}

// Cron is a cron expression of five fields. Bit n of a field is set when it
// names the value n; Sunday is 0.
type Cron struct {
	Minutes, Hours, Days, Months, Weekdays uint64
	EitherDay                              bool // both day fields are restricted, so one that matches is enough
}

// ParseCron reads a cron expression. The problem completes a sentence that
// begins with the expression, and is "" when there is none.
func ParseCron(text string) (c Cron, problem string) {
	fields := strings.Fields(text)
	if len(fields) != len(cronFields) {
		return Cron{}, "must have five fields"
	}
	var sets [5]uint64
	for i, field := range fields {
		for part := range strings.SplitSeq(field, ",") {
			set, ok := cronPart(part, i)
			if !ok {
				return Cron{}, "has a wrong " + cronFields[i].name
			}
			sets[i] |= set
		}
	}
	if sets[4]&(1<<7) != 0 {
		sets[4] = sets[4]&^(1<<7) | 1
	}
	c = Cron{
		Minutes: sets[0], Hours: sets[1], Days: sets[2], Months: sets[3], Weekdays: sets[4],
		EitherDay: fields[2][0] != '*' && fields[4][0] != '*',
	}
	if !c.possible() {
		return Cron{}, "names a date that no calendar has, so it would never run"
	}
	return c, ""
}

// OnDay tells whether the expression names the day.
func (c Cron) OnDay(month time.Month, day int, weekday time.Weekday) bool {
	if c.Months>>uint(month)&1 == 0 { // #nosec G115 -- 1 to 12
		return false
	}
	inMonth, inWeek := c.Days>>uint(day)&1 == 1, c.Weekdays>>uint(weekday)&1 == 1 // #nosec G115 -- small
	if c.EitherDay {
		return inMonth || inWeek
	}
	return inMonth && inWeek
}

// possible tells whether some month has one of the days; 2000 had every date.
func (c Cron) possible() bool {
	if c.EitherDay {
		return true
	}
	first := bits.TrailingZeros64(c.Days)
	for month := time.January; month <= time.December; month++ {
		if c.Months>>uint(month)&1 == 1 && first <= time.Date(2000, month+1, 0, 0, 0, 0, 0, time.UTC).Day() { // #nosec G115 -- 1 to 12
			return true
		}
	}
	return false
}

// cronPart is the set of one part between commas: *, a, a-b, each with /step.
func cronPart(part string, field int) (set uint64, ok bool) {
	body, text, stepped := strings.Cut(part, "/")
	low, high, step := cronFields[field].min, cronFields[field].max, 1
	if stepped {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > cronFields[field].max {
			return 0, false
		}
		step = n
	}
	if body != "*" {
		from, to, isRange := strings.Cut(body, "-")
		if low, ok = cronValue(from, field); !ok {
			return 0, false
		}
		if isRange {
			if high, ok = cronValue(to, field); !ok || low > high {
				return 0, false
			}
		} else if !stepped {
			high = low
		}
	}
	for n := low; n <= high; n += step {
		set |= 1 << n
	}
	return set, true
}

func cronValue(text string, field int) (int, bool) {
	bounds := cronFields[field]
	for i, name := range strings.Fields(bounds.names) {
		if strings.EqualFold(text, name) {
			return i + bounds.min, true
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= bounds.min && n <= bounds.max
}
