//go:build unix && !darwin

package system

import (
	"context"
	"html"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/godbus/dbus/v5"

	"pie/backend/fault"
)

const (
	notifyTime    = 5 * time.Second
	longestNotice = 1024
	noticesName   = "org.freedesktop.Notifications"
	noticesObject = "/org/freedesktop/Notifications"
)

// Notify shows a notification (Desktop Notifications Specification), for five
// seconds at most of trying. Neither text is read as markup, and each is cut at
// 1024 bytes. Fault: not_found when the session shows none.
func (d *Desktop) Notify(ctx context.Context, title, text string) error {
	ctx, cancel := context.WithTimeout(ctx, notifyTime)
	defer cancel()
	if err := d.notify(ctx, cut(title), cut(text)); err != nil {
		return fault.Wrap(err, fault.NotFound, "This desktop shows no notifications.", "Look at the history in PIE Desktop instead.")
	}
	return nil
}

func (d *Desktop) notify(ctx context.Context, title, text string) error {
	conn, err := dbus.Connect(d.sessionBus(), dbus.WithContext(ctx))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	object := conn.Object(noticesName, noticesObject)
	var features []string
	if err := object.CallWithContext(ctx, noticesName+".GetCapabilities", 0).Store(&features); err != nil {
		return err
	}
	if slices.Contains(features, "body-markup") {
		text = html.EscapeString(text)
	}
	return object.CallWithContext(ctx, noticesName+".Notify", 0,
		"PIE Desktop", uint32(0), "", title, text, []string{}, map[string]dbus.Variant{}, int32(-1)).Err
}

// cut shortens a text at a letter, and takes out what the bus does not carry.
func cut(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
	if len(text) <= longestNotice {
		return text
	}
	end := longestNotice - len("…")
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
