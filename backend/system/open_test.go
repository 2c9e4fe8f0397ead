//go:build unix && !darwin

package system_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"pie/backend/fault"
	"pie/backend/paths"
	"pie/backend/patience"
	"pie/backend/system"
)

// program writes an executable script into its own folder and returns the folder.
func program(t *testing.T, name, text string) string {
	t.Helper()
	dir := t.TempDir()
	// A process that is forked beside this would hold the file open for writing until
	// it is another program, and meanwhile nobody can execute it.
	syscall.ForkLock.RLock()
	err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text), 0o755)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// waitFor reads a file that another process writes in one step.
func waitFor(t *testing.T, file string) string {
	t.Helper()
	var raw []byte
	patience.Until(t, filepath.Base(file)+" is written", func() bool {
		var err error
		raw, err = os.ReadFile(file)
		return err == nil
	})
	return string(raw)
}

const record = `{ printf '%s\n' "$#" "$@"; env; ps -o sid= -p $$; } > "$OUT.part"; mv "$OUT.part" "$OUT"`

func TestOpenStartsTheHostsLauncher(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	bundle := program(t, "xdg-open", "exit 0\n") // bundled launchers report success and do nothing
	host := program(t, "xdg-open", record)
	d := system.New(paths.Environment{Shell: []string{
		"OUT=" + out, "PATH=" + strings.Join([]string{"relative", bundle, host, "/usr/bin", "/bin"}, ":"),
		"APPDIR=" + bundle, "LD_LIBRARY_PATH=/bundle", "LD_PRELOAD=", "PIE_HOME=/a home",
	}})
	address := "https://example.com/authorize?a=b&state=%2F%24(id)~*"
	if err := d.Open(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(waitFor(t, out), "\n")
	if lines[0] != "1" || lines[1] != address {
		t.Errorf("arguments %q", lines[:2])
	}
	text := strings.Join(lines, "\n")
	for _, gone := range []string{"LD_", "APPDIR", bundle} {
		if strings.Contains(text, gone) {
			t.Errorf("%s reached the launcher", gone)
		}
	}
	if !strings.Contains(text, "PIE_HOME=/a home") {
		t.Error("PIE_HOME did not reach the launcher")
	}
}

func TestOpenDoesNotWaitForTheBrowser(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "end")
	host := program(t, "xdg-open", `mkfifo "$END"; echo up > "$OUT"; read line < "$END"; echo "$line" > "$OUT.end"`)
	d := system.New(paths.Environment{Shell: []string{"PATH=" + host + ":/usr/bin:/bin", "OUT=" + dir + "/out", "END=" + fifo}})
	ctx, cancel := context.WithCancel(t.Context())
	if err := d.Open(ctx, "http://127.0.0.1:8080/"); err != nil {
		t.Fatal(err)
	}
	cancel() // the end of the call must not be the end of the browser
	waitFor(t, dir+"/out")
	if err := os.WriteFile(fifo, []byte("lives\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := waitFor(t, dir+"/out.end"); got != "lives\n" {
		t.Errorf("got %q", got)
	}
}

func TestOpenWithoutABrowser(t *testing.T) {
	t.Parallel()
	plain := t.TempDir()
	if err := os.WriteFile(filepath.Join(plain, "xdg-open"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(plain, "dir"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(plain, "dir", "xdg-open"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, search := range map[string]string{
		"no PATH":         "",
		"not executable":  plain,
		"a folder":        filepath.Join(plain, "dir"),
		"it fails":        program(t, "xdg-open", "exit 3\n"),
		"no such program": program(t, "other", ""),
	} {
		err := system.Patient(paths.Environment{Shell: []string{"PATH=" + search}}).Open(t.Context(), "https://example.com/?state=canary")
		if !fault.Is(err, fault.NotFound) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	host := program(t, "xdg-open", `: > "$OUT"`)
	d := system.New(paths.Environment{Shell: []string{"PATH=" + host, "OUT=" + out}})
	for _, address := range []string{
		"", "-h", "--help", "file:///etc/passwd", "javascript:alert(1)", "http://example.com/", "ftp://example.com/",
		"https:example.com", "https:///x", "https://u@example.com/", "https://u:p@example.com/", "app.pie.desktop:/open/x",
		"https://example.com/$(id)", "https://example.com/`id`", "https://example.com/ x", "https://example.com/\n", "https://example.com/\x00",
		`https://example.com/"x`, "https://example.com/'x", `\\server\share`, `https://example.com\@evil.example`, "https://example.com/;id",
		"https://example.com/|id", "https://example.com/<x>", "https://exämple.com/", "https://example.com/%zz",
		"http://127.0.0.1.example.com/", "http://localhost.example.com/", "http://10.0.0.1/", "http://[::2]/", " https://example.com/",
		"https://example.com/" + strings.Repeat("x", 17<<10),
	} {
		if err := d.Open(t.Context(), address); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a launcher was started")
	}
	for _, address := range []string{"https://example.com", "http://localhost:1/", "http://[::1]:1/", "http://127.0.0.2/"} {
		if err := d.Open(t.Context(), address); err != nil {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestHasDisplay(t *testing.T) {
	t.Parallel()
	if system.HasDisplay(paths.Environment{}) || !system.HasDisplay(paths.Environment{Display: ":0"}) {
		t.Error("a display is where DISPLAY or WAYLAND_DISPLAY says so")
	}
}
