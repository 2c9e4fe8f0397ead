// Package lockdown takes from a worker process everything it does not need:
// files, network, new processes, signals to others, inherited descriptors. What
// is left is memory, threads, time, and the pipes to the host.
//
// Several layers say no to the same thing, so that one of them may be missing on
// an older system. Apply must be called before anything a stranger wrote is read.
package lockdown

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
)

// The layers, in the order in which they are put on. Not every system has each.
const (
	LayerDescriptors = "descriptors" // what the host left open by mistake is closed
	LayerLimits      = "limits"      // resource limits of the system
	LayerPrivate     = "private"     // no core dump, no tracing, no new privileges
	LayerLandlock    = "landlock"    // Linux: no files, no network, no signals
	LayerSeccomp     = "seccomp"     // Linux: a list of allowed system calls
	LayerJob         = "job"         // Windows: a job object
	LayerMitigation  = "mitigation"  // Windows: no child processes, no code made at run time
	LayerIntegrity   = "integrity"   // Windows: low integrity, no writing to what the person owns
)

// absent stands before the name of a layer that the system does not have.
const absent = "no "

const (
	maxStack    = 64 << 20
	memoryAim   = 96 << 20 // the collector works harder above it
	defaultData = 512 << 20
)

// Options of Apply.
type Options struct {
	DataBytes uint64   // most memory of the process, 512 MB when zero; soft by what threads reserve
	Without   []string // layers to leave out: for tests that prove a probe
}

// Apply puts on all layers for good and names them; one that this system does
// not have is named too, as "no landlock". A layer that the system should have
// and that fails is an error, and the process must end then: it may be half open.
func Apply(o Options) (names []string, err error) {
	if o.DataBytes == 0 {
		o.DataBytes = defaultData
	}
	debug.SetMaxStack(maxStack)
	debug.SetMemoryLimit(memoryAim)
	runtime.LockOSThread() // some calls speak of the thread that makes them
	defer runtime.UnlockOSThread()
	for _, layer := range layers() {
		if slices.Contains(o.Without, layer.name) {
			continue
		}
		active, err := layer.apply(o)
		if err != nil {
			return names, fmt.Errorf("locking down (%s): %w", layer.name, err)
		}
		if active {
			names = append(names, layer.name)
		} else {
			names = append(names, absent+layer.name)
		}
	}
	return names, nil
}

// layer is one way of saying no. apply tells whether the system has it.
type layer struct {
	name  string
	apply func(o Options) (active bool, err error)
}
