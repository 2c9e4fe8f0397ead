//go:build linux

package main_test

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"pie/backend/patience"
)

// watcher is what shows icons beside the clock (StatusNotifierItem): it writes
// down who asks for that.
type watcher struct {
	mu    sync.Mutex
	items []string
}

// RegisterStatusNotifierItem is called by programs that have an icon.
func (w *watcher) RegisterStatusNotifierItem(sender dbus.Sender, _ string) *dbus.Error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.items = append(w.items, string(sender))
	return nil
}

func (w *watcher) item() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.items) == 0 {
		return ""
	}
	return w.items[0]
}

// session starts a bus without activation and returns its address.
func session(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "bus.conf")
	text := `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir=` + dir + `</listen><policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), tool(t, "dbus-daemon"), "--nofork", "--print-address", "--config-file="+config)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, cmd)
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(address)
}

// closeWindow says what the button of the window's frame says.
func (d *driver) closeWindow() error {
	_, err := d.ask(http.MethodPost, d.session+"/execute/sync", map[string]any{"script": "window.WailsInvoke('Q')", "args": []any{}})
	return err
}

// gone tells whether the program has ended.
func (d *driver) gone() bool {
	_, err := d.ask(http.MethodGet, d.session+"/url", nil)
	return err != nil
}

// The window closes into the tray where icons are shown, comes back from there,
// and ends with the program's own Quit; without a watcher it is closed as ever.
func TestTray(t *testing.T) { //nolint:paralleltest // one real window after the other
	binary := build(t)
	for name, watched := range map[string]bool{"with a watcher": true, "without a watcher": false} { //nolint:paralleltest // as above
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, binary)
			address := session(t)
			d.env = append(d.env, "DBUS_SESSION_BUS_ADDRESS="+address)
			d.must("", "automation", "list")
			settings := filepath.Join(d.dir, "pie", "config", "settings.json")
			if err := os.MkdirAll(filepath.Dir(settings), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(settings, []byte(`{"in_tray":true,"tray_asked":true}`), 0o600); err != nil {
				t.Fatal(err)
			}
			w := &watcher{}
			conn, err := dbus.Connect(address)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			if watched {
				w.serve(t, conn)
			}
			page := drive(t, binary, d.env)
			defer page.close()
			patience.Until(t, "a window", d.showsWindow)
			page.shows("Try a practice account")
			if err := page.closeWindow(); err != nil {
				t.Fatal(err)
			}
			if !watched {
				patience.Until(t, "the program is gone", page.gone)
				return
			}
			patience.Until(t, "an icon", func() bool { return w.item() != "" })
			patience.Until(t, "no window", func() bool { return !d.showsWindow() })
			d.must("", "automation", "list") // the program goes on, and serves its guests
			item := conn.Object(w.item(), "/StatusNotifierItem")
			if err := item.Call("org.kde.StatusNotifierItem.Activate", 0, int32(0), int32(0)).Err; err != nil {
				t.Fatal(err)
			}
			patience.Until(t, "the window is back", d.showsWindow)
			if err := page.closeWindow(); err != nil {
				t.Fatal(err)
			}
			patience.Until(t, "it is gone again", func() bool { return !d.showsWindow() })
			menu := conn.Object(w.item(), "/StatusNotifierItem/menu")
			if err := menu.Call("com.canonical.dbusmenu.Event", 0, int32(2), "clicked", dbus.MakeVariant(""), uint32(0)).Err; err != nil {
				t.Fatal(err)
			}
			patience.Until(t, "the program is gone", page.gone)
		})
	}
}

func (w *watcher) serve(t *testing.T, conn *dbus.Conn) {
	t.Helper()
	const name = "org.kde.StatusNotifierWatcher"
	if err := conn.Export(w, "/StatusNotifierWatcher", name); err != nil {
		t.Fatal(err)
	}
	if _, err := prop.Export(conn, "/StatusNotifierWatcher", prop.Map{name: {"IsStatusNotifierHostRegistered": {Value: true}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
}
