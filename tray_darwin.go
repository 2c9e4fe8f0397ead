//go:build desktop || bindings

package main

import "context"

// tray is none here: an icon would need the main thread, which the window has.
type tray struct{}

func (t *tray) show(context.Context, func(), func()) {}

func (t *tray) hide() {}
