package system

import (
	"os"
	"path/filepath"
	"strings"

	"pie/backend/fault"
	"pie/backend/paths"
)

func hasDisplay(paths.Environment) bool { return true }

func (d *Desktop) launcher(address string) (program string, arguments []string, err error) {
	return "/usr/bin/open", []string{address}, nil
}

// RegisterScheme has nothing to write: the scheme comes with the app bundle.
// Faults: not_found for a program outside a bundle, invalid for a home, which a
// bundle cannot carry.
func (d *Desktop) RegisterScheme(o Options) error {
	if o.Home != "" {
		return fault.New(fault.Invalid, "On macOS links always go to the usual home.", "Paste the address into PIE Desktop after a sign-in.")
	}
	holder, err := d.SchemeHolder()
	if err == nil && !holder.Ours {
		err = fault.New(fault.NotFound, "On macOS links come with the app bundle, and this program is not in one.", "Use the app, or paste the address into PIE Desktop after a sign-in.")
	}
	return err
}

// SchemeHolder names the bundle that the running program is in, if it is in one.
func (d *Desktop) SchemeHolder() (Holder, error) {
	own, err := os.Executable()
	if err != nil {
		return Holder{}, fault.Wrap(err, fault.Internal, "The place of this program is not known.", "Start it by its whole path.")
	}
	dir := filepath.Dir(own)
	if !strings.HasSuffix(dir, ".app/Contents/MacOS") {
		return Holder{}, nil
	}
	return Holder{Registered: true, Path: filepath.Dir(filepath.Dir(dir)), Exec: own, Executable: own, Ours: true}, nil
}

// UnregisterScheme has nothing to remove: the scheme goes with the app bundle.
func (d *Desktop) UnregisterScheme() error { return nil }
