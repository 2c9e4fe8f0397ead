package paths

import (
	"fmt"
	"os"
	"path/filepath"
)

// WriteFile replaces name by data in one step: a new file of mode 0600 is
// written, synced and renamed, then the folder is synced.
func WriteFile(name string, data []byte) (err error) {
	dir := filepath.Dir(name)
	temp, err := os.CreateTemp(dir, "."+filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("making temporary file: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp.Name())
		}
	}()
	_, err = temp.Write(data)
	if err == nil {
		err = temp.Sync()
	}
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(name), err)
	}
	if err = os.Rename(temp.Name(), name); err != nil {
		return fmt.Errorf("renaming %s: %w", filepath.Base(name), err)
	}
	return SyncFolder(dir)
}

// SyncFolder makes renames and removals in dir durable where the system can.
func SyncFolder(dir string) error {
	folder, err := os.Open(dir) // #nosec G304 -- a folder of the program's own
	if err != nil {
		return fmt.Errorf("opening folder: %w", err)
	}
	defer func() { _ = folder.Close() }()
	_ = folder.Sync() // not every file system can; the rename itself stands
	return nil
}
