//go:build !race

package hostile_test

import (
	"syscall"
	"testing"

	"pie/backend/agent"
)

// mustHaveStayedSmall looks at the largest of all workers, which have ended: none
// may have taken more than 2.5 times the limit of the heap.
func mustHaveStayedSmall(t *testing.T) {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &used); err != nil {
		t.Fatal(err)
	}
	largest, most := used.Maxrss<<10, int64(agent.DefaultMemory)*5/2
	if largest == 0 || largest > most {
		t.Errorf("a worker took %d MB, of %d", largest>>20, most>>20)
	}
	t.Logf("the largest worker took %d MB, with a heap limit of %d", largest>>20, int64(agent.DefaultMemory)>>20)
}
