//go:build linux || darwin

package lockdown

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

const (
	firstOther = 3    // after input, output and error
	usualMost  = 1024 // descriptors of a process, where they cannot be listed
)

// descriptors closes what came through exec from the host: a library that opened
// a file or a socket there without close-on-exec. What this process opened itself
// has that flag.
func descriptors(Options) (bool, error) {
	for _, fd := range open() {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0) // #nosec G115 -- not negative
		if fd < firstOther || err != nil || flags&unix.FD_CLOEXEC != 0 {
			continue
		}
		if err := unix.Close(fd); err != nil {
			return false, fmt.Errorf("closing descriptor %d: %w", fd, err)
		}
	}
	return true, nil
}

// open lists the descriptors of this process, or all it may have.
func open() []int {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		all := make([]int, usualMost)
		for fd := range all {
			all[fd] = fd
		}
		return all
	}
	var list []int
	for _, entry := range entries {
		if fd, err := strconv.Atoi(entry.Name()); err == nil {
			list = append(list, fd)
		}
	}
	return list
}
