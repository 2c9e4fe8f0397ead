//go:build unix && !darwin

package system

import (
	"io/fs"
	"time"

	"pie/backend/paths"
)

// Patient is New with all the time that a launcher may need on a busy machine.
func Patient(env paths.Environment) *Desktop { return &Desktop{env.Shell, time.Hour} }

// Low tells whether a battery has little left.
func Low(supplies fs.FS) bool { return low(supplies) }

// Texts are the files of all platforms.
func Texts(o Options) (unitFile, desktopFile, plist, taskFile string) {
	return unit(o), autostart(o), launchAgent(o), task(o)
}
