package builtin

import (
	"bytes"
	"strconv"
	"strings"
)

// decimal is a number as its shortest decimal digits: 0.d1d2d3… × 10^point.
type decimal struct {
	negative bool
	digits   []byte // no zeros at either end; empty is zero
	point    int
}

// newDecimal takes a finite number, or whole digits with a sign.
func newDecimal(text string) decimal {
	d := decimal{negative: strings.HasPrefix(text, "-")}
	text = strings.TrimPrefix(text, "-")
	mantissa, exponent, _ := strings.Cut(text, "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	shift, _ := strconv.Atoi(exponent)
	d.digits = []byte(whole + fraction)
	d.point = len(whole) + shift
	d.trim()
	return d
}

func (d *decimal) trim() {
	start := 0
	for start < len(d.digits) && d.digits[start] == '0' {
		start++
	}
	d.digits = bytes.TrimRight(d.digits[start:], "0")
	d.point -= start
	if len(d.digits) == 0 {
		d.point = 0
	}
}

// round keeps so many digits, half away from zero.
func (d *decimal) round(keep int) {
	if keep >= len(d.digits) {
		return
	}
	up := keep >= 0 && d.digits[keep] >= '5'
	d.digits = bytes.Clone(d.digits[:max(keep, 0)])
	if !up {
		d.trim()
		return
	}
	for i := len(d.digits) - 1; i >= 0; i-- {
		if d.digits[i] < '9' {
			d.digits[i]++
			d.trim()
			return
		}
		d.digits[i] = '0'
	}
	d.digits = append([]byte{'1'}, d.digits...)
	d.point++
	d.trim()
}

// split is the digits before and behind the point.
func (d *decimal) split() (whole, fraction string) {
	switch {
	case d.point <= 0:
		if len(d.digits) == 0 {
			return "0", ""
		}
		return "0", strings.Repeat("0", -d.point) + string(d.digits)
	case d.point >= len(d.digits):
		return string(d.digits) + strings.Repeat("0", d.point-len(d.digits)), ""
	}
	return string(d.digits[:d.point]), string(d.digits[d.point:])
}
