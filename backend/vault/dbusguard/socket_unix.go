//go:build unix

package dbusguard

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

func closeSocket(fd int) error { return syscall.Close(fd) }

func setDeadline(fd int) bool {
	second := syscall.Timeval{Sec: 1}
	return syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &second) == nil &&
		syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &second) == nil
}

// exchange greets the bus as a program does: authenticates, begins, says Hello,
// and waits for the answer. A bus that refuses the person answers too: the
// library gets an error from it, and does not hang.
func exchange(fd int) bool {
	id := ""
	for _, digit := range strconv.Itoa(os.Getuid()) {
		id += strconv.FormatInt(int64(digit), 16)
	}
	verdict, ok := ask(fd, "\x00AUTH EXTERNAL "+id+"\r\n")
	if !ok || !strings.HasPrefix(verdict, "OK") {
		return ok
	}
	_, ok = ask(fd, "BEGIN\r\n"+hello())
	return ok
}

// ask sends text and returns what comes first, up to 256 bytes.
func ask(fd int, text string) (answer string, ok bool) {
	if _, err := syscall.Write(fd, []byte(text)); err != nil {
		return "", false
	}
	first := make([]byte, 256)
	n, err := syscall.Read(fd, first)
	if err != nil || n <= 0 {
		return "", false
	}
	return string(first[:n]), true
}

// hello is the call every connection begins with (D-Bus specification, section
// Message Format): a header of little-endian fields, each at a multiple of 8.
func hello() string {
	const bus = "org.freedesktop.DBus"
	fields := ""
	for _, f := range []struct{ code, kind, value string }{
		{"\x01", "o", "/org/freedesktop/DBus"}, {"\x02", "s", bus}, {"\x03", "s", "Hello"}, {"\x06", "s", bus},
	} {
		fields += strings.Repeat("\x00", -len(fields)&7) + f.code + "\x01" + f.kind + "\x00" + length(f.value) + f.value + "\x00"
	}
	return "l\x01\x00\x01" + length("") + "\x01\x00\x00\x00" + length(fields) + fields + strings.Repeat("\x00", -len(fields)&7)
}

func length(text string) string { return string([]byte{byte(len(text)), 0, 0, 0}) } // #nosec G115 -- all are short
