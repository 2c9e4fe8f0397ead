//go:build !unix

package dbusguard

import "syscall"

// There is no session bus on this system, so nothing ever speaks.

func closeSocket(fd syscall.Handle) error { return syscall.Closesocket(fd) }

func setDeadline(syscall.Handle) bool { return false }

func exchange(syscall.Handle) bool { return false }
