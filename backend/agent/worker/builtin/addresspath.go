package builtin

import "strings"

func stateHostname(p *addressParser, c int) error {
	p.onlyName = true
	return stateHost(p, c)
}

func stateHost(p *addressParser, c int) error {
	switch {
	case p.override && p.url.scheme == "file":
		return p.again(stateFileHost)
	case c == ':' && !p.inBrackets:
		if len(p.buffer) == 0 || p.onlyName {
			return errAddress
		}
		p.state = statePort
		return p.takeHost()
	case p.ends(c):
		return p.endHost()
	}
	switch c {
	case '[':
		p.inBrackets = true
	case ']':
		p.inBrackets = false
	}
	p.take(c)
	return nil
}

func (p *addressParser) endHost() error {
	if len(p.buffer) == 0 {
		if p.url.special() || p.override && (p.url.credentials() || p.url.port != noPort) {
			return errAddress
		}
	}
	if err := p.takeHost(); err != nil {
		return err
	}
	if p.override {
		return errFinished
	}
	return p.again(statePathStart)
}

func stateFile(p *addressParser, c int) error {
	p.url.scheme, p.url.host, p.url.hasHost = "file", "", true
	if c == '/' || c == '\\' {
		return p.next(stateFileSlash)
	}
	if p.base == nil || p.base.scheme != "file" {
		return p.again(statePath)
	}
	p.url.host, p.url.hasHost = p.base.host, p.base.hasHost
	p.inheritPath()
	if c == '?' || c == '#' {
		return p.tail(c)
	}
	if c < 0 {
		return nil
	}
	p.url.query, p.url.hasQuery = "", false
	if startsWithDrive(p.text[p.at:]) {
		p.url.path = nil
	} else {
		p.url.shorten()
	}
	return p.again(statePath)
}

func stateFileSlash(p *addressParser, c int) error {
	if c == '/' || c == '\\' {
		return p.next(stateFileHost)
	}
	if p.base != nil && p.base.scheme == "file" {
		p.url.host, p.url.hasHost = p.base.host, p.base.hasHost
		rest := p.text[min(p.at, len(p.text)):]
		if !startsWithDrive(rest) && len(p.base.path) > 0 && driveLetter(p.base.path[0], true) {
			p.url.path = append(p.url.path, p.base.path[0])
		}
	}
	return p.again(statePath)
}

func stateFileHost(p *addressParser, c int) error {
	if c >= 0 && c != '/' && c != '\\' && c != '?' && c != '#' {
		p.take(c)
		return nil
	}
	switch {
	case !p.override && driveLetter(string(p.buffer), false):
		return p.again(statePath)
	case len(p.buffer) == 0:
		p.url.host, p.url.hasHost = "", true
	default:
		if err := p.takeHost(); err != nil {
			return err
		}
		if p.url.host == "localhost" {
			p.url.host = ""
		}
	}
	if p.override {
		return errFinished
	}
	return p.again(statePathStart)
}

func statePathStart(p *addressParser, c int) error {
	switch {
	case p.url.special():
		if p.slash(c) {
			return p.next(statePath)
		}
		return p.again(statePath)
	case !p.override && (c == '?' || c == '#'):
		return p.tail(c)
	case c == '/':
		return p.next(statePath)
	case c >= 0:
		return p.again(statePath)
	case p.override && !p.url.hasHost:
		p.url.path = append(p.url.path, "")
	}
	return nil
}

func statePath(p *addressParser, c int) error {
	ends := c < 0 || p.slash(c) || !p.override && (c == '?' || c == '#')
	if !ends {
		p.take(c)
		return nil
	}
	part := encodeSet(string(p.buffer), setPath)
	p.buffer = p.buffer[:0]
	switch dots(part) {
	case 2:
		p.url.shorten()
		if !p.slash(c) {
			p.url.path = append(p.url.path, "")
		}
	case 1:
		if !p.slash(c) {
			p.url.path = append(p.url.path, "")
		}
	default:
		if p.url.scheme == "file" && len(p.url.path) == 0 && driveLetter(part, false) {
			part = part[:1] + ":"
		}
		p.url.path = append(p.url.path, part)
	}
	if c == '?' || c == '#' {
		return p.tail(c)
	}
	return nil
}

// dots tells the parts that mean this folder (1) and the one above (2).
func dots(part string) int {
	if len(part) == 0 || len(part) > 6 {
		return 0
	}
	switch strings.ReplaceAll(strings.ToLower(part), "%2e", ".") {
	case ".":
		return 1
	case "..":
		return 2
	}
	return 0
}

func stateOpaque(p *addressParser, c int) error {
	if c >= 0 && c != '?' && c != '#' {
		p.take(c)
		return nil
	}
	p.url.path[0] = encodeSet(string(p.buffer), setControl)
	p.buffer = p.buffer[:0]
	if c < 0 {
		return nil
	}
	return p.tail(c)
}

func stateQuery(p *addressParser, c int) error {
	if c >= 0 && (c != '#' || p.override) {
		p.take(c)
		return nil
	}
	set := setQuery
	if p.url.special() {
		set = setSpecialQuery
	}
	p.url.query += encodeSet(string(p.buffer), set)
	p.buffer = p.buffer[:0]
	if c == '#' {
		return p.tail(c)
	}
	return nil
}

func stateFragment(p *addressParser, c int) error {
	if c >= 0 {
		p.take(c)
		return nil
	}
	p.url.fragment += encodeSet(string(p.buffer), setFragment)
	return nil
}
