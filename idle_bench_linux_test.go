package main_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pie/backend"
	"pie/backend/automation"
	"pie/backend/paths"
)

const (
	idleAgents   = 5
	idleTriggers = 100
	idleFor      = time.Minute
	settledAfter = 15 * time.Second // what a start leaves to do
)

// fillIdle installs agents with five hundred automations that are on, none of
// which is due in the next hours.
func fillIdle(b *testing.B, dir string, pie func(args ...string) *exec.Cmd) {
	b.Helper()
	for i := range idleAgents {
		name := fmt.Sprintf("idle%d", i)
		text := "---\nname: " + name + "\nversion: 1.0.0\nmanifest:\n  automation:\n    triggers:\n"
		for n := range idleTriggers {
			at := time.Now().UTC().Add(6*time.Hour + time.Duration(i*idleTriggers+n)*time.Minute)
			text += fmt.Sprintf("      - {type: cron, default: \"%d %d * * *\"}\n", at.Minute(), at.Hour())
		}
		file := filepath.Join(dir, name+".pie")
		if err := os.WriteFile(file, []byte(text+"---\nasync function handler() { return {}; }\n"), 0o600); err != nil {
			b.Fatal(err)
		}
		if out, err := pie("agent", "install", file, "--yes").CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
	}
	home, err := backend.Open(b.Context(), backend.Options{
		Paths: paths.In(filepath.Join(dir, "home")), Env: paths.Environment{KeySource: "keyfile", KeyFile: filepath.Join(dir, "key"), TimeZone: "UTC", LoopbackPort: 1},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = home.Close() }()
	for i := range idleAgents * idleTriggers {
		if err := home.EnableAutomation(fmt.Sprintf("idle%d/%d", i/idleTriggers, i%idleTriggers), automation.Choice{}); err != nil {
			b.Fatal(err)
		}
	}
}

// workers are the processes that pid has started.
func workers(b *testing.B, pid int) (out []int) {
	b.Helper()
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range lists {
		raw, err := os.ReadFile(name)
		if err != nil {
			continue // the thread has ended
		}
		for word := range strings.FieldsSeq(string(raw)) {
			child, err := strconv.Atoi(word)
			if err != nil {
				b.Fatal(err)
			}
			out = append(out, child)
		}
	}
	return out
}

// used is the time that a process has spent on processors, by the kernel's own
// clock of it.
func used(b *testing.B, pid int) time.Duration {
	b.Helper()
	var at unix.Timespec
	if err := unix.ClockGettime(int32(^pid)<<3|2, &at); err != nil { // CPUCLOCK_SCHED of the whole process
		b.Fatal(err)
	}
	return time.Duration(at.Nano())
}

// BenchmarkIdleBackground is `pie background` with five hundred automations that
// are on and not due: the share of a core that it takes over a minute, its
// workers with it.
func BenchmarkIdleBackground(b *testing.B) {
	dir := b.TempDir()
	binary := filepath.Join(dir, "pie")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	pie := func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(b.Context(), binary, args...)
		cmd.Env = append(os.Environ(), "PIE_HOME="+filepath.Join(dir, "home"), "PIE_KEY_SOURCE=keyfile", "PIE_KEY_FILE="+filepath.Join(dir, "key"), "DBUS_SESSION_BUS_ADDRESS=disabled:")
		return cmd
	}
	fillIdle(b, dir, pie)
	cmd := pie("background")
	out, err := cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() }()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if bytes.Contains(lines.Bytes(), []byte("Automations run")) {
			break
		}
	}
	pass(b, settledAfter)
	all := append(workers(b, cmd.Process.Pid), cmd.Process.Pid)
	sum := func() (d time.Duration) {
		for _, pid := range all {
			d += used(b, pid)
		}
		return d
	}
	for b.Loop() {
		before, began := sum(), time.Now()
		pass(b, idleFor)
		b.ReportMetric(100*float64(sum()-before)/float64(time.Since(began)), "%core")
	}
	b.ReportMetric(float64(len(all)-1), "workers")
}

func pass(b *testing.B, d time.Duration) {
	b.Helper()
	select {
	case <-time.After(d):
	case <-b.Context().Done():
		b.Fatal(b.Context().Err())
	}
}
