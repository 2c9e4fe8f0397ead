//go:build unix && !darwin

package system_test

import (
	"testing"
	"testing/fstest"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"pie/backend/paths"
	"pie/backend/system"
)

// serve puts a property on a bus of the test and returns the session it is in.
func serve(t *testing.T, name, object, property string, value any) *system.Desktop {
	t.Helper()
	address := bus(t, open)
	conn, err := dbus.Connect(address, dbus.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := prop.Export(conn, dbus.ObjectPath(object), prop.Map{name: {property: {Value: value}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return system.New(paths.Environment{Shell: []string{"DBUS_SYSTEM_BUS_ADDRESS=" + address, "DBUS_SESSION_BUS_ADDRESS=" + address}})
}

func TestOnline(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state uint32
		want  bool
	}{"none": {1, false}, "a captive portal": {2, false}, "limited": {3, false}, "full": {4, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := serve(t, "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager", "Connectivity", c.state)
			if got := d.Online(t.Context()); got != c.want {
				t.Errorf("online is %v", got)
			}
		})
	}
}

func TestSaving(t *testing.T) {
	t.Parallel()
	for profile, want := range map[string]bool{"power-saver": true, "balanced": false} {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			d := serve(t, "net.hadess.PowerProfiles", "/net/hadess/PowerProfiles", "ActiveProfile", profile)
			if got := d.Saving(t.Context()); got != want {
				t.Errorf("saving is %v", got)
			}
		})
	}
}

func TestHasTray(t *testing.T) {
	t.Parallel()
	for name, shown := range map[string]bool{"shown": true, "watched but not shown": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := serve(t, "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", "IsStatusNotifierHostRegistered", shown)
			if got := d.HasTray(t.Context()); got != shown {
				t.Errorf("a tray: %v", got)
			}
		})
	}
	if system.New(paths.Environment{Shell: []string{"DBUS_SESSION_BUS_ADDRESS=" + bus(t, open)}}).HasTray(t.Context()) {
		t.Error("a bus without a watcher has a tray")
	}
}

func TestBatteryWithLittleLeft(t *testing.T) {
	t.Parallel()
	supply := func(kind, status, charge, scope string) fstest.MapFS {
		return fstest.MapFS{
			"AC/type": {Data: []byte("Mains\n")}, "BAT0/type": {Data: []byte(kind + "\n")}, "BAT0/status": {Data: []byte(status + "\n")},
			"BAT0/capacity": {Data: []byte(charge + "\n")}, "BAT0/scope": {Data: []byte(scope + "\n")},
		}
	}
	for name, c := range map[string]struct {
		supplies fstest.MapFS
		want     bool
	}{
		"none":        {fstest.MapFS{}, false},
		"little left": {supply("Battery", "Discharging", "20", "System"), true},
		"half full":   {supply("Battery", "Discharging", "50", "System"), false},
		"charging":    {supply("Battery", "Charging", "5", "System"), false},
		"of a mouse":  {supply("Battery", "Discharging", "5", "Device"), false},
		"no number":   {supply("Battery", "Discharging", "low", "System"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := system.Low(c.supplies); got != c.want {
				t.Errorf("low is %v", got)
			}
		})
	}
}
