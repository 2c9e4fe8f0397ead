package builtin

func stateSchemeStart(p *addressParser, c int) error {
	if isLetter(c) {
		p.take(c | 0x20)
		return p.next(stateScheme)
	}
	if p.override {
		return errAddress
	}
	return p.again(stateNoScheme)
}

func stateScheme(p *addressParser, c int) error {
	switch {
	case isLetter(c):
		p.take(c | 0x20)
	case isDigit(c), c == '+', c == '-', c == '.':
		p.take(c)
	case c == ':' && p.override:
		return p.newScheme()
	case c == ':':
		return p.afterScheme()
	case p.override:
		return errAddress
	default:
		p.buffer = p.buffer[:0]
		p.at = -1
		p.state = stateNoScheme
	}
	return nil
}

// newScheme is the setter of protocol.
func (p *addressParser) newScheme() error {
	scheme := string(p.buffer)
	port, special := specialPort(scheme)
	switch {
	case special != p.url.special(),
		scheme == "file" && (p.url.credentials() || p.url.port != noPort),
		p.url.scheme == "file" && p.url.host == "":
		return errFinished
	}
	p.url.scheme = scheme
	if p.url.port == port {
		p.url.port = noPort
	}
	return errFinished
}

func (p *addressParser) afterScheme() error {
	p.url.scheme = string(p.buffer)
	p.buffer = p.buffer[:0]
	switch {
	case p.url.scheme == "file":
		return p.next(stateFile)
	case p.url.special() && p.base != nil && p.base.scheme == p.url.scheme:
		return p.next(stateSpecialRelative)
	case p.url.special():
		return p.next(stateSpecialSlashes)
	case p.follows("/"):
		p.at++
		return p.next(statePathOrAuthority)
	}
	p.url.path, p.url.opaque = []string{""}, true
	return p.next(stateOpaque)
}

func stateNoScheme(p *addressParser, c int) error {
	switch {
	case p.base == nil, p.base.opaque && c != '#':
		return errAddress
	case p.base.opaque:
		p.url.scheme = p.base.scheme
		p.inheritPath()
		return p.tail(c)
	case p.base.scheme != "file":
		return p.again(stateRelative)
	}
	return p.again(stateFile)
}
