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
	var id strings.Builder // in hexadecimal digits of its decimal ones
	for _, digit := range strconv.Itoa(os.Getuid()) {
		id.WriteString(strconv.FormatInt(int64(digit), 16))
	}
	verdict, ok := ask(fd, "\x00AUTH EXTERNAL "+id.String()+"\r\n")
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
	field := func(code, kind, value string) string {
		text := code + "\x01" + kind + "\x00" + length(value) + value + "\x00"
		return text + strings.Repeat("\x00", -len(text)&7)
	}
	fields := field("\x01", "o", "/org/freedesktop/DBus") + field("\x02", "s", bus) + field("\x06", "s", bus) + field("\x03", "s", "Hello")
	unpadded := strings.TrimRight(fields, "\x00") + "\x00" // the last text keeps its end
	return "l\x01\x00\x01" + length("") + "\x01\x00\x00\x00" + length(unpadded) + fields
}

func length(text string) string { return string([]byte{byte(len(text)), 0, 0, 0}) } // #nosec G115 -- all are short
