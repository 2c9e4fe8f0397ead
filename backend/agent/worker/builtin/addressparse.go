package builtin

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// errAddress is every failure of the parser.
var errAddress = errors.New("Invalid URL") //nolint:staticcheck // the web's own words

// errFinished ends the parser without a failure.
var errFinished = errors.New("finished")

// addressState is a state of the basic URL parser: it looks at one byte, -1 at the
// end. All that the syntax knows is ASCII, and other characters are encoded byte
// by byte.
type addressState func(p *addressParser, c int) error

type addressParser struct {
	text     string
	at       int
	base     *address
	url      *address
	state    addressState
	override bool
	onlyName bool // of the host: a port is refused
	buffer   []byte
	username []byte
	password []byte

	sawAt, sawPassword, inBrackets bool
}

// parseAddress is the basic URL parser (URL Standard, section 4.4).
func parseAddress(text string, base *address) (*address, error) {
	text = strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
	p := &addressParser{text: withoutBreaks(text), base: base, url: &address{port: noPort}, state: stateSchemeStart}
	if err := p.parse(); err != nil {
		return nil, err
	}
	return p.url, nil
}

// override parses text as one part of an address; a failure leaves what was set
// until then.
func (a *address) override(text string, from addressState) {
	p := &addressParser{text: withoutBreaks(text), url: a, state: from, override: true}
	_ = p.parse()
}

func withoutBreaks(text string) string {
	if !strings.ContainsAny(text, "\t\n\r") {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, text)
}

func (p *addressParser) parse() error {
	for ; p.at <= len(p.text); p.at++ {
		c := -1
		if p.at < len(p.text) {
			c = int(p.text[p.at])
		}
		if err := p.state(p, c); errors.Is(err, errFinished) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

// again goes to a state with the same byte.
func (p *addressParser) again(state addressState) error {
	p.state = state
	p.at--
	return nil
}

func (p *addressParser) next(state addressState) error {
	p.state = state
	return nil
}

// follows reports whether text stands behind the byte at hand.
func (p *addressParser) follows(text string) bool {
	return p.at < len(p.text) && strings.HasPrefix(p.text[p.at+1:], text)
}

func (p *addressParser) slash(c int) bool { return c == '/' || c == '\\' && p.url.special() }

// ends reports whether a host or a port ends here.
func (p *addressParser) ends(c int) bool {
	return c < 0 || c == '?' || c == '#' || p.slash(c)
}

// take keeps a byte; it is never the end.
func (p *addressParser) take(c int) { p.buffer = append(p.buffer, byte(c)) } // #nosec G115 -- made of a byte

func isLetter(c int) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c int) bool { return c >= '0' && c <= '9' }

func (p *addressParser) takeHost() error {
	host, err := parseHost(string(p.buffer), !p.url.special())
	if err != nil {
		return err
	}
	p.url.host, p.url.hasHost = host, true
	p.buffer = p.buffer[:0]
	return nil
}

// inherit takes from the base everything but the scheme.
func (p *addressParser) inherit(path bool) {
	p.url.username, p.url.password = p.base.username, p.base.password
	p.url.host, p.url.hasHost, p.url.port = p.base.host, p.base.hasHost, p.base.port
	if path {
		p.inheritPath()
	}
}

func (p *addressParser) inheritPath() {
	p.url.path, p.url.opaque = slices.Clone(p.base.path), p.base.opaque
	p.url.query, p.url.hasQuery = p.base.query, p.base.hasQuery
}

// tail goes to the query or the fragment.
func (p *addressParser) tail(c int) error {
	if c == '?' {
		p.url.query, p.url.hasQuery = "", true
		return p.next(stateQuery)
	}
	p.url.fragment, p.url.hasHash = "", true
	return p.next(stateFragment)
}

func stateSpecialRelative(p *addressParser, c int) error {
	if c == '/' && p.follows("/") {
		p.at++
		return p.next(stateIgnoreSlashes)
	}
	return p.again(stateRelative)
}

func statePathOrAuthority(p *addressParser, c int) error {
	if c == '/' {
		return p.next(stateAuthority)
	}
	return p.again(statePath)
}

func stateRelative(p *addressParser, c int) error {
	p.url.scheme = p.base.scheme
	if p.slash(c) {
		return p.next(stateRelativeSlash)
	}
	p.inherit(true)
	if c == '?' || c == '#' {
		return p.tail(c)
	}
	if c >= 0 {
		p.url.query, p.url.hasQuery = "", false
		p.url.shorten()
		return p.again(statePath)
	}
	return nil
}

func stateRelativeSlash(p *addressParser, c int) error {
	switch {
	case p.url.special() && p.slash(c):
		return p.next(stateIgnoreSlashes)
	case c == '/':
		return p.next(stateAuthority)
	}
	p.inherit(false)
	return p.again(statePath)
}

func stateSpecialSlashes(p *addressParser, c int) error {
	if c == '/' && p.follows("/") {
		p.at++
		return p.next(stateIgnoreSlashes)
	}
	return p.again(stateIgnoreSlashes)
}

func stateIgnoreSlashes(p *addressParser, c int) error {
	if c == '/' || c == '\\' {
		return nil
	}
	return p.again(stateAuthority)
}

func stateAuthority(p *addressParser, c int) error {
	switch {
	case c == '@':
		p.takeCredentials()
	case p.ends(c):
		if p.sawAt && len(p.buffer) == 0 {
			return errAddress
		}
		p.url.username, p.url.password = string(p.username), string(p.password)
		p.at -= len(p.buffer) + 1
		p.buffer = p.buffer[:0]
		return p.next(stateHost)
	default:
		p.take(c)
	}
	return nil
}

func (p *addressParser) takeCredentials() {
	text := string(p.buffer)
	if p.sawAt { // the one before was part of them
		text = "%40" + text
	}
	p.sawAt = true
	if !p.sawPassword {
		var name string
		name, text, p.sawPassword = strings.Cut(text, ":")
		p.username = appendSet(p.username, name, setUserinfo)
	}
	p.password = appendSet(p.password, text, setUserinfo)
	p.buffer = p.buffer[:0]
}

func statePort(p *addressParser, c int) error {
	if isDigit(c) {
		p.take(c)
		return nil
	}
	if !p.ends(c) && !p.override {
		return errAddress
	}
	if len(p.buffer) > 0 {
		port, err := strconv.ParseUint(string(p.buffer), 10, 16)
		if err != nil {
			return errAddress
		}
		p.url.port = int(port)
		if standard, _ := specialPort(p.url.scheme); p.url.port == standard {
			p.url.port = noPort
		}
		p.buffer = p.buffer[:0]
	}
	if p.override {
		return errFinished
	}
	return p.again(statePathStart)
}
