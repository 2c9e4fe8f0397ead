// Package files keeps the files that agents make: a folder an agent, 250 MB in
// it at most. The person finds them there as plain files.
//
// Names come from strangers. Nothing outside of the agent's own folder is ever
// read or written (os.Root), and nothing in it but plain files: no link, no
// device, no name that some system reads as one.
package files

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"pie/backend/fault"
)

// Limits of one agent's folder.
const (
	Quota    = 250 << 20 // bytes in all files
	MaxFile  = 10 << 20  // bytes in one
	MaxCount = 5000
)

// File is what is known of one.
type File struct {
	Name       string // relative, with slashes
	MIMEType   string // by the name's ending
	Size       int64
	ModifiedAt time.Time
}

// Files keeps all folders of one home. It is safe for concurrent use.
type Files struct {
	dir   string
	quota int64

	mu   sync.Mutex
	used map[string]*usage // by agent, as far as it is known
}

// usage is what an agent's files take. The person may have touched them, so it
// is counted anew now and then.
type usage struct {
	sizes  map[string]int64
	total  int64
	writes int
}

const recount = 200 // writes after which the folder is read again

// Options of New. Quota is the default when zero.
type Options struct {
	Dir   string // made when the first file is written
	Quota int64
}

// New makes Files over a folder.
func New(o Options) *Files {
	return &Files{dir: o.Dir, quota: cmp.Or(o.Quota, Quota), used: map[string]*usage{}}
}

// root opens the folder of an agent; made says whether it may be made.
func (f *Files) root(agent string, made bool) (*os.Root, error) {
	if !fs.ValidPath(agent) || strings.ContainsAny(agent, `/\:`) || agent == "." {
		return nil, fault.New(fault.Invalid, "This agent's name cannot name a folder.", "")
	}
	folder := filepath.Join(f.dir, agent)
	if made {
		if err := os.MkdirAll(f.dir, 0o700); err != nil {
			return nil, trouble(err)
		}
		if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, trouble(err)
		}
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, strange(agent)
	}
	return os.OpenRoot(folder)
}

// Write keeps content under a name, over what stood there. Faults: invalid for
// the name, denied for what is no plain file, limited at a limit.
func (f *Files) Write(agent, name string, content []byte) (File, error) {
	if err := checkName(name); err != nil {
		return File{}, err
	}
	if len(content) > MaxFile {
		return File{}, fault.New(fault.Limited, "The file is larger than 10 MB.", "Keep it in parts.")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	root, err := f.root(agent, true)
	if err != nil {
		return File{}, err
	}
	defer func() { _ = root.Close() }()
	size := int64(len(content))
	u, err := f.room(root, agent, name, size)
	if err != nil {
		return File{}, err
	}
	if err := put(root, name, content); err != nil {
		delete(f.used, agent)
		return File{}, trouble(err)
	}
	u.total += size - u.sizes[name]
	u.sizes[name] = size
	return stat(root, name)
}

// room makes sure that a file of that size still fits, and returns what is used.
func (f *Files) room(root *os.Root, agent, name string, size int64) (*usage, error) {
	u := f.used[agent]
	if u == nil || u.writes >= recount {
		all, err := list(root)
		if err != nil {
			return nil, err
		}
		u = &usage{sizes: map[string]int64{}}
		for _, each := range all {
			u.sizes[each.Name] = each.Size
			u.total += each.Size
		}
		f.used[agent] = u
	}
	u.writes++
	old, known := u.sizes[name]
	if u.total-old+size > f.quota {
		return nil, fault.New(fault.Limited, fmt.Sprintf("The files of an agent may take %d MB, and this one would pass that.", f.quota>>20), "Delete files that are no longer needed.")
	}
	if !known && len(u.sizes) >= MaxCount {
		return nil, fault.New(fault.Limited, fmt.Sprintf("An agent may keep %d files, and this one would pass that.", MaxCount), "Delete files that are no longer needed.")
	}
	return u, nil
}

// Read returns a file. Faults: invalid, not_found, denied, limited.
func (f *Files) Read(agent, name string) (File, []byte, error) {
	root, known, err := f.find(agent, name)
	if err != nil {
		return File{}, nil, err
	}
	defer func() { _ = root.Close() }()
	file, err := root.OpenFile(name, os.O_RDONLY|noFollow, 0)
	if err != nil {
		return File{}, nil, trouble(err)
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return File{}, nil, strange(name)
	}
	content, err := io.ReadAll(io.LimitReader(file, MaxFile+1))
	if err != nil {
		return File{}, nil, trouble(err)
	}
	if len(content) > MaxFile {
		return File{}, nil, fault.New(fault.Limited, name+" is larger than 10 MB.", "An agent reads smaller files only.")
	}
	known.Size = int64(len(content))
	return known, content, nil
}

// Info tells what is known of a file. Faults: invalid, not_found, denied.
func (f *Files) Info(agent, name string) (File, error) {
	root, known, err := f.find(agent, name)
	if err == nil {
		_ = root.Close()
	}
	return known, err
}

// find opens the folder in which the file stands as a plain one.
func (f *Files) find(agent, name string) (*os.Root, File, error) {
	if err := checkName(name); err != nil {
		return nil, File{}, err
	}
	root, err := f.root(agent, false)
	if err != nil {
		return nil, File{}, missing(err, name)
	}
	if err = plainFolders(root, name); err == nil {
		var known File
		if known, err = stat(root, name); err == nil {
			return root, known, nil
		}
	}
	_ = root.Close()
	return nil, File{}, missing(err, name)
}

// List returns the agent's files in the order of their names.
func (f *Files) List(agent string) ([]File, error) {
	root, err := f.root(agent, false)
	if errors.Is(err, fs.ErrNotExist) {
		return []File{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	return list(root)
}

// Delete removes a file, and folders that are empty then. Faults: invalid,
// not_found, denied.
func (f *Files) Delete(agent, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	root, _, err := f.find(agent, name)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if err := root.Remove(name); err != nil {
		return trouble(err)
	}
	if u := f.used[agent]; u != nil {
		u.total -= u.sizes[name]
		delete(u.sizes, name)
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if root.Remove(dir) != nil {
			break // not empty
		}
	}
	return nil
}

// Remove deletes all that the agent kept; there need not be anything.
func (f *Files) Remove(agent string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	root, err := f.root(agent, false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_ = root.Close()
	delete(f.used, agent)
	if err := os.RemoveAll(filepath.Join(f.dir, agent)); err != nil {
		return trouble(err)
	}
	return nil
}
