//go:build unix && !darwin

package system

import (
	"context"

	"github.com/godbus/dbus/v5"
)

const trayWatcher = "org.kde.StatusNotifierWatcher"

// hasTray asks the watcher of status notifier items whether something shows them.
func (d *Desktop) hasTray(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, notifyTime)
	defer cancel()
	conn, err := dbus.Connect(d.sessionBus(), dbus.WithContext(ctx))
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	var shown dbus.Variant
	err = conn.Object(trayWatcher, "/StatusNotifierWatcher").
		CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, trayWatcher, "IsStatusNotifierHostRegistered").Store(&shown)
	yes, ok := shown.Value().(bool)
	return err == nil && ok && yes
}

// sessionBus is the bus of the session. The library's own way would start one and
// leave it behind.
func (d *Desktop) sessionBus() string {
	if address := d.get("DBUS_SESSION_BUS_ADDRESS"); address != "" {
		return address
	}
	return "unix:path=" + dbus.EscapeBusAddressValue(d.get("XDG_RUNTIME_DIR")+"/bus")
}
