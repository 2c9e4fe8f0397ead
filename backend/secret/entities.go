package secret

import (
	"strconv"
	"strings"
)

// entities writes every byte of text as a numeric HTML entity in base 10 or 16.
func entities(text string, base int) string {
	prefix := "&#"
	if base == 16 {
		prefix = "&#x"
	}
	var b strings.Builder
	for _, c := range []byte(text) {
		b.WriteString(prefix + strconv.FormatInt(int64(c), base) + ";")
	}
	return b.String()
}
