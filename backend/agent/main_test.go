package agent_test

import (
	"os"
	"testing"

	"pie/backend/agent/worker"
)

// TestMain lets the test binary be its own worker, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "worker" {
		os.Exit(worker.Main())
	}
	if len(os.Args) == 3 && os.Args[1] == "rogue" {
		os.Exit(rogue(os.Args[2]))
	}
	os.Exit(m.Run())
}
