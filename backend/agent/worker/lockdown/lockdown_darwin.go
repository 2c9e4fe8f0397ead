package lockdown

import "golang.org/x/sys/unix"

// layers: the system's own sandbox is not used here, so what keeps an agent from
// files and network is that the language has no object for either.
func layers() []layer {
	return []layer{{LayerDescriptors, descriptors}, {LayerLimits, limits}}
}

// bounds: here a limit of one process forbids another one; threads do not count.
func bounds(Options) map[int]uint64 {
	return map[int]uint64{unix.RLIMIT_CORE: 0, unix.RLIMIT_FSIZE: 0, unix.RLIMIT_NOFILE: openFiles, unix.RLIMIT_NPROC: 1}
}
