//go:build unix

package dbusguard

import "syscall"

func closeSocket(fd int) error { return syscall.Close(fd) }

func setDeadline(fd int) bool {
	second := syscall.Timeval{Sec: 1}
	return syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &second) == nil &&
		syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &second) == nil
}

func exchange(fd int) bool {
	if _, err := syscall.Write(fd, []byte("\x00AUTH\r\n")); err != nil {
		return false
	}
	answer := make([]byte, 64)
	n, err := syscall.Read(fd, answer)
	return err == nil && n > 0
}
