// Package system owns the desktop: it opens addresses in the person's browser,
// registers the program's custom URL scheme and tells who holds it, and shows
// notifications.
//
// What it starts, it starts from an argument list without a shell, detached, in
// an environment without the traces of a bundle. It reads no environment of its
// own: a Desktop is made from the one that package paths has read.
package system

import (
	"strings"
	"time"

	"pie/backend/fault"
	"pie/backend/paths"
)

// Desktop is the session that the program runs in.
type Desktop struct {
	env      []string
	patience time.Duration // with a launcher
}

// New makes a Desktop from an environment.
func New(env paths.Environment) *Desktop { return &Desktop{env.Shell, patience} }

// HasDisplay tells whether windows can be shown.
func HasDisplay(env paths.Environment) bool { return hasDisplay(env) }

// Options of RegisterScheme.
type Options struct {
	Executable string // absolute; the running program (the AppImage it is in) when empty
	Home       string // the folder of PIE_HOME that links go to; empty for the platform's own
}

// Holder says who gets the links of the custom scheme.
type Holder struct {
	Registered bool   `json:"registered"`
	Path       string `json:"path"`       // the file, key or bundle that says so
	Exec       string `json:"exec"`       // its command as written there
	Executable string `json:"executable"` // the program in it
	Home       string `json:"home"`       // the home that links go to
	Ours       bool   `json:"ours"`       // an intact registration of PIE Desktop, of whatever copy and home
}

// get returns a variable, the last one set, as the system does.
func (d *Desktop) get(name string) string {
	value := ""
	for _, entry := range d.env {
		if v, found := strings.CutPrefix(entry, name+"="); found {
			value = v
		}
	}
	return value
}

// checkText refuses a path that a registration cannot carry.
func checkText(what, text string) error {
	for _, r := range text {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return fault.New(fault.Invalid, "The path of "+what+" holds a character that cannot be registered.", "Move it to a folder with a plain name.")
		}
	}
	return nil
}
