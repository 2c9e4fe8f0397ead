package plugin

import (
	"embed"
	"io/fs"
)

//go:embed samples
var samples embed.FS

// Samples holds the bundled agents, a folder or .pie file each.
func Samples() (fs.FS, error) { return fs.Sub(samples, "samples") }
