//go:build !desktop && !bindings

package main

import (
	"os"

	"pie/app/door"
	"pie/backend/paths"
)

const hasWindow = false

// openWindow says why there is none and how to go on. The exit code is that of
// wrong usage.
func openWindow(paths.Paths, *door.Door, string) int {
	_, _ = os.Stderr.WriteString(`pie: This build has no window.
Build the one that has with: make build
Everything works in the terminal too. To begin:
  pie demo    the whole story, with a pretend service
  pie help    all commands
`)
	return 2
}
