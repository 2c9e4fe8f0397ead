package builtin

import (
	"strconv"
	"strings"
)

// address is a URL record (URL Standard, section 4.1). Texts are UTF-8 with
// everything encoded that has to be.
type address struct {
	scheme             string
	username, password string
	host               string
	hasHost            bool
	port               int // -1 is none
	path               []string
	opaque             bool // path[0] is the whole path
	query, fragment    string
	hasQuery, hasHash  bool
}

const noPort = -1

// specialPort is the default port of a special scheme.
func specialPort(scheme string) (port int, special bool) {
	switch scheme {
	case "http", "ws":
		return 80, true
	case "https", "wss":
		return 443, true
	case "ftp":
		return 21, true
	case "file":
		return noPort, true
	}
	return noPort, false
}

func (a *address) special() bool {
	_, special := specialPort(a.scheme)
	return special
}

func (a *address) credentials() bool { return a.username != "" || a.password != "" }

// bare reports whether there can be neither credentials nor a port.
func (a *address) bare() bool { return !a.hasHost || a.host == "" || a.scheme == "file" }

// shorten drops the last part of the path, but not the drive of a file.
func (a *address) shorten() {
	if a.scheme == "file" && len(a.path) == 1 && driveLetter(a.path[0], true) {
		return
	}
	if len(a.path) > 0 {
		a.path = a.path[:len(a.path)-1]
	}
}

func driveLetter(text string, normal bool) bool {
	return len(text) == 2 && letter(text[0]) && (text[1] == ':' || text[1] == '|' && !normal)
}

// startsWithDrive is for what stands in an address before it is split.
func startsWithDrive(text string) bool {
	return len(text) >= 2 && driveLetter(text[:2], false) && (len(text) == 2 || strings.IndexByte("/\\?#", text[2]) >= 0)
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func digit(c byte) bool { return c >= '0' && c <= '9' }

// pathname is the path as it is written.
func (a *address) pathname() string {
	if a.opaque {
		return a.path[0]
	}
	var b strings.Builder
	for _, part := range a.path {
		b.WriteByte('/')
		b.WriteString(part)
	}
	return b.String()
}

func (a *address) hostPort() string {
	if a.port == noPort {
		return a.host
	}
	return a.host + ":" + strconv.Itoa(a.port)
}

// String is the URL serializer.
func (a *address) String() string {
	var b strings.Builder
	b.WriteString(a.scheme + ":")
	if a.hasHost {
		b.WriteString("//")
		if a.credentials() {
			b.WriteString(a.username)
			if a.password != "" {
				b.WriteString(":" + a.password)
			}
			b.WriteByte('@')
		}
		b.WriteString(a.hostPort())
	} else if !a.opaque && len(a.path) > 1 && a.path[0] == "" {
		b.WriteString("/.")
	}
	b.WriteString(a.pathname())
	if a.hasQuery {
		b.WriteString("?" + a.query)
	}
	if a.hasHash {
		b.WriteString("#" + a.fragment)
	}
	return b.String()
}

// origin is the serialized origin; "null" is the opaque one.
func (a *address) origin() string {
	if a.scheme == "blob" {
		inner, err := parseAddress(a.pathname(), nil)
		if err == nil && (inner.scheme == "http" || inner.scheme == "https") {
			return inner.origin()
		}
		return "null"
	}
	if a.special() && a.scheme != "file" {
		return a.scheme + "://" + a.hostPort()
	}
	return "null"
}

// get reads what a property of URL shows.
func (a *address) get(name string) string {
	mark := func(mark, text string) string {
		if text == "" {
			return ""
		}
		return mark + text
	}
	switch name {
	case "origin":
		return a.origin()
	case "protocol":
		return a.scheme + ":"
	case "username":
		return a.username
	case "password":
		return a.password
	case "host":
		return a.hostPort()
	case "hostname":
		return a.host
	case "port":
		return strings.TrimPrefix(a.hostPort()[len(a.host):], ":")
	case "pathname":
		return a.pathname()
	case "search":
		return mark("?", a.query)
	case "hash":
		return mark("#", a.fragment)
	}
	return a.String()
}

// set does what assigning to a property of URL does; what cannot be set stays.
func (a *address) set(name, value string) {
	switch name {
	case "protocol":
		a.override(value+":", stateSchemeStart)
	case "username", "password":
		if a.bare() {
			return
		}
		if name == "username" {
			a.username = encodeSet(value, setUserinfo)
			return
		}
		a.password = encodeSet(value, setUserinfo)
	case "host":
		if !a.opaque {
			a.override(value, stateHost)
		}
	case "hostname":
		if !a.opaque {
			a.override(value, stateHostname)
		}
	case "port":
		if a.bare() {
			return
		}
		if value == "" {
			a.port = noPort
			return
		}
		a.override(value, statePort)
	case "pathname":
		if !a.opaque {
			a.path = nil
			a.override(value, statePathStart)
		}
	case "search", "hash":
		a.setTail(name, value)
	}
}

func (a *address) setTail(name, value string) {
	if name == "search" {
		a.hasQuery, a.query = value != "", ""
		if value != "" {
			a.override(strings.TrimPrefix(value, "?"), stateQuery)
		}
		return
	}
	a.hasHash, a.fragment = value != "", ""
	if value != "" {
		a.override(strings.TrimPrefix(value, "#"), stateFragment)
	}
}
