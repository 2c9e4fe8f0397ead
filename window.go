//go:build desktop || bindings

package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"pie/app"
	"pie/app/cli"
	"pie/app/door"
	"pie/backend/fault"
	"pie/backend/paths"
	"pie/backend/system"
)

//go:embed all:frontend/dist
var page embed.FS

const hasWindow = true

// Page is the one thing that the page of the window may call. Its single method
// reaches the services by name, in this process or in the one that owns the
// home; nothing else of the program is bound.
type Page struct{ window *window }

// Call calls a method such as "Connections.List" with its argument as JSON, and
// returns the answer as JSON. A rejection is {code, message, hint}.
func (p *Page) Call(method, params string) (string, error) { return p.window.call(method, params) }

// window is the program while its window is open.
type window struct {
	home  paths.Paths
	enter func(ctx context.Context) (*door.Door, error)
	link  string // a callback address to finish once the home is open

	ctx context.Context //nolint:containedctx // Wails hands it out once, for as long as the window lives

	mu        sync.Mutex // held while entering
	door      *door.Door
	following bool
	gone      atomic.Bool
	quitting  atomic.Bool // closing is meant, whatever the tray could take
	tray      tray
}

// openWindow shows the window and returns the exit code when it is closed. d is
// a door that was entered already, or nil.
func openWindow(home paths.Paths, d *door.Door, link string) (code int) {
	w := &window{home: home, enter: cli.Enter, door: d, link: link, ctx: context.Background()}
	defer func() {
		if r := recover(); r != nil { // the toolkit panics where it finds no display
			w.shutdown(w.ctx)
			code = report(fault.New(fault.Internal, "The window cannot be opened on this display.", "Log in to a desktop, or use the terminal: pie help."))
		}
	}()
	assets, err := fs.Sub(page, "frontend/dist")
	if err != nil {
		return report(err)
	}
	size := w.load()
	state := options.Normal
	if size.Maximised {
		state = options.Maximised
	}
	err = wails.Run(&options.App{
		Title: "PIE Desktop", Width: size.Width, Height: size.Height, MinWidth: 640, MinHeight: 480,
		WindowStartState: state,
		AssetServer:      &assetserver.Options{Assets: assets},
		BackgroundColour: options.NewRGB(250, 250, 249),
		LogLevel:         logger.ERROR, LogLevelProduction: logger.ERROR,
		OnStartup: w.startup, OnBeforeClose: w.beforeClose, OnShutdown: w.shutdown,
		ErrorFormatter: func(err error) any { return fault.Public(err) },
		Bind:           []any{&Page{w}},
		Linux:          &linux.Options{ProgramName: paths.AppID, WebviewGpuPolicy: linux.WebviewGpuPolicyNever},
	})
	if err != nil {
		return report(err)
	}
	return 0
}

// startup enters the home beside the first paint: the page shows what becomes of
// it, a fault too, and tries again when the person asks.
func (w *window) startup(ctx context.Context) {
	w.mu.Lock()
	w.ctx = ctx
	w.mu.Unlock()
	go w.heedSignals(ctx)
	go func() {
		d, err := w.entered()
		if err != nil {
			return
		}
		if w.link != "" {
			_ = d.Call(ctx, "Connections.Callback", app.CallbackRequest{Link: w.link}, nil)
		}
		if a := d.App(); a != nil {
			a.Warm()
		}
		_ = d.Call(ctx, "System.FirstStart", nil, nil)
	}()
}

// entered returns the door, entering when that has not worked yet.
func (w *window) entered() (*door.Door, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone.Load() {
		return nil, fault.New(fault.Canceled, "The window is closing.", "")
	}
	if w.door == nil {
		d, err := w.enter(w.ctx)
		if err != nil {
			return nil, err
		}
		w.door = d
	}
	w.follow()
	return w.door, nil
}

// follow passes events on to the page and brings the window forward when a
// second launch asks for it. It starts once.
func (w *window) follow() {
	if w.following {
		return
	}
	w.following = true
	ctx, d := w.ctx, w.door
	go func() {
		events, err := d.Events(ctx)
		if err != nil {
			return
		}
		for event := range events {
			runtime.EventsEmit(ctx, "pie", event)
		}
	}()
	go func() {
		for link := range d.Activated() {
			runtime.WindowUnminimise(ctx)
			runtime.WindowShow(ctx)
			if link != "" {
				_ = d.Call(ctx, "Connections.Callback", app.CallbackRequest{Link: link}, nil)
			}
		}
	}()
}

func (w *window) call(method, params string) (string, error) {
	d, err := w.entered()
	if err != nil {
		return "", err
	}
	var in any
	if params != "" {
		in = json.RawMessage(params)
	}
	var out json.RawMessage
	if err := d.Call(w.ctx, method, in, &out); err != nil {
		return "", err
	}
	return string(out), nil
}

// size is what is remembered of the window.
type size struct {
	Width     int  `json:"width"`
	Height    int  `json:"height"`
	Maximised bool `json:"maximised"`
}

func (w *window) file() string { return filepath.Join(w.home.State, "window.json") }

func (w *window) load() size {
	s := size{Width: 1080, Height: 760}
	raw, err := os.ReadFile(w.file())
	if err == nil && json.Unmarshal(raw, &s) == nil {
		s.Width, s.Height = min(max(s.Width, 640), 8000), min(max(s.Height, 480), 8000)
	}
	return s
}

// heedSignals lets the system end the program, in the tray or not.
func (w *window) heedSignals(ctx context.Context) {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(ended)
	select {
	case <-ended:
		w.quit()
	case <-ctx.Done():
	}
}

// quit ends the program.
func (w *window) quit() {
	w.quitting.Store(true)
	runtime.Quit(w.ctx)
}

// intoTray hides the window where the person wants that and an icon can bring it
// back. It tells whether it did.
func (w *window) intoTray(ctx context.Context) bool {
	w.mu.Lock()
	d := w.door
	w.mu.Unlock()
	if w.quitting.Load() || d == nil {
		return false
	}
	var background app.Background
	if err := d.Call(ctx, "Automations.Background", nil, &background); err != nil || !background.InTray {
		return false
	}
	env, err := paths.Env()
	if err != nil || !system.New(env).HasTray(ctx) {
		return false
	}
	w.tray.show(ctx, func() { runtime.WindowShow(ctx) }, w.quit)
	runtime.WindowHide(ctx)
	return true
}

// beforeClose remembers the window and tells whether the program goes on without
// it. The person never has to wait for that.
func (w *window) beforeClose(ctx context.Context) bool {
	s := size{Maximised: runtime.WindowIsMaximised(ctx)}
	s.Width, s.Height = runtime.WindowGetSize(ctx)
	if raw, err := json.Marshal(s); err == nil && s.Width > 0 {
		_ = errors.Join(w.home.Ensure(), paths.WriteFile(w.file(), raw))
	}
	return w.intoTray(ctx)
}

// shutdown leaves the home; as its owner it first waits for guests at work.
func (w *window) shutdown(context.Context) {
	w.gone.Store(true)
	w.tray.hide()
	w.mu.Lock()
	d := w.door
	w.mu.Unlock()
	if d != nil {
		_ = d.Close()
	}
}
