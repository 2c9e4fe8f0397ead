//go:build (desktop || bindings) && !darwin

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	goruntime "runtime"
	"sync"

	"fyne.io/systray"
)

// tray is the icon beside the clock, which is there once the window was closed
// into it. The zero value is ready.
type tray struct {
	once sync.Once
	end  func()
}

// show puts the icon there; open and quit are called when the person asks for it.
func (t *tray) show(ctx context.Context, open, quit func()) {
	t.once.Do(func() {
		ready := make(chan struct{})
		start, end := systray.RunWithExternalLoop(func() {
			defer close(ready)
			systray.SetIcon(icon())
			systray.SetTitle("PIE Desktop")
			systray.SetTooltip("PIE Desktop runs automations")
			systray.SetOnTapped(open)
			choose(ctx, systray.AddMenuItem("Open PIE Desktop", "Shows the window"), open)
			choose(ctx, systray.AddMenuItem("Quit", "Automations stop until it is opened again"), quit)
		}, nil)
		t.end = end
		start()
		select {
		case <-ready:
		case <-ctx.Done():
		}
	})
}

// choose calls do whenever the item is clicked.
func choose(ctx context.Context, item *systray.MenuItem, do func()) {
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-item.ClickedCh:
				do()
			}
		}
	}()
}

// hide takes the icon away.
func (t *tray) hide() {
	if t.end != nil {
		t.end()
	}
}

const iconSize = 64 // pixels

// icon is a pie that lacks a slice, as PNG and for Windows as ICO.
func icon() []byte {
	picture := image.NewNRGBA(image.Rect(0, 0, iconSize, iconSize))
	for y := range iconSize {
		for x := range iconSize {
			dx, dy := 2*x-iconSize+1, 2*y-iconSize+1
			slice := dx > 0 && dy < 0
			if r := dx*dx + dy*dy; r < 58*58 && !slice || slice && (dx-6)*(dx-6)+(dy+6)*(dy+6) < 52*52 && dx > 8 && dy < -8 {
				picture.SetNRGBA(x, y, color.NRGBA{R: 0xd9, G: 0x5f, B: 0x0e, A: 0xff})
			}
		}
	}
	var b bytes.Buffer
	if png.Encode(&b, picture) != nil || goruntime.GOOS != "windows" {
		return b.Bytes()
	}
	head := []byte{0, 0, 1, 0, 1, 0, iconSize, iconSize, 0, 0, 1, 0, 32, 0}
	head = binary.LittleEndian.AppendUint32(head, uint32(b.Len())) // #nosec G115 -- a few hundred bytes
	head = binary.LittleEndian.AppendUint32(head, 22)
	return append(head, b.Bytes()...)
}
