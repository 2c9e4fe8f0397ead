package system

import (
	"context"
	"net/netip"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pie/backend/fault"
)

const (
	longestAddress = 16 << 10
	// patience is how long a launcher has to fail; one that still runs then is the
	// browser itself.
	patience = time.Second
)

// Open hands an address to the person's browser and returns when the launcher
// has taken it. Only https is handed over, and http on loopback. Faults: invalid
// for any other address, not_found when there is nothing to open it with.
func (d *Desktop) Open(ctx context.Context, address string) error {
	if !openable(address) {
		return fault.New(fault.Invalid, "This address cannot be opened safely, so it was not.", "Only https addresses can be opened.")
	}
	program, arguments, err := d.launcher(address)
	if err != nil {
		return noBrowser(err)
	}
	// The browser outlives the call, so ctx ends the waiting alone.
	command := exec.CommandContext(context.WithoutCancel(ctx), program, arguments...) // #nosec G204 -- a launcher found on PATH, an address checked above, no shell
	command.Env = d.cleanEnv()
	detach(command)
	if err := command.Start(); err != nil {
		return noBrowser(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	timer := time.NewTimer(d.patience)
	defer timer.Stop()
	select {
	case err := <-ended:
		if err != nil {
			return noBrowser(err)
		}
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil
}

func noBrowser(err error) error {
	return fault.Wrap(err, fault.NotFound, "No browser could be opened on this computer.", "Copy the link and open it in a browser yourself.")
}

// openable is the last check before an address leaves the program; makers of
// addresses check more.
func openable(address string) bool {
	if len(address) > longestAddress || strings.ContainsAny(address, "\"'`\\<>|^{}$;") {
		return false
	}
	for _, r := range address {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	u, err := url.Parse(address)
	if err != nil || u.Opaque != "" || u.User != nil || u.Hostname() == "" {
		return false
	}
	switch u.Scheme {
	case "https":
		return true
	case "http":
		ip, err := netip.ParseAddr(u.Hostname())
		return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	}
	return false
}

// cleanEnv is the environment without what a bundle sets for itself: the
// system's programs must not load the bundle's libraries.
func (d *Desktop) cleanEnv() []string {
	bundled := []string{
		"LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "APPDIR", "APPIMAGE", "ARGV0", "OWD",
		"GTK_PATH", "GTK_EXE_PREFIX", "GTK_DATA_PREFIX", "GTK_IM_MODULE_FILE", "GDK_PIXBUF_MODULE_FILE", "GDK_PIXBUF_MODULEDIR",
		"GIO_MODULE_DIR", "GIO_EXTRA_MODULES", "GSETTINGS_SCHEMA_DIR", "GST_PLUGIN_SYSTEM_PATH", "QT_PLUGIN_PATH",
		"PYTHONHOME", "PYTHONPATH", "PERLLIB",
	}
	bundle := d.get("APPDIR")
	clean := []string{}
	for _, entry := range d.env {
		name, value, _ := strings.Cut(entry, "=")
		switch {
		case slices.Contains(bundled, name):
		case name == "PATH" && bundle != "":
			clean = append(clean, "PATH="+outside(value, bundle))
		default:
			clean = append(clean, entry)
		}
	}
	return clean
}

// outside leaves out the folders of a search path that lie in the bundle.
func outside(search, bundle string) string {
	var kept []string
	for _, dir := range filepath.SplitList(search) {
		if dir != bundle && !strings.HasPrefix(dir, strings.TrimSuffix(bundle, "/")+"/") {
			kept = append(kept, dir)
		}
	}
	return strings.Join(kept, string(filepath.ListSeparator))
}
