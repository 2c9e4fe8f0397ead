package oauthtest

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Node runs a script of folder, which is this package's, that needs a package, until
// the test ends, and returns its first line.
func Node(tb testing.TB, folder, needs string, args ...string) string {
	tb.Helper()
	if _, err := os.Stat(filepath.Join(folder, "node_modules", needs, "package.json")); err != nil {
		tb.Fatalf("%s is not installed in backend/oauth/oauthtest. Run make test once: it installs it with npm ci.", needs)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		tb.Fatal("Node.js is not installed, and " + needs + " needs it. Run make test: it names or installs the packages.")
	}
	cmd := exec.CommandContext(context.WithoutCancel(tb.Context()), node, args...) // #nosec G204 -- a test
	cmd.Dir = folder
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	first, reading := bufio.NewReader(out).ReadString('\n')
	tb.Cleanup(func() {
		_ = in.Close() // which ends it
		stuck := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
		defer stuck.Stop()
		if err := cmd.Wait(); err != nil || tb.Failed() {
			tb.Logf("%s ended: %v\n%s", needs, err, complaints.String())
		}
	})
	if reading != nil {
		tb.Fatalf("%s did not start: %v", needs, reading)
	}
	return strings.TrimSpace(first)
}
