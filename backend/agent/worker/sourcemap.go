package worker

import (
	"encoding/json"
	"slices"
	"strings"
)

// digits of a mapping's numbers: base 64, five bits a digit, the
// lowest first, the sign in the lowest bit (source map revision 3).
const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// sourceMap is what is kept of a map.
type sourceMap struct {
	Version  int      `json:"version"`
	Sources  []string `json:"sources"`
	Names    []string `json:"names"`
	Mappings string   `json:"mappings"`
}

// sourcesOf names the author's files, longest names first: one may end as
// another does.
func sourcesOf(raw []byte) []string {
	var m sourceMap
	if json.Unmarshal(raw, &m) != nil {
		return nil
	}
	slices.SortFunc(m.Sources, func(a, b string) int { return len(b) - len(a) })
	return m.Sources
}

// adapt makes the map one for code that stands a line further down, read by an
// engine that counts columns from 1 on both sides.
func adapt(raw []byte) ([]byte, error) {
	var m sourceMap
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, err
	}
	for i, name := range m.Sources {
		m.Sources[i] = strings.TrimPrefix(name, namespace+":")
	}
	var out strings.Builder
	first := true
	for line := range strings.SplitSeq(m.Mappings, ";") {
		out.WriteByte(';')
		head, rest, more := strings.Cut(line, ",")
		if head != "" {
			numbers := numbersOf(head)
			numbers[0]++
			if first && len(numbers) > 3 {
				numbers[3]++
				first = false
			}
			writeNumbers(&out, numbers)
		}
		if more {
			out.WriteString("," + rest)
		}
	}
	m.Mappings = out.String()
	return json.Marshal(m)
}

func numbersOf(segment string) []int {
	var out []int
	value, shift := 0, 0
	for _, c := range []byte(segment) {
		digit := strings.IndexByte(digits, c)
		value |= digit & 31 << shift
		if shift += 5; digit&32 != 0 {
			continue
		}
		number := value >> 1
		if value&1 != 0 {
			number = -number
		}
		out, value, shift = append(out, number), 0, 0
	}
	return out
}

func writeNumbers(out *strings.Builder, numbers []int) {
	for _, number := range numbers {
		value := number << 1
		if number < 0 {
			value = -number<<1 | 1
		}
		for value > 31 {
			out.WriteByte(digits[value&31|32])
			value >>= 5
		}
		out.WriteByte(digits[value])
	}
}
