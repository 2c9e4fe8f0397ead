package backend_test

import (
	"os"
	"testing"

	"pie/backend/agent/worker"
	"pie/backend/oauth/oauthtest"
)

// TestMain lets the test binary be its own worker, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "worker" {
		os.Exit(worker.Main())
	}
	if len(os.Args) == 4 && os.Args[1] == "crash-child" {
		os.Exit(crashChild(os.Args[2], os.Args[3]))
	}
	if len(os.Args) == 4 && os.Args[1] == "due-child" {
		os.Exit(dueChild(os.Args[2], os.Args[3]))
	}
	oauthtest.Undisturbed()
	os.Exit(m.Run())
}
