//go:build unix && !darwin

package system_test

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"pie/backend/fault"
	"pie/backend/paths"
	"pie/backend/system"
)

// A policy that lets everybody speak, and one under which nobody is answered.
const (
	open   = `<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>`
	closed = `<deny receive_type="method_return"/><deny receive_type="error"/>`
)

// bus starts a session bus that activates nothing.
func bus(t *testing.T, policy string) string {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "bus.conf")
	text := `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir=` + dir + `</listen><policy context="default">` + policy + `</policy></busconfig>`
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "dbus-daemon", "--nofork", "--print-address", "--config-file="+config)
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Skip("dbus-daemon is not installed")
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(address)
}

// notices is a notification service that writes down what it is given.
type notices struct {
	features []string
	shown    chan [3]string
}

func (n notices) GetCapabilities() ([]string, *dbus.Error) { return n.features, nil }

func (n notices) Notify(app string, _ uint32, _, title, text string, _ []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	n.shown <- [3]string{app, title, text}
	return 1, nil
}

func TestNotify(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 600)
	cases := map[string]struct {
		features    []string
		text, shown string
	}{
		"with markup":    {[]string{"body", "body-markup"}, `<a href="x">1 & 2</a>`, "&lt;a href=&#34;x&#34;&gt;1 &amp; 2&lt;/a&gt;"},
		"without markup": {[]string{"body"}, "<b>1 & 2</b>", "<b>1 & 2</b>"},
		"too long":       {nil, long, strings.Repeat("ä", 510) + "…"},
		"broken letters": {nil, "a\xff\x00b", "ab"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := bus(t, open)
			conn, err := dbus.Connect(address, dbus.WithContext(t.Context()))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			service := notices{c.features, make(chan [3]string, 1)}
			if err := conn.Export(service, "/org/freedesktop/Notifications", "org.freedesktop.Notifications"); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.RequestName("org.freedesktop.Notifications", dbus.NameFlagDoNotQueue); err != nil {
				t.Fatal(err)
			}
			d := system.New(paths.Environment{Shell: []string{"DBUS_SESSION_BUS_ADDRESS=" + address}})
			if err := d.Notify(t.Context(), "A title", c.text); err != nil {
				t.Fatal(err)
			}
			if got := <-service.shown; got != [3]string{"PIE Desktop", "A title", c.shown} {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestNotifyWithoutAService(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var config net.ListenConfig
	silent, err := config.Listen(t.Context(), "unix", filepath.Join(dir, "bus")) // takes calls and never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	for name, env := range map[string][]string{
		"no bus":         {"XDG_RUNTIME_DIR=" + t.TempDir()},
		"no session":     nil,
		"a dead address": {"DBUS_SESSION_BUS_ADDRESS=unix:path=/dev/null/none"},
		"disabled":       {"DBUS_SESSION_BUS_ADDRESS=disabled:"},
		"no service":     {"DBUS_SESSION_BUS_ADDRESS=" + bus(t, open)},
		"a deaf bus":     {"DBUS_SESSION_BUS_ADDRESS=" + bus(t, closed)},
		"a silent bus":   {"XDG_RUNTIME_DIR=" + dir},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := system.New(paths.Environment{Shell: env}).Notify(t.Context(), "a", "b"); !fault.Is(err, fault.NotFound) {
				t.Errorf("got %v", err)
			}
		})
	}
}
