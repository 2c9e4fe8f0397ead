//go:build unix && !darwin

package system

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// systemdRuns is there where systemd has started the computer (sd_booted).
const systemdRuns = "/run/systemd/system"

// autostart is a desktop file of the session (Desktop Application Autostart).
func autostart(o Options) string {
	line := quote(o.Executable) + " background"
	if o.Home != "" {
		line = "env " + quote("PIE_HOME="+o.Home) + " " + line
	}
	return "[Desktop Entry]\nType=Application\nName=PIE Desktop\nComment=Runs automations\nTerminal=false\nNoDisplay=true\nExec=" + line +
		"\nX-GNOME-Autostart-enabled=true\nX-PIE-Executable=" + escape(o.Executable) + "\nX-PIE-Home=" + escape(o.Home) + "\n"
}

// serviceFiles is a unit of the person's own systemd, or a desktop file where
// there is none.
func (d *Desktop) serviceFiles(o Options) []ServiceFile {
	if d.configHome() == "" {
		return nil
	}
	if d.hasSystemd() {
		return []ServiceFile{{filepath.Join(d.configHome(), "systemd/user", serviceName+".service"), unit(o)}}
	}
	return []ServiceFile{{filepath.Join(d.configHome(), "autostart", serviceName+".background.desktop"), autostart(o)}}
}

func (d *Desktop) hasSystemd() bool {
	dir := d.get("PIE_SYSTEMD") // of a test
	if dir == "" {
		dir = systemdRuns
	}
	_, err := os.Stat(dir)
	return err == nil
}

// switchService makes the link by which systemd starts the unit at log-in, as
// systemctl --user enable does, or removes it.
func (d *Desktop) switchService(on bool) error {
	files := d.serviceFiles(Options{})
	if len(files) == 0 || !d.hasSystemd() {
		return nil
	}
	link := filepath.Join(filepath.Dir(files[0].Path), "default.target.wants", serviceName+".service")
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return notWritten(err)
	}
	if !on {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
		return notWritten(err)
	}
	if err := os.Symlink(files[0].Path, link); err != nil {
		return notWritten(err)
	}
	return nil
}

func serviceHint(path string) string {
	if filepath.Ext(path) == ".service" {
		return "It starts at the next log-in. To start it now: systemctl --user start " + serviceName
	}
	return "It starts at the next log-in."
}
