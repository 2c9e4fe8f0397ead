//go:build unix

package system

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// detach gives the program a session of its own: it gets no signal and no
// terminal of ours.
func detach(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
}

var errNotFound = errors.New("program not found")

// find looks for a program on the PATH of the session, in absolute folders
// outside a bundle: a bundled xdg-open reports success and opens nothing.
func (d *Desktop) find(name string) (string, error) {
	search := d.get("PATH")
	if bundle := d.get("APPDIR"); bundle != "" {
		search = outside(search, bundle)
	}
	for _, dir := range filepath.SplitList(search) {
		file := filepath.Join(dir, name)
		info, err := os.Stat(file)
		if err == nil && filepath.IsAbs(file) && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0 {
			return file, nil
		}
	}
	return "", errNotFound
}
