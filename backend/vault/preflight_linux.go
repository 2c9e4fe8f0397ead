package vault

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"pie/backend/fault"
)

const (
	secretService = "org.freedesktop.secrets"
	preflightTime = 5 * time.Second // after a log-in a session is busy
)

// preflight asks the Secret Service for its default collection and whether it
// is locked, with a deadline that the keyring library does not have. Using the
// default collection means that none is ever created.
func preflight(ctx context.Context) (state, error) {
	ctx, cancel := context.WithTimeout(ctx, preflightTime)
	defer cancel()
	conn, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return state{}, noKeyring(fmt.Errorf("connecting to session bus: %w", err))
	}
	defer func() { _ = conn.Close() }()
	var collection dbus.ObjectPath
	service := conn.Object(secretService, "/org/freedesktop/secrets")
	err = service.CallWithContext(ctx, "org.freedesktop.Secret.Service.ReadAlias", 0, "default").Store(&collection)
	if err != nil {
		return state{}, noKeyring(fmt.Errorf("reading default collection: %w", err))
	}
	if collection == "/" || collection == "" {
		return state{}, fault.New(fault.Locked, "The keyring has no default collection yet.", "Open your desktop's password manager once and make a keyring named Login. "+keyringHint)
	}
	var locked dbus.Variant
	err = conn.Object(secretService, collection).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0,
		"org.freedesktop.Secret.Collection", "Locked").Store(&locked)
	if err != nil {
		return state{}, noKeyring(fmt.Errorf("reading state of collection: %w", err))
	}
	isLocked, _ := locked.Value().(bool)
	name := string(collection)
	return state{collection: decodeName(name[strings.LastIndex(name, "/")+1:]), locked: isLocked}, nil
}

func noKeyring(err error) error {
	return fault.Wrap(err, fault.Locked, "The keyring of this system cannot be reached.", keyringHint)
}

// decodeName undoes the _xx of a collection's object path.
func decodeName(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] == '_' && i+2 < len(path) {
			if c, err := hex.DecodeString(path[i+1 : i+3]); err == nil {
				b.Write(c)
				i += 2
				continue
			}
		}
		b.WriteByte(path[i])
	}
	return b.String()
}
