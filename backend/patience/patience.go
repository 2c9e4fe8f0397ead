// Package patience waits, in tests, for what other processes bring about in their
// own time.
package patience

import "time"

// Limit bounds every wait: far beyond what a busy machine needs, so that nothing is
// asserted about time.
const Limit = 5 * time.Minute

const pause = 5 * time.Millisecond

// Test is a test, or the script of one.
type Test interface {
	Fatalf(format string, args ...any)
}

// Until asks again and again whether holds, and fails t when it never does. What is
// waited for is said in what.
func Until(t Test, what string, holds func() bool) {
	if helper, ok := t.(interface{ Helper() }); ok {
		helper.Helper()
	}
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for end := time.Now().Add(Limit); !holds(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("it never came about: %s", what)
		}
	}
}
