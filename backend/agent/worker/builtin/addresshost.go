package builtin

import (
	"math"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

const (
	forbiddenHost   = "\x00\t\n\r #/:<>?@[\\]^|"
	forbiddenDomain = forbiddenHost + "%\x7F"
)

// parseHost is the host parser (URL Standard, section 3.5).
func parseHost(text string, opaque bool) (string, error) {
	if strings.HasPrefix(text, "[") {
		if !strings.HasSuffix(text, "]") {
			return "", errAddress
		}
		return parseIPv6(text[1 : len(text)-1])
	}
	if opaque {
		if strings.ContainsAny(text, forbiddenHost) {
			return "", errAddress
		}
		return encodeSet(text, setControl), nil
	}
	raw := percentDecode(text)
	if !utf8.Valid(raw) {
		raw = []byte(string(decodeUTF8(raw)))
	}
	name, err := domainToASCII(string(raw))
	if err != nil {
		return "", err
	}
	if endsInNumber(name) {
		return parseIPv4(name)
	}
	return name, nil
}

// domainToASCII maps names beyond ASCII (UTS 46, as browsers do).
func domainToASCII(name string) (string, error) {
	if !isASCII(name) || strings.Contains(strings.ToLower(name), "xn--") {
		profile := idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false), idna.BidiRule(), idna.CheckJoiners(true))
		mapped, err := profile.ToASCII(name)
		if err != nil {
			return "", errAddress
		}
		name = mapped
	}
	name = strings.ToLower(name)
	if name == "" || strings.ContainsAny(name, forbiddenDomain) {
		return "", errAddress
	}
	for i := range len(name) {
		if name[i] < ' ' {
			return "", errAddress
		}
	}
	return name, nil
}

func endsInNumber(name string) bool {
	name = strings.TrimSuffix(name, ".")
	last := name[strings.LastIndexByte(name, '.')+1:]
	if last == "" {
		return false
	}
	if strings.Trim(last, "0123456789") == "" {
		return true
	}
	_, ok := numberIPv4(last)
	return ok
}

// numberIPv4 reads a part in decimal, octal or hexadecimal form.
func numberIPv4(part string) (uint64, bool) {
	base := 10
	switch {
	case part == "":
		return 0, false
	case strings.HasPrefix(part, "0x") || strings.HasPrefix(part, "0X"):
		part, base = part[2:], 16
	case len(part) > 1 && part[0] == '0':
		part, base = part[1:], 8
	}
	if part == "" {
		return 0, true
	}
	for i := range len(part) {
		value, ok := hexDigit(part[i])
		if !ok || int(value) >= base {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(part, base, 64)
	if err != nil {
		return math.MaxUint64, true // too large for any place
	}
	return n, true
}

func parseIPv4(name string) (string, error) {
	parts := strings.SplitN(strings.TrimSuffix(name, "."), ".", 5)
	if len(parts) > 4 {
		return "", errAddress
	}
	address := uint64(0)
	for i, part := range parts {
		n, ok := numberIPv4(part)
		last := i == len(parts)-1
		if !ok || !last && n > 255 || last && n >= 1<<(8*(5-len(parts))) {
			return "", errAddress
		}
		if last {
			address += n
		} else {
			address += n << (8 * (3 - i))
		}
	}
	var text [4]byte
	for i := range text {
		text[i] = byte(address >> (8 * (3 - i))) // #nosec G115 -- one byte is meant
	}
	return netip.AddrFrom4(text).String(), nil
}

// parseIPv6 writes the address in its one form.
func parseIPv6(text string) (string, error) {
	address, err := netip.ParseAddr(text)
	if err != nil || !address.Is6() || address.Zone() != "" {
		return "", errAddress
	}
	pieces := address.As16()
	var words [8]uint16
	for i := range words {
		words[i] = uint16(pieces[2*i])<<8 | uint16(pieces[2*i+1])
	}
	start, length := longestZeros(words)
	var b strings.Builder
	b.WriteByte('[')
	for i := 0; i < len(words); i++ {
		if i == start {
			b.WriteString("::")
			i += length - 1
			continue
		}
		if i > 0 && i != start+length {
			b.WriteByte(':')
		}
		b.WriteString(strconv.FormatUint(uint64(words[i]), 16))
	}
	b.WriteByte(']')
	return b.String(), nil
}

// longestZeros finds the run of at least two zeros to leave out.
func longestZeros(words [8]uint16) (start, length int) {
	start = -1
	for i := 0; i < len(words); i++ {
		run := 0
		for i+run < len(words) && words[i+run] == 0 {
			run++
		}
		if run > length && run > 1 {
			start, length = i, run
		}
		i += run
	}
	if start < 0 {
		return -1, 0
	}
	return start, length
}
