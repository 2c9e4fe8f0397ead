//go:build unix

package worker

import (
	"os"
	"syscall"
)

// stdin is the standard input, waited for by the scheduler: a read that blocks
// would hold the only thread that may run code.
func stdin() *os.File {
	if syscall.SetNonblock(syscall.Stdin, true) != nil {
		return os.Stdin
	}
	return os.NewFile(uintptr(syscall.Stdin), "stdin")
}
