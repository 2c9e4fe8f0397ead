package vault_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pie/backend/fault"
	"pie/backend/patience"
	"pie/backend/vault"
)

// A child process of this test plays one part inside a session of its own; the
// name of the part is its first argument.
const part = "__keyring"

func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == part {
		os.Exit(play(os.Args[2], os.Args[3]))
	}
	os.Exit(m.Run())
}

// play opens the vault in dir and says what came of it on one line.
func play(what, dir string) int {
	t := &testing.T{}
	h := home{dir, filepath.Join(dir, "pie.db")}
	v, st := h.open(t, h.options(vault.SourceKeyring))
	defer func() { _ = st.Close() }()
	start := time.Now()
	var err error
	switch what {
	case "seal":
		var sealed []byte
		if sealed, err = v.Seal(context.Background(), slot, []byte("token")); err == nil {
			err = os.WriteFile(filepath.Join(dir, "sealed"), sealed, 0o600)
		}
	case "open":
		var sealed, plain []byte
		if sealed, err = os.ReadFile(filepath.Join(dir, "sealed")); err == nil {
			plain, err = v.Open(context.Background(), slot, sealed)
		}
		if err == nil && string(plain) != "token" {
			err = fmt.Errorf("opened %q", plain)
		}
	case "rotate":
		err = v.Rotate(context.Background())
	}
	_, _ = fmt.Fprintf(os.Stdout, "RESULT %q %v after %s\n", fault.CodeOf(err), err, time.Since(start).Round(time.Second))
	return 0
}

// session runs script in a bus of its own with a keyring of its own and returns
// what was printed. $0 is this test binary and $1 the folder of the vault.
func session(t *testing.T, dir, script string) string {
	t.Helper()
	if _, err := exec.LookPath("gnome-keyring-daemon"); err != nil {
		t.Skip("the package gnome-keyring is missing: make test installs it")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience.Limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "dbus-run-session", "--", "sh", "-c", script, self, dir)
	cmd.Env = append(os.Environ(), "XDG_DATA_HOME="+filepath.Join(dir, "share"), "XDG_RUNTIME_DIR="+dir, "DISPLAY=", "WAYLAND_DISPLAY=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

const unlocked = `printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; `

func TestRealKeyring(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := session(t, dir, unlocked+`"$0" __keyring seal "$1"; "$0" __keyring rotate "$1"; "$0" __keyring open "$1"`)
	if strings.Count(out, `RESULT ""`) != 3 {
		t.Fatalf("got %s", out)
	}
	out = session(t, dir, unlocked+`"$0" __keyring open "$1"`)
	if !strings.Contains(out, `RESULT ""`) {
		t.Errorf("the next session: %s", out)
	}
	out = session(t, dir, `printf wrong | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; "$0" __keyring open "$1"`)
	if !strings.Contains(out, `RESULT "locked"`) {
		t.Errorf("a locked keyring: %s", out)
	}
}

func TestKeyringIsMissing(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"a bus without a keyring": `"$0" __keyring seal "$1"`,
		"a dead address":          `DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent "$0" __keyring seal "$1"`,
		"no address":              `unset DBUS_SESSION_BUS_ADDRESS; "$0" __keyring seal "$1"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			config := filepath.Join(dir, "bus.conf")
			if err := os.WriteFile(config, []byte(bareBus), 0o600); err != nil {
				t.Fatal(err)
			}
			out := session(t, dir, `exec dbus-run-session --config-file="$1/bus.conf" -- sh -c '`+script+`' "$0" "$1"`)
			if !strings.Contains(out, `RESULT "locked"`) {
				t.Errorf("got %s", out)
			}
			if files, _ := filepath.Glob(filepath.Join(dir, "*.key")); len(files) != 0 {
				t.Errorf("fell back to %v", files)
			}
		})
	}
}

// bareBus is a session bus that starts no services.
const bareBus = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>`

// TestMuteBus: a bus that accepts and never answers must not hang the program.
func TestMuteBus(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	listener, err := net.Listen("unix", filepath.Join(dir, "bus"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
		}
	}()
	out := session(t, dir, `DBUS_SESSION_BUS_ADDRESS="unix:path=$1/bus" timeout 200 "$0" __keyring seal "$1"`)
	if !strings.Contains(out, `RESULT "locked"`) {
		t.Errorf("got %s", out)
	}
}

// TestBusThatLetsNothingThrough: a bus that knows the person and then holds back
// every answer must not hang the program either.
func TestBusThatLetsNothingThrough(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	closed := strings.ReplaceAll(bareBus, ` eavesdrop="true"/><allow eavesdrop="true"/>`, "/>")
	if err := os.WriteFile(filepath.Join(dir, "bus.conf"), []byte(closed), 0o600); err != nil {
		t.Fatal(err)
	}
	out := session(t, dir, `dbus-daemon --config-file="$1/bus.conf" --fork --print-address=3 --print-pid=4 3>"$1/address" 4>"$1/pid"
		DBUS_SESSION_BUS_ADDRESS="$(cat "$1/address")" timeout 200 "$0" __keyring seal "$1"; kill "$(cat "$1/pid")"`)
	if !strings.Contains(out, `RESULT "locked"`) {
		t.Errorf("got %s", out)
	}
}

// TestGuardComesFirst pins the order of initialisation that the guard needs.
func TestGuardComesFirst(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	guard := strings.Index(string(out), "init pie/backend/vault/dbusguard")
	bus := strings.Index(string(out), "init github.com/godbus/dbus")
	if guard < 0 || bus < 0 || guard > bus {
		t.Errorf("guard at %d, bus at %d", guard, bus)
	}
}
