package system

import "context"

// hasTray: the icon would need the main thread, which the window has.
func (d *Desktop) hasTray(context.Context) bool { return false }
