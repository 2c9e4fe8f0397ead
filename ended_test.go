//go:build linux

package main_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"pie/backend/patience"
)

// processes are those whose home is the desk's: the program, its pages, its
// browsers.
func (d *desk) processes() []int {
	d.t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		d.t.Fatal(err)
	}
	var out []int
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(append([]byte{0}, raw...), []byte("\x00HOME="+d.dir+"\x00")) {
			continue // gone, or another's
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			out = append(out, pid)
		}
	}
	return out
}

// end asks every process of the desk to end, and waits until none is left: one
// that still writes would keep its folder from being removed.
func (d *desk) end() {
	d.t.Helper()
	asked := map[int]time.Time{}
	patience.Until(d.t, "every process of the desk has ended", func() bool {
		left := d.processes()
		for _, pid := range left {
			switch at, known := asked[pid]; {
			case !known:
				asked[pid] = time.Now()
				_ = syscall.Kill(pid, syscall.SIGTERM)
			case time.Since(at) > 30*time.Second:
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
		return len(left) == 0
	})
}
