//go:build !linux

package lockdown_test

import (
	"os"
	"os/exec"
	"testing"

	"pie/backend/agent/worker/lockdown"
)

func ofSystem() map[string]attempt {
	return map[string]attempt{"second process": secondProcess}
}

func secondProcess(string, func(func() error) error) error {
	return exec.Command(os.Args[0], "-test.run=^$").Run()
}

func TestNoSecondProcess(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("the limit of processes is not for root")
	}
	every := []string{
		lockdown.LayerDescriptors, lockdown.LayerLimits,
		lockdown.LayerJob, lockdown.LayerMitigation, lockdown.LayerIntegrity,
	}
	if got := run(t, "second process", every, ""); got.said != works {
		t.Fatal("the attempt proves nothing:", got)
	}
	if got := run(t, "second process", nil, ""); got.said == works || got.said == "" {
		t.Error("not refused:", got)
	}
}
