package builtin

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"
)

func (p *jsonParser) number() (goja.Value, error) {
	start := p.at
	negative := p.text[p.at] == '-'
	if negative {
		p.at++
	}
	whole := p.digits()
	if whole == 0 {
		return nil, p.unexpected()
	}
	if whole > 1 && p.text[p.at-whole] == '0' {
		p.at -= whole - 1
		return nil, p.unexpected()
	}
	const exact = 15 // digits that are the same as float64
	if simple := p.at >= len(p.text) || p.text[p.at] != '.' && p.text[p.at]|0x20 != 'e'; simple && whole <= exact {
		return p.integer(p.text[p.at-whole:p.at], negative), nil
	}
	if err := p.fraction(); err != nil {
		return nil, err
	}
	f, _ := strconv.ParseFloat(p.text[start:p.at], 64) // too large is infinite, as in the language
	return p.vm.ToValue(f), nil
}

func (p *jsonParser) integer(digits string, negative bool) goja.Value {
	n := int64(0)
	for i := range len(digits) {
		n = 10*n + int64(digits[i]-'0')
	}
	switch {
	case !negative:
		return p.vm.ToValue(n)
	case n == 0:
		return p.vm.ToValue(math.Copysign(0, -1))
	}
	return p.vm.ToValue(-n)
}

func (p *jsonParser) fraction() error {
	if p.at < len(p.text) && p.text[p.at] == '.' {
		p.at++
		if p.digits() == 0 {
			return p.unexpected()
		}
	}
	if p.at < len(p.text) && p.text[p.at]|0x20 == 'e' {
		p.at++
		if p.at < len(p.text) && (p.text[p.at] == '+' || p.text[p.at] == '-') {
			p.at++
		}
		if p.digits() == 0 {
			return p.unexpected()
		}
	}
	return nil
}

func (p *jsonParser) digits() int {
	start := p.at
	for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
		p.at++
	}
	return p.at - start
}

func (p *jsonParser) string() (goja.Value, error) {
	text, units, err := p.scan()
	if err != nil {
		return nil, err
	}
	if units != nil {
		return goja.StringFromUTF16(units), nil
	}
	return p.plain(text), nil
}

const (
	knownTexts = 256 // a power of two
	shortText  = 16  // bytes
	longText   = 1 << 10
	storeSize  = 4 << 10
)

// plain makes a text that does not hold on to the whole of what is read.
func (p *jsonParser) plain(text string) goja.Value {
	if len(text) > shortText {
		return p.vm.ToValue(p.keep(text))
	}
	place := uint32(2166136261) // FNV-1a
	for i := range len(text) {
		place = (place ^ uint32(text[i])) * 16777619
	}
	slot := &p.texts[(place^place>>16)%knownTexts]
	if slot.value == nil || slot.text != text {
		slot.text = p.keep(text)
		slot.value = p.vm.ToValue(slot.text)
	}
	return slot.value
}

// keep copies text, many into one piece of memory.
func (p *jsonParser) keep(text string) string {
	if len(text) > longText {
		return strings.Clone(text)
	}
	if p.store.Cap()-p.store.Len() < len(text) {
		p.store = strings.Builder{} // what the last one holds lives on
		p.store.Grow(min(storeSize, max(len(p.text)-p.at, len(text))))
	}
	from := p.store.Len()
	p.store.WriteString(text)
	return p.store.String()[from:]
}

// scan reads a text. Most have no escapes and are taken as they stand; the others
// come in UTF-16, because an escape may be half of a character.
func (p *jsonParser) scan() (text string, units []uint16, err error) {
	p.at++
	start, odd := p.at, false
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"' && odd:
			return p.escaped(start)
		case c == '"':
			p.at++
			return p.text[start : p.at-1], nil, nil
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			return "", nil, p.unexpected()
		case c == 0xED: // a surrogate may begin with it
			odd = true
		}
		p.at++
	}
	return "", nil, p.unexpected()
}

func (p *jsonParser) escaped(start int) (string, []uint16, error) {
	units := make([]uint16, 0, p.at-start+16)
	units = appendUnits(units, p.text[start:p.at])
	for p.at < len(p.text) {
		c := p.text[p.at]
		switch {
		case c == '"':
			p.at++
			return "", units, nil
		case c < ' ':
			return "", nil, p.unexpected()
		case c == '\\':
			unit, err := p.escape()
			if err != nil {
				return "", nil, err
			}
			units = append(units, unit)
		case c < utf8.RuneSelf:
			units = append(units, uint16(c))
			p.at++
		default:
			from := p.at
			for p.at < len(p.text) && p.text[p.at] >= utf8.RuneSelf {
				p.at++
			}
			units = appendUnits(units, p.text[from:p.at])
		}
	}
	return "", nil, p.unexpected()
}

func (p *jsonParser) escape() (uint16, error) {
	p.at++
	if p.at >= len(p.text) {
		return 0, p.unexpected()
	}
	const short = "\"\\/bfnrt"
	if i := strings.IndexByte(short, p.text[p.at]); i >= 0 {
		p.at++
		return uint16("\"\\/\b\f\n\r\t"[i]), nil
	}
	if p.text[p.at] != 'u' {
		return 0, p.unexpected()
	}
	p.at++
	unit := uint16(0)
	for range 4 {
		if p.at >= len(p.text) {
			return 0, p.unexpected()
		}
		digit, ok := hexDigit(p.text[p.at])
		if !ok {
			return 0, p.unexpected()
		}
		unit = unit<<4 | uint16(digit)
		p.at++
	}
	return unit, nil
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// appendUnits turns text into UTF-16; surrogates in three bytes each stay what
// they are.
func appendUnits(units []uint16, text string) []uint16 {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			units = append(units, uint16(c))
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 && i+2 < len(text) && text[i] == 0xED && text[i+1] >= 0xA0 {
			units = append(units, 0xD000|uint16(text[i+1]&0x3F)<<6|uint16(text[i+2]&0x3F))
			i += 3
			continue
		}
		units = utf16.AppendRune(units, r)
		i += size
	}
	return units
}
