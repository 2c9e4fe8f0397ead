//go:build unix && !darwin

package system

import "io/fs"

// Low tells whether a battery has little left.
func Low(supplies fs.FS) bool { return low(supplies) }
