package system

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"pie/backend/fault"
	"pie/backend/paths"
)

const (
	classKey   = `Software\Classes\` + paths.AppID
	commandKey = classKey + `\shell\open\command`
)

func hasDisplay(paths.Environment) bool { return true }

// detach gives the launcher no console and no signals of ours.
func detach(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.DETACHED_PROCESS | windows.CREATE_NEW_PROCESS_GROUP}
}

func (d *Desktop) launcher(address string) (program string, arguments []string, err error) {
	dir, err := windows.GetSystemDirectory()
	return filepath.Join(dir, "rundll32.exe"), []string{"url.dll,FileProtocolHandler", address}, err
}

// RegisterScheme writes the person's own class for the scheme, the program's path
// quoted. Fault: invalid for a home, which a command cannot carry without a
// shell.
func (d *Desktop) RegisterScheme(o Options) error {
	if o.Home != "" {
		return fault.New(fault.Invalid, "On Windows links always go to the usual home.", "Paste the address into PIE Desktop after a sign-in.")
	}
	if o.Executable == "" {
		own, err := os.Executable()
		if err != nil {
			return fault.Wrap(err, fault.Internal, "The place of this program is not known.", "Start it by its whole path.")
		}
		o.Executable = own
	}
	if !filepath.IsAbs(o.Executable) || strings.ContainsAny(o.Executable, `"%`) {
		return fault.New(fault.Invalid, "Links can only be registered for an absolute path without quotes and percent signs.", "Move the program to a folder with a plain name.")
	}
	if err := checkText("the program", o.Executable); err != nil {
		return err
	}
	for _, v := range [][3]string{
		{classKey, "", "URL:PIE Desktop"},
		{classKey, "URL Protocol", ""},
		{commandKey, "", `"` + o.Executable + `" "%1"`},
	} {
		if err := setValue(v[0], v[1], v[2]); err != nil {
			return fault.Wrap(err, fault.Internal, "The registry cannot be written, so links are not registered.", "Ask whoever looks after this computer.")
		}
	}
	return nil
}

func setValue(path, name, value string) error {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer func() { _ = key.Close() }()
	return key.SetStringValue(name, value)
}

// SchemeHolder reads the class as Windows resolves it, the person's own first.
func (d *Desktop) SchemeHolder() (Holder, error) {
	key, err := registry.OpenKey(registry.CLASSES_ROOT, paths.AppID+`\shell\open\command`, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return Holder{}, nil
	}
	if err != nil {
		return Holder{}, fault.Wrap(err, fault.Internal, "The registry cannot be read.", "Ask whoever looks after this computer.")
	}
	defer func() { _ = key.Close() }()
	line, _, err := key.GetStringValue("")
	if err != nil {
		return Holder{}, nil //nolint:nilerr // a class without a command receives nothing
	}
	h := Holder{Registered: true, Path: `HKEY_CLASSES_ROOT\` + paths.AppID, Exec: line, Executable: line}
	if rest, found := strings.CutPrefix(line, `"`); found {
		h.Executable, _, _ = strings.Cut(rest, `"`)
	}
	h.Ours = line == `"`+h.Executable+`" "%1"` && strings.EqualFold(filepath.Base(h.Executable), "pie.exe")
	return h, nil
}

// UnregisterScheme removes the person's own class.
func (d *Desktop) UnregisterScheme() error {
	for _, path := range []string{commandKey, classKey + `\shell\open`, classKey + `\shell`, classKey} {
		if err := registry.DeleteKey(registry.CURRENT_USER, path); err != nil && !errors.Is(err, registry.ErrNotExist) {
			return fault.Wrap(err, fault.Internal, "The registry cannot be written, so links stay registered.", "Ask whoever looks after this computer.")
		}
	}
	return nil
}
