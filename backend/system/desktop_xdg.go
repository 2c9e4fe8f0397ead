//go:build unix && !darwin

package system

import (
	"path/filepath"

	"pie/backend/paths"
)

func hasDisplay(env paths.Environment) bool { return env.Display != "" }

// launcher is the host's xdg-open.
func (d *Desktop) launcher(address string) (program string, arguments []string, err error) {
	program, err = d.find("xdg-open")
	return program, []string{address}, err
}

// folder is one of the base folders (XDG Base Directory): absolute, or else the
// default below HOME.
func (d *Desktop) folder(variable, below string) string {
	if dir := d.get(variable); filepath.IsAbs(dir) {
		return dir
	}
	if home := d.get("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, below)
	}
	return ""
}

func (d *Desktop) dataHome() string   { return d.folder("XDG_DATA_HOME", ".local/share") }
func (d *Desktop) configHome() string { return d.folder("XDG_CONFIG_HOME", ".config") }

// folders is one of the search lists, with its default.
func (d *Desktop) folders(variable, preset string) []string {
	list := d.get(variable)
	if list == "" {
		list = preset
	}
	var dirs []string
	for _, dir := range filepath.SplitList(list) {
		if filepath.IsAbs(dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}
