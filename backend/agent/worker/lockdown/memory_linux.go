package lockdown

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
)

const (
	threadStack  = 8 << 20  // what the C library reserves for a thread
	threadArena  = 64 << 20 // and once more for its small allocations
	extraThreads = 8        // beside one for each processor
	mostSpare    = 1 << 30
)

// addressSpace is the most that the process may reserve: what it has, and what
// it may still fill. The limit of data alone is not enough, because the kernel
// does not look at it when reserved memory is taken into use, which is how the
// heap grows: the next small request is refused instead, wherever that is, and
// the process ends by a fault and not by a word about memory.
func addressSpace(data uint64) (most uint64, known bool) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, false
	}
	const sizeField, dataField, fieldCount = 0, 5, 7
	fields := bytes.Fields(text)
	if len(fields) < fieldCount {
		return 0, false
	}
	size, err := strconv.ParseUint(string(fields[sizeField]), 10, 64)
	if err != nil {
		return 0, false
	}
	used, err := strconv.ParseUint(string(fields[dataField]), 10, 64)
	if err != nil {
		return 0, false
	}
	page := uint64(os.Getpagesize()) // #nosec G115 -- not negative
	return size*page + data - min(data, used*page), true
}

// spare is room for what the C library's threads reserve and do not use. A host
// that sets MALLOC_ARENA_MAX=1 keeps it small.
func spare() uint64 {
	if !cLibrary {
		return 0
	}
	each := uint64(threadStack)
	if arenas, _ := os.LookupEnv("MALLOC_ARENA_MAX"); arenas != "1" {
		each += threadArena
	}
	threads := uint64(runtime.GOMAXPROCS(0) + extraThreads) // #nosec G115 -- not negative
	return min(threads*each, mostSpare)
}
