package lockdown_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"pie/backend/agent/worker/lockdown"
)

// TestMain lets the test binary be the process that is locked down.
func TestMain(m *testing.M) {
	if len(os.Args) == 5 && os.Args[1] == "probe" {
		os.Exit(probe(os.Args[2], strings.Fields(os.Args[3]), os.Args[4]))
	}
	os.Exit(m.Run())
}

// What a probe writes.
const (
	works   = "works"
	refused = "refused" // for want of a permission
)

// probe locks down, without the given layers, and tries one thing.
func probe(name string, without []string, argument string) int {
	try, known := probes()[name]
	if !known {
		say("unknown probe")
		return 1
	}
	earlier := startThread()
	layers, err := lockdown.Apply(lockdown.Options{Without: without})
	say(strings.Join(layers, ","))
	if err != nil {
		say(err.Error())
		return 1
	}
	err = try(argument, earlier)
	switch {
	case err == nil:
		say(works)
	case errors.Is(err, os.ErrPermission):
		say(refused)
	default:
		say(err.Error())
	}
	return 0
}

func say(text string) { _, _ = os.Stdout.WriteString(text + "\n") }

// attempt is one thing that a process may do. earlier runs a function on a thread
// that is older than the lock.
type attempt func(argument string, earlier func(func() error) error) error

// outcome is how a probe ended.
type outcome struct {
	layers []string
	said   string
	stderr string
	state  *os.ProcessState
}

// run starts a probe; stdin holds "hello".
func run(t *testing.T, name string, without []string, argument string, inherit ...*os.File) outcome {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "probe", name, strings.Join(without, " "), argument)
	cmd.WaitDelay = time.Minute
	cmd.Env = []string{"GORACE=atexit_sleep_ms=0"}
	cmd.Dir, cmd.Stdin, cmd.ExtraFiles = "/", strings.NewReader("hello"), inherit
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if exit, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
		t.Fatal(err, exit)
	}
	layers, said, _ := strings.Cut(stdout.String(), "\n")
	return outcome{layers: strings.Split(layers, ","), said: strings.TrimSpace(said), stderr: stderr.String(), state: cmd.ProcessState}
}

func (o outcome) String() string {
	return fmt.Sprintf("layers %v, said %q, %v\n%s", o.layers, o.said, o.state, o.stderr)
}
