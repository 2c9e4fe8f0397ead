//go:build linux || darwin

package lockdown

import (
	"fmt"

	"golang.org/x/sys/unix"
)

const openFiles = 16 // the pipes and what the runtime polls them with

// limits sets the resource limits of this system, soft and hard.
func limits(o Options) (bool, error) {
	for resource, most := range bounds(o) {
		if err := unix.Setrlimit(resource, &unix.Rlimit{Cur: most, Max: most}); err != nil {
			return false, fmt.Errorf("limiting resource %d: %w", resource, err)
		}
	}
	return true, nil
}
