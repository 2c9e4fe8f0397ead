package plugin

import (
	"strconv"
	"strings"
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

// checkCron says what is wrong with a cron expression of five fields, "" when
// nothing is.
func checkCron(text string) string {
	fields := strings.Fields(text)
	if len(fields) != len(cronFields) {
		return "must have five fields"
	}
	for i, field := range fields {
		for part := range strings.SplitSeq(field, ",") {
			if !cronPart(part, i) {
				return "has a wrong " + cronFields[i].name
			}
		}
	}
	return ""
}

func cronPart(part string, field int) bool {
	body, step, stepped := strings.Cut(part, "/")
	if stepped {
		if n, err := strconv.Atoi(step); err != nil || n < 1 || n > cronFields[field].max {
			return false
		}
	}
	if body == "*" {
		return true
	}
	from, to, isRange := strings.Cut(body, "-")
	low, ok := cronValue(from, field)
	if !ok {
		return false
	}
	if !isRange {
		return true
	}
	high, ok := cronValue(to, field)
	return ok && low <= high
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
