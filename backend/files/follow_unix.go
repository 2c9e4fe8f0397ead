//go:build unix

package files

import "syscall"

// noFollow opens no link, and waits for no pipe.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK
