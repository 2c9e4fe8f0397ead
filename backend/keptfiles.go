package backend

import (
	"errors"
	"os"
)

// An author's folder keeps inputs and recordings. It may be a stranger's: a link in
// it that leads elsewhere is not followed.

var errNotKept = errors.New("no ordinary file of a fit size")

// readKept reads a file of at most longest bytes in folder; errNotKept when it is no
// such file.
func readKept(folder, file string, longest int64) ([]byte, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	info, err := root.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > longest {
		return nil, errNotKept
	}
	return root.ReadFile(file)
}

// writeKept writes a file into a part of folder, whole or not at all.
func writeKept(folder, part, name string, raw []byte) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if err := root.MkdirAll(part, 0o700); err != nil {
		return err
	}
	file := part + "/" + name
	if err := root.WriteFile(file+".new", raw, 0o600); err != nil {
		return err
	}
	return root.Rename(file+".new", file)
}
