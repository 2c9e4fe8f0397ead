package system

import (
	"context"
	"os/exec"
	"path/filepath"
	"time"

	"pie/backend/fault"
)

// serviceFiles is a task of the Task Scheduler, which takes it from the file.
func (d *Desktop) serviceFiles(o Options) []ServiceFile {
	dir := d.get("LOCALAPPDATA")
	if !filepath.IsAbs(dir) {
		return nil
	}
	return []ServiceFile{{filepath.Join(dir, "PIE Desktop", "background.xml"), task(o)}}
}

// switchService hands the file to the Task Scheduler, or takes the task back.
func (d *Desktop) switchService(on bool) error {
	files := d.serviceFiles(Options{})
	if len(files) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	arguments := []string{"/Delete", "/F", "/TN", serviceName}
	if on {
		arguments = []string{"/Create", "/F", "/TN", serviceName, "/XML", files[0].Path}
	}
	err := exec.CommandContext(ctx, "schtasks.exe", arguments...).Run() // #nosec G204 -- fixed words and our own file
	if err != nil && on {
		return fault.Wrap(err, fault.Denied, "The Task Scheduler did not take the task.", "Import the file there by hand: "+files[0].Path)
	}
	return nil
}

func serviceHint(string) string { return "It starts at the next log-in." }
