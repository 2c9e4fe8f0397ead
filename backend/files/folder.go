package files

import (
	"cmp"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// put writes a file beside and moves it into place, so that none is ever half.
func put(root *os.Root, name string, content []byte) error {
	if err := plainFolders(root, name); err != nil {
		return err
	}
	if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	if info, err := root.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return strange(name)
	}
	fresh := ".new-" + rand.Text()
	file, err := root.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = cmp.Or(err, file.Close()); err == nil {
		err = root.Rename(fresh, name)
	}
	if err != nil {
		_ = root.Remove(fresh)
	}
	return err
}

// plainFolders refuses a name that leads through a link.
func plainFolders(root *os.Root, name string) error {
	for i, c := range name {
		if c != '/' {
			continue
		}
		info, err := root.Lstat(name[:i])
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && !info.IsDir() {
			return strange(name[:i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func list(root *os.Root) ([]File, error) {
	out := []File{}
	err := fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.Type().IsRegular() && checkName(name) == nil {
			info, err := entry.Info()
			if err != nil {
				return err
			}
			out = append(out, fileOf(name, info))
		}
		return nil
	})
	if err != nil {
		return nil, trouble(err)
	}
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func stat(root *os.Root, name string) (File, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return File{}, err
	}
	if !info.Mode().IsRegular() {
		return File{}, strange(name)
	}
	return fileOf(name, info), nil
}
