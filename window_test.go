//go:build linux

package main_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"pie/backend/oauth/oauthtest"
	"pie/backend/patience"
)

// desk is a person's computer: a display, a home, a browser that is really there.
type desk struct {
	t      *testing.T
	binary string
	env    []string
	dir    string
}

func newDesk(t *testing.T, binary string) *desk {
	t.Helper()
	dir := t.TempDir()
	d := &desk{t: t, binary: binary, dir: dir}
	t.Cleanup(d.end)
	t.Cleanup(func() {
		if text, err := os.ReadFile(filepath.Join(dir, "browser.log")); len(text) > 0 {
			t.Logf("browser: %s %v", text, err)
		}
	})
	browser := filepath.Join(dir, "browser.sh")
	script := fmt.Sprintf("#!/bin/sh\ncd %q && exec node e2e/consent.mjs \"$1\" %q >>%q 2>&1\n", abs(t, "frontend"), filepath.Join(dir, "done"), filepath.Join(dir, "browser.log"))
	if err := os.WriteFile(browser, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	d.prefer(browser)
	d.env = append(os.Environ(),
		"HOME="+dir, "DISPLAY="+display(t), "WAYLAND_DISPLAY=", "LANG=C.UTF-8",
		"PIE_HOME="+filepath.Join(dir, "pie"), "PIE_KEY_SOURCE=keyfile", "PIE_KEY_FILE="+filepath.Join(dir, "key"),
		"DBUS_SESSION_BUS_ADDRESS=disabled:", "XDG_RUNTIME_DIR="+dir, "XDG_DATA_HOME=", "XDG_CONFIG_HOME=",
	)
	return d
}

// prefer makes a program the person's browser.
func (d *desk) prefer(browser string) {
	d.t.Helper()
	for name, text := range map[string]string{
		".local/share/applications/person.desktop": "[Desktop Entry]\nType=Application\nName=Person\nExec=" + browser + " %u\nMimeType=x-scheme-handler/http;\n",
		".config/mimeapps.list":                    "[Default Applications]\nx-scheme-handler/http=person.desktop\n",
	} {
		file := filepath.Join(d.dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			d.t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			d.t.Fatal(err)
		}
	}
}

func abs(t *testing.T, name string) string {
	t.Helper()
	out, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// build makes the program as it is shipped.
func build(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat("frontend/dist/index.html"); err != nil {
		t.Fatal("the page is not built: run make page, or make test, which does")
	}
	tool(t, "WebKitWebDriver")
	tool(t, "chromium")
	out := filepath.Join(t.TempDir(), "pie")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-tags", "desktop,production,webkit2_41", "-o", out, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return out
}

// pie runs a command of the terminal beside the window.
func (d *desk) pie(stdin string, args ...string) (string, error) {
	d.t.Helper()
	cmd := exec.CommandContext(d.t.Context(), d.binary, args...)
	cmd.Env, cmd.Stdin = d.env, strings.NewReader(stdin)
	out, err := cmd.Output()
	return string(out), err
}

func (d *desk) must(stdin string, args ...string) string {
	d.t.Helper()
	out, err := d.pie(stdin, args...)
	if err != nil {
		d.t.Fatalf("pie %v: %v %s", args, err, out)
	}
	return out
}

// picture keeps what the screen shows beside the test's other artifacts.
func (d *desk) picture(name string) {
	cmd := exec.CommandContext(d.t.Context(), tool(d.t, "import"), "-window", "root", filepath.Join(d.t.ArtifactDir(), name+".png"))
	cmd.Env = d.env
	if out, err := cmd.CombinedOutput(); err != nil {
		d.t.Logf("taking a picture: %v %s", err, out)
	}
}

// showsWindow tells whether a window of the program can be seen.
func (d *desk) showsWindow() bool {
	cmd := exec.CommandContext(d.t.Context(), tool(d.t, "xdotool"), "search", "--onlyvisible", "--name", "^PIE Desktop$")
	cmd.Env = d.env
	out, err := cmd.Output()
	return err == nil && len(out) > 0
}

func (d *desk) connected(agent string) bool {
	out, err := d.pie("", "connections", agent, "--json")
	return err == nil && strings.Contains(out, `"status":"connected"`)
}

// TestWindow goes the whole way in the real window: the first run, consent in a
// real browser, the link back through the system into the running program.
func TestWindow(t *testing.T) { //nolint:paralleltest // one real window after the other
	binary := build(t)
	t.Run("a first run in three clicks", func(t *testing.T) { //nolint:paralleltest // one real window after the other
		d := newDesk(t, binary)
		w := drive(t, binary, d.env)
		defer w.close()
		w.press("Try a practice account")
		w.shows("A service that is only pretend")
		w.press("Open the browser")
		w.shows("It worked")
		w.shows("Water the plants on Thursday.")
		d.picture("it-worked")
		// A second account by the custom scheme: the browser hands the link to the
		// system, the system to a second process, and that to the running window.
		out := d.must("", "connect", "practice-notes", "--account", "second", "--redirect", "scheme", "--json")
		if !strings.Contains(out, `"event":"connected"`) {
			t.Errorf("by the scheme: %s", out)
		}
		if err := os.WriteFile(filepath.Join(d.dir, "done"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if !d.connected("practice-notes") {
			t.Error("the terminal sees no connection")
		}
	})
	t.Run("a link opens the closed program and finishes", func(t *testing.T) { //nolint:paralleltest // one real window after the other
		d := newDesk(t, binary)
		link := d.pendingLink(t)
		cmd := exec.CommandContext(t.Context(), tool(t, "xdg-open"), link)
		cmd.Env = d.env
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
			_ = cmd.Wait()
		}()
		// The window first: a command that asks meanwhile would own the home, and the
		// link would be handed to it.
		patience.Until(t, "the window is there", func() bool { return d.showsWindow() })
		patience.Until(t, "the link finishes the sign-in", func() bool { return d.connected("cold") })
		d.picture("cold-start")
	})
}

// pendingLink begins a sign-in whose program then dies, and returns the callback
// link that the person's browser is left with.
func (d *desk) pendingLink(t *testing.T) string {
	t.Helper()
	grants := &oauthtest.Grants{}
	server := httptest.NewServer(grants)
	t.Cleanup(server.Close)
	file := filepath.Join(d.dir, "cold.pie")
	if err := os.WriteFile(file, []byte(grants.Package("cold", server.URL, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	d.must("", "agent", "install", file, "--yes")
	d.must("client-id\n", "secret", "set", "cold", "ID")
	d.must("", "doctor", "--fix", "--json") // registers the scheme
	connect := exec.CommandContext(t.Context(), d.binary, "connect", "cold", "--redirect", "scheme", "--no-browser", "--json")
	connect.Env = d.env
	out, err := connect.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := connect.Start(); err != nil {
		t.Fatal(err)
	}
	var event struct {
		Event       string `json:"event"`
		URL         string `json:"url"`
		RedirectURI string `json:"redirect_uri"`
	}
	if err := json.NewDecoder(out).Decode(&event); err != nil || event.Event != "authorize" {
		t.Fatalf("%+v %v", event, err)
	}
	if err := connect.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = connect.Wait()
	asked, err := url.Parse(event.URL)
	if err != nil {
		t.Fatal(err)
	}
	return event.RedirectURI + "?" + url.Values{"code": {"cold-code"}, "state": {asked.Query().Get("state")}}.Encode()
}
