package lockdown

import (
	"fmt"

	"github.com/landlock-lsm/go-landlock/landlock"
	"golang.org/x/sys/unix"
)

func layers() []layer {
	return []layer{
		{LayerDescriptors, descriptors},
		{LayerLimits, limits},
		{LayerPrivate, private},
		{LayerLandlock, noPaths},
		{LayerSeccomp, fewCalls},
	}
}

func bounds(o Options) map[int]uint64 {
	all := map[int]uint64{unix.RLIMIT_CORE: 0, unix.RLIMIT_FSIZE: 0, unix.RLIMIT_NOFILE: openFiles}
	if raceDetector {
		return all
	}
	data := o.DataBytes + spare()
	all[unix.RLIMIT_DATA] = data
	if most, known := addressSpace(data); known {
		all[unix.RLIMIT_AS] = most
	}
	return all
}

// private keeps the memory, with the run's secrets, from debuggers and dumps.
func private(Options) (bool, error) {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return false, fmt.Errorf("forbidding dumps: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return false, fmt.Errorf("forbidding new privileges: %w", err)
	}
	return true, nil
}

// noPaths allows no path, no port, no signal and no abstract socket, as far as
// the kernel knows the rules. One without Landlock is no error: seccomp says no
// to the same calls.
func noPaths(Options) (bool, error) {
	if !hasLandlock() {
		return false, nil
	}
	if err := landlock.V11.BestEffort().Restrict(); err != nil {
		return false, fmt.Errorf("restricting paths: %w", err)
	}
	return true, nil
}

func hasLandlock() bool {
	const askVersion = 1
	version, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, askVersion)
	return errno == 0 && version > 0
}
