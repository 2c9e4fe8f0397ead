//go:build unix && !darwin

package system

import (
	"context"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
)

const (
	systemBus    = "unix:path=/run/dbus/system_bus_socket"
	powerSupply  = "/sys/class/power_supply"
	littleCharge = 20 // percent
)

// connectivity is what NetworkManager has found out, where there is one: 0 it does
// not know, 1 none, 2 a portal, 3 limited, 4 full.
func (d *Desktop) connectivity(ctx context.Context) (online, known bool) {
	value, err := d.systemProperty(ctx, "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager", "Connectivity")
	state, ok := value.(uint32)
	if err != nil || !ok || state == 0 {
		return false, false
	}
	return state == 4, true
}

func (d *Desktop) saving(ctx context.Context) bool {
	profile, err := d.systemProperty(ctx, "net.hadess.PowerProfiles", "/net/hadess/PowerProfiles", "ActiveProfile")
	if err == nil && profile == "power-saver" {
		return true
	}
	return low(os.DirFS(powerSupply))
}

// low tells whether a battery of this computer is being used and has little left.
func low(supplies fs.FS) bool {
	entries, err := fs.ReadDir(supplies, ".")
	if err != nil {
		return false
	}
	for _, entry := range entries {
		read := func(name string) string {
			raw, err := fs.ReadFile(supplies, path.Join(entry.Name(), name))
			if err != nil {
				return ""
			}
			return strings.TrimSpace(string(raw))
		}
		charge, err := strconv.Atoi(read("capacity"))
		if err == nil && charge <= littleCharge && read("type") == "Battery" && read("status") == "Discharging" && read("scope") != "Device" {
			return true
		}
	}
	return false
}

// systemProperty reads a property on the system's bus.
func (d *Desktop) systemProperty(ctx context.Context, name, object, property string) (any, error) {
	address := d.get("DBUS_SYSTEM_BUS_ADDRESS")
	if address == "" {
		address = systemBus
	}
	conn, err := dbus.Connect(address, dbus.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	var value dbus.Variant
	err = conn.Object(name, dbus.ObjectPath(object)).
		CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, name, property).Store(&value)
	return value.Value(), err
}
