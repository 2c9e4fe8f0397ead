package agent

import "syscall"

// attributes puts a worker into a group of its own, so that Ctrl-C in a terminal
// does not reach it, and ends it with its host.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
