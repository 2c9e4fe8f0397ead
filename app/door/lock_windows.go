package door

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"

	"pie/backend/fault"
)

// tryLock takes the lock; nil without an error when another process has it.
func tryLock(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, lockFault(err)
	}
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err = windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, &windows.Overlapped{})
	if err == nil {
		return file, nil
	}
	_ = file.Close()
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return nil, nil
	}
	return nil, lockFault(err)
}

func lockFault(err error) error {
	return fault.Wrap(err, fault.Internal, "The lock file of PIE Desktop cannot be used.", "Check that the data folder is on a local disk and can be written.")
}
