package system

import "path/filepath"

// serviceFiles is an agent of launchd, which it reads at the next log-in.
func (d *Desktop) serviceFiles(o Options) []ServiceFile {
	home := d.get("HOME")
	if !filepath.IsAbs(home) {
		return nil
	}
	return []ServiceFile{{filepath.Join(home, "Library/LaunchAgents", serviceName+".background.plist"), launchAgent(o)}}
}

func (d *Desktop) switchService(bool) error { return nil }

func serviceHint(string) string { return "It starts at the next log-in." }
