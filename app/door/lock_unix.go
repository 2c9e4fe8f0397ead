//go:build unix

package door

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"pie/backend/fault"
)

// tryLock takes the lock; nil without an error when another process has it. The
// file stays when the lock ends, so that all always lock the same one.
func tryLock(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600) // #nosec G304 -- a file of the program's own
	if err != nil {
		return nil, lockFault(err)
	}
	for {
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err == nil {
		return file, nil
	}
	_ = file.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, nil //nolint:nilnil // the contract above
	}
	return nil, lockFault(err)
}

func lockFault(err error) error {
	return fault.Wrap(err, fault.Internal, "The lock file of PIE Desktop cannot be used.", "Check that the data folder is on a local disk and can be written.")
}
