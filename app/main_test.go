package app_test

import (
	"os"
	"testing"

	"pie/backend/agent/worker"
)

// TestMain lets the test binary be the worker of its agents.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		os.Exit(worker.Main())
	}
	os.Exit(m.Run())
}
