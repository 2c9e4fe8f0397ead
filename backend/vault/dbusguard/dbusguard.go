// Package dbusguard keeps the D-Bus library from hanging or starting daemons.
//
// The keyring library connects to the session bus while packages initialise,
// before main and for ever if the bus never answers; without an address it
// starts a bus and a keyring of its own and leaves them behind. This package
// initialises earlier (it needs only os, strconv, strings and syscall, so it is
// ready before anything that needs net), asks the bus for its name with a
// deadline of one second, and points the address nowhere when there is none.
package dbusguard

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

const (
	variable = "DBUS_SESSION_BUS_ADDRESS"
	nowhere  = "unix:path=/dev/null/none"
)

//nolint:gochecknoinits // the one place that must run before the D-Bus library
func init() {
	if !answers(os.Getenv(variable)) { //nolint:forbidigo // runs before package paths can
		_ = os.Setenv(variable, nowhere)
	}
}

// answers tells whether one of the addresses is a bus that speaks.
func answers(addresses string) bool {
	for address := range strings.SplitSeq(addresses, ";") {
		options, isUnix := strings.CutPrefix(address, "unix:")
		if !isUnix {
			continue
		}
		for option := range strings.SplitSeq(options, ",") {
			name, value, _ := strings.Cut(option, "=")
			if name == "path" && speaks(unescape(value)) || name == "abstract" && speaks("\x00"+unescape(value)) {
				return true
			}
		}
	}
	return false
}

// unescape undoes the %XX of a D-Bus address.
func unescape(value string) string {
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] == '%' && i+2 < len(value) {
			if n, err := strconv.ParseUint(value[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

// speaks greets the bus and waits a second for each of its answers.
func speaks(path string) bool {
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return false
	}
	defer func() { _ = closeSocket(fd) }()
	if !setDeadline(fd) || syscall.Connect(fd, &syscall.SockaddrUnix{Name: path}) != nil {
		return false
	}
	return exchange(fd)
}
