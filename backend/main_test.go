package backend_test

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
	if len(os.Args) == 4 && os.Args[1] == "crash-child" {
		os.Exit(crashChild(os.Args[2], os.Args[3]))
	}
	os.Exit(m.Run())
}
