//go:build unix && !darwin

package system

import "io/fs"

// Low tells whether a battery has little left.
func Low(supplies fs.FS) bool { return low(supplies) }

// Texts are the files of all platforms.
func Texts(o Options) (unitFile, desktopFile, plist, taskFile string) {
	return unit(o), autostart(o), launchAgent(o), task(o)
}
