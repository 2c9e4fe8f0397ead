//go:build !unix || darwin

package system

import (
	"context"

	"pie/backend/fault"
)

// Notify has no notifications to show here; the window's face shows its own.
// Fault: not_found.
func (d *Desktop) Notify(context.Context, string, string) error {
	return fault.New(fault.NotFound, "Notifications come from the window on this system.", "Open the window to see them.")
}
