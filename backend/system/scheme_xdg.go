//go:build unix && !darwin

package system

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"pie/backend/fault"
	"pie/backend/paths"
)

// RegisterScheme makes the program the receiver of its scheme for this person:
// a desktop file, and the default in mimeapps.list. It may be repeated, and it
// takes the scheme from another holder. Faults: invalid for a path that cannot be
// carried, conflict when the desktop still prefers another program.
func (d *Desktop) RegisterScheme(o Options) error {
	o, err := d.complete(o)
	if err != nil {
		return err
	}
	if d.dataHome() == "" || d.configHome() == "" {
		return fault.New(fault.NotFound, "The person's folders are not known, so links cannot be registered.", "Set HOME to an absolute path.")
	}
	if needsScript(o) {
		err = write(d.scriptFile(), script(o))
	} else {
		err = remove(d.scriptFile())
	}
	if err == nil {
		err = write(d.entryFile(), entry(o, d.scriptFile()))
	}
	if err == nil {
		err = makeFolder(d.configHome())
	}
	if err == nil {
		err = rewrite(d.listFile(), true)
	}
	if err != nil {
		return err
	}
	d.updateDatabase()
	return d.confirm(o)
}

// complete fills in the running program and refuses what cannot be carried.
func (d *Desktop) complete(o Options) (Options, error) {
	if o.Executable == "" {
		o.Executable = d.get("APPIMAGE") // os.Executable is a mount that ends with us
	}
	if o.Executable == "" {
		own, err := os.Executable()
		if err != nil {
			return o, fault.Wrap(err, fault.Internal, "The place of this program is not known.", "Start it by its whole path.")
		}
		o.Executable = own
	}
	if !filepath.IsAbs(o.Executable) || o.Home != "" && !filepath.IsAbs(o.Home) {
		return o, fault.New(fault.Invalid, "Links can only be registered for absolute paths.", "Start the program by its whole path.")
	}
	if err := checkText("the program", o.Executable); err != nil {
		return o, err
	}
	return o, checkText("the home", o.Home)
}

func (d *Desktop) confirm(o Options) error {
	holder, err := d.SchemeHolder()
	if err != nil {
		return err
	}
	if !holder.Ours || holder.Executable != o.Executable || holder.Home != o.Home {
		return fault.New(fault.Conflict, fmt.Sprintf("Links of PIE Desktop still go to another program, named in %s.", holder.Path),
			"Remove that program's claim, or paste the address into PIE Desktop after a sign-in.")
	}
	return nil
}

// SchemeHolder looks up who gets the scheme's links, in the order of the MIME
// Applications specification: the lists of defaults first, then the caches of
// what is installed.
func (d *Desktop) SchemeHolder() (Holder, error) {
	applications := d.applications()
	for _, list := range d.lists() {
		text, err := readSmall(list)
		if err != nil {
			return Holder{}, err
		}
		for _, name := range defaults(text) {
			if holder, found, err := d.holder(applications, name); found || err != nil {
				return holder, err
			}
		}
	}
	for _, dir := range applications {
		text, err := readSmall(filepath.Join(dir, "mimeinfo.cache"))
		if err != nil {
			return Holder{}, err
		}
		for line := range strings.SplitSeq(text, "\n") {
			list, found := strings.CutPrefix(line, schemeType+"=")
			if !found {
				continue
			}
			for _, name := range names(list) {
				if holder, found, err := d.holder(applications, name); found || err != nil {
					return holder, err
				}
			}
		}
	}
	return Holder{}, nil
}

// UnregisterScheme takes the registration back: the files of PIE Desktop and its
// entry in mimeapps.list. A registration of somebody else stays.
func (d *Desktop) UnregisterScheme() error {
	if d.dataHome() == "" || d.configHome() == "" {
		return nil
	}
	if err := errors.Join(remove(d.entryFile()), remove(d.scriptFile()), rewrite(d.listFile(), false)); err != nil {
		return err
	}
	d.updateDatabase()
	return nil
}

func (d *Desktop) entryFile() string {
	return filepath.Join(d.dataHome(), "applications", entryName)
}

func (d *Desktop) scriptFile() string { return filepath.Join(d.dataHome(), "pie", "link.sh") }
func (d *Desktop) listFile() string   { return filepath.Join(d.configHome(), "mimeapps.list") }

// applications are the folders of desktop files, the person's own first.
func (d *Desktop) applications() []string {
	var dirs []string
	for _, dir := range append([]string{d.dataHome()}, d.folders("XDG_DATA_DIRS", "/usr/local/share:/usr/share")...) {
		if dir != "" {
			dirs = append(dirs, filepath.Join(dir, "applications"))
		}
	}
	return dirs
}

// lists are the files of defaults in the order in which they count.
func (d *Desktop) lists() []string {
	var dirs, files []string
	if home := d.configHome(); home != "" {
		dirs = append(dirs, home)
	}
	dirs = append(dirs, d.folders("XDG_CONFIG_DIRS", "/etc/xdg")...)
	dirs = append(dirs, d.applications()...)
	for _, dir := range dirs {
		for desktop := range strings.SplitSeq(strings.ToLower(d.get("XDG_CURRENT_DESKTOP")), ":") {
			if plainWord.MatchString(desktop) && !strings.Contains(desktop, "/") {
				files = append(files, filepath.Join(dir, desktop+"-mimeapps.list"))
			}
		}
		files = append(files, filepath.Join(dir, "mimeapps.list"))
	}
	return files
}

// holder reads the desktop file called name in the first folder that has it.
func (d *Desktop) holder(applications []string, name string) (Holder, bool, error) {
	if strings.Contains(name, "/") || !strings.HasSuffix(name, ".desktop") {
		return Holder{}, false, nil
	}
	for _, dir := range applications {
		file := filepath.Join(dir, name)
		text, err := readSmall(file)
		if err != nil {
			return Holder{}, false, err
		}
		if text != "" {
			return d.describe(file, keys(text)), true, nil
		}
	}
	return Holder{}, false, nil
}

// describe tells an intact registration of ours, command and script as this
// program writes them, from everything else.
func (d *Desktop) describe(file string, values map[string]string) Holder {
	h := Holder{Registered: true, Path: file, Exec: values["Exec"], Executable: programOf(values["Exec"])}
	o := Options{Executable: unescape(values["X-PIE-Executable"]), Home: unescape(values["X-PIE-Home"])}
	if filepath.Base(file) != entryName || o.Executable == "" || h.Exec != command(o, d.scriptFile()) {
		return h
	}
	if needsScript(o) {
		if text, err := readSmall(d.scriptFile()); err != nil || text != script(o) {
			return h
		}
	}
	h.Executable, h.Home, h.Ours = o.Executable, o.Home, true
	return h
}

// updateDatabase refreshes the cache of handlers where the tool for it is
// installed. The default in mimeapps.list holds without it.
func (d *Desktop) updateDatabase() {
	tool, err := d.find("update-desktop-database")
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, tool, filepath.Dir(d.entryFile())) // #nosec G204 -- the system's tool, no shell
	command.Env = d.cleanEnv()
	_ = command.Run()
}

func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return unwritable(err, dir)
	}
	return nil
}

func write(file, text string) error {
	if err := makeFolder(filepath.Dir(file)); err != nil {
		return err
	}
	if err := paths.WriteFile(file, []byte(text)); err != nil {
		return unwritable(err, file)
	}
	return nil
}

func remove(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unwritable(err, file)
	}
	return nil
}
