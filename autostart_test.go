//go:build linux

package main_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pie/backend/patience"
)

const rung = `---
name: bell
displayName: Bell
description: Says that it was rung.
tier: automation
version: 1.0.0
manifest: {automation: {onWebhook: true, triggers: [{type: webhook}]}}
---
async function onWebhook(input) { return 'rung ' + input.triggerData.times; }
module.exports = { handler: onWebhook, onWebhook };
`

// A session that starts what its autostart folder names (Desktop Application
// Autostart) starts the program: without a window, for the home that was meant, and
// it runs what rings.
func TestAutostart(t *testing.T) { //nolint:paralleltest // one real session after the other
	dex := tool(t, "dex")
	d := newDesk(t, build(t))
	d.env = append(d.env, "DBUS_SESSION_BUS_ADDRESS="+session(t), "PIE_HOME="+filepath.Join(d.dir, "my home"),
		"PIE_SYSTEMD="+filepath.Join(d.dir, "none"), "XDG_CONFIG_DIRS="+filepath.Join(d.dir, "none")) // nothing of this computer's own
	file := filepath.Join(d.dir, "bell.pie")
	if err := os.WriteFile(file, []byte(rung), 0o600); err != nil {
		t.Fatal(err)
	}
	d.must("", "agent", "install", file, "--yes")
	d.must("", "automation", "enable", "bell")
	if out := d.must("", "background", "install", "--json"); !strings.Contains(out, filepath.Join(d.dir, ".config/autostart")) {
		t.Fatalf("installed as %s", out)
	}
	if d.listens() {
		t.Fatal("something listens before anybody has logged in")
	}
	login := exec.CommandContext(t.Context(), dex, "--autostart", "--environment", "XFCE")
	login.Env = slices.DeleteFunc(slices.Clone(d.env), func(v string) bool { return strings.HasPrefix(v, "PIE_HOME=") })
	if err := login.Run(); err != nil { // what it starts lives on
		t.Fatalf("logging in: %v", err)
	}
	patience.Until(t, "the program is there", d.listens)
	address := strings.TrimSpace(d.must("", "automation", "webhook", "bell"))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(`{"times":3}`))
	if err != nil {
		t.Fatal(err)
	}
	res, err := new(http.Client).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	patience.Until(t, "it runs what rings", func() bool {
		return strings.Contains(d.must("", "history", "bell", "--json"), `"result":"rung 3"`)
	})
	if d.showsWindow() {
		t.Error("it shows a window")
	}
}

// listens tells whether a program runs that what rings is told to.
func (d *desk) listens() bool {
	return strings.Contains(d.must("", "automation", "webhook", "bell", "--json"), `"listening":true`)
}
