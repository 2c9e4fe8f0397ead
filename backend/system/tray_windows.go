package system

import "context"

func (d *Desktop) hasTray(context.Context) bool { return true }
