package system

import "context"

// HasTray tells whether an icon beside the clock would be shown. Where it would
// not, a hidden window could not be brought back.
func (d *Desktop) HasTray(ctx context.Context) bool { return d.hasTray(ctx) }
