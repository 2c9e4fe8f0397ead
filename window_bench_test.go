//go:build linux

package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pie/backend/patience"
)

// bare is the smallest program with a window: what any page would cost.
const bare = `package main

import (
	"embed"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
)

//go:embed index.html
var page embed.FS

func main() {
	_ = wails.Run(&options.App{Title: "PIE Desktop", Width: 1080, Height: 760, AssetServer: &assetserver.Options{Assets: page}})
}
`

// BenchmarkWindow compares the program's window with a bare one in the same run:
// from start to the first paint, and what both hold a moment later.
func BenchmarkWindow(b *testing.B) {
	for _, name := range []string{"Xvfb", "import", "xdotool"} {
		if _, err := exec.LookPath(name); err != nil {
			b.Skipf("%s is not installed; make test installs it", name)
		}
	}
	dir := b.TempDir()
	ours, theirs := filepath.Join(dir, "pie"), filepath.Join(dir, "bare")
	compile(b, ".", ours)
	compile(b, bareModule(b), theirs)
	var paint, barePaint time.Duration
	var memory, bareMemory float64
	for b.Loop() {
		took, held := open(b, theirs)
		barePaint, bareMemory = barePaint+took, bareMemory+held
		took, held = open(b, ours)
		paint, memory = paint+took, memory+held
	}
	b.ReportMetric(float64(paint)/float64(barePaint), "paint-ratio")
	b.ReportMetric(memory/bareMemory, "memory-ratio")
	b.ReportMetric(float64(paint.Milliseconds())/float64(b.N), "ms-to-paint")
	b.ReportMetric(memory/1024/float64(b.N), "MB-idle")
}

func compile(b *testing.B, dir, out string) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), "go", "build", "-tags", "desktop,production,webkit2_41", "-ldflags", "-s -w", "-o", out, ".")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=1")
	if text, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, text)
	}
}

// bareModule is a module of its own with this one's versions.
func bareModule(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	for name, text := range map[string]string{"main.go": bare, "index.html": "<!doctype html><body style='background:#f6f6f4'>"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(name)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o600)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// open starts a program on a display of its own and returns how long its first
// paint took and what its processes hold, in kB of proportional memory.
func open(b *testing.B, binary string) (took time.Duration, held float64) {
	b.Helper()
	dir := b.TempDir()
	env := append(os.Environ(), "HOME="+dir, "DISPLAY="+display(b), "WAYLAND_DISPLAY=", "PIE_HOME="+filepath.Join(dir, "pie"),
		"PIE_KEY_SOURCE=keyfile", "PIE_KEY_FILE="+filepath.Join(dir, "key"), "DBUS_SESSION_BUS_ADDRESS=disabled:", "XDG_RUNTIME_DIR="+dir)
	cmd := exec.CommandContext(b.Context(), binary)
	cmd.Env = env
	at := time.Now()
	start(b, cmd)
	patience.Until(b, "the window is painted", func() bool {
		look := exec.CommandContext(b.Context(), "import", "-window", "root", "-crop", "1x1+600+400", "txt:-")
		look.Env = env
		out, err := look.Output()
		return err == nil && !strings.Contains(string(out), "#000000")
	})
	took = time.Since(at)
	<-time.After(3 * time.Second) // until it rests
	return took, family(cmd.Process.Pid)
}

// family sums what a process and those below it hold.
func family(pid int) (sum float64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err == nil {
		for line := range strings.SplitSeq(string(text), "\n") {
			if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "Pss:" {
				kb, _ := strconv.ParseFloat(fields[1], 64)
				sum += kb
			}
		}
	}
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		more, _ := os.ReadFile(task)
		if task != fmt.Sprintf("/proc/%d/task/%d/children", pid, pid) {
			children = append(append(children, ' '), more...)
		}
	}
	for field := range strings.FieldsSeq(string(children)) {
		if child, err := strconv.Atoi(field); err == nil {
			sum += family(child)
		}
	}
	return sum
}
