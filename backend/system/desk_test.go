//go:build unix && !darwin

package system_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pie/backend/paths"
	"pie/backend/system"
)

// TestMain lets this binary play the registered program: it writes down what it
// was started with.
func TestMain(m *testing.M) {
	if out := os.Getenv("SYSTEM_TEST_OUT"); out != "" { //nolint:forbidigo // this is another program then
		text := fmt.Sprintf("%q %q", os.Args[1:], os.Getenv("PIE_HOME")) //nolint:forbidigo // as above
		if os.WriteFile(out+".part", []byte(text), 0o600) != nil || os.Rename(out+".part", out) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// desk is a person's session with folders of its own.
type desk struct {
	*system.Desktop
	t    *testing.T
	env  []string
	home string
	out  string
}

func newDesk(t *testing.T, home string, more ...string) *desk {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	env := append([]string{
		"HOME=" + home, "PATH=/usr/bin:/bin", "DISPLAY=:99", "XDG_CURRENT_DESKTOP=X-Generic",
		"DBUS_SESSION_BUS_ADDRESS=disabled:", "BROWSER=/bin/false", "SYSTEM_TEST_OUT=" + out, "PIE_HOME=/the wrong one",
	}, more...)
	return &desk{system.New(paths.Environment{Shell: env}), t, env, home, out}
}

// run starts one of the desktop's own tools.
func (d *desk) run(name string, arguments ...string) string {
	d.t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		d.t.Skipf("%s is not installed", name)
	}
	command := exec.CommandContext(d.t.Context(), path, arguments...)
	command.Env = d.env
	text, err := command.CombinedOutput()
	if err != nil {
		d.t.Fatalf("%s: %v: %s", name, err, text)
	}
	return strings.TrimSpace(string(text))
}

func (d *desk) file(parts ...string) string {
	return filepath.Join(append([]string{d.home}, parts...)...)
}

func (d *desk) write(text string, parts ...string) {
	d.t.Helper()
	name := d.file(parts...)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) read(parts ...string) string {
	d.t.Helper()
	raw, err := os.ReadFile(d.file(parts...))
	if err != nil {
		d.t.Fatal(err)
	}
	return string(raw)
}

func (d *desk) holder() system.Holder {
	d.t.Helper()
	h, err := d.SchemeHolder()
	if err != nil {
		d.t.Fatal(err)
	}
	return h
}

// copyAt gives the test binary another path.
func copyAt(t *testing.T, name string) string {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(own, name); err != nil {
		t.Fatal(err)
	}
	return name
}
