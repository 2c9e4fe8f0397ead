//go:build unix && !linux

package agent

import "syscall"

// attributes puts a worker into a group of its own; it ends with its host
// because its input does.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
