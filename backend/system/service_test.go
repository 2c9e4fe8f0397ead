//go:build unix && !darwin

package system_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pie/backend/fault"
	"pie/backend/paths"
	"pie/backend/system"
)

func TestServiceFilesSayWhatTheyShould(t *testing.T) {
	t.Parallel()
	o := system.Options{Executable: `/opt/a "b" & 50%/pie`, Home: `/home/<me> $x`}
	unit, desktop, plist, task := system.Texts(o)
	for name, c := range map[string]struct{ text, want string }{
		"program of the unit":         {unit, `ExecStart=/bin/sh -c "exec \"$$0\" background" "/opt/a \"b\" & 50%%/pie"`},
		"home of the unit":            {unit, `Environment="PIE_HOME=/home/<me> $x"`},
		"home of the desktop file":    {desktop, `env "PIE_HOME=/home/<me> \\$x"`},
		"program of the desktop file": {desktop, `"/opt/a \\"b\\" & 50%%/pie" background`},
		"program of the agent":        {plist, `<string>/opt/a &#34;b&#34; &amp; 50%/pie</string><string>background</string>`},
		"home of the agent":           {plist, `<key>PIE_HOME</key><string>/home/&lt;me&gt; $x</string>`},
		"home of the task":            {task, `&#34;PIE_HOME=/home/&lt;me&gt; $x&#34;`},
	} {
		if !strings.Contains(c.text, c.want) {
			t.Errorf("%s: %s is not in\n%s", name, c.want, c.text)
		}
	}
	for name, text := range map[string]string{"agent": plist, "task": task} {
		d := xml.NewDecoder(strings.NewReader(text))
		d.Strict = true
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, text)
			}
		}
	}
	file := filepath.Join(t.TempDir(), "pie.desktop")
	if err := os.WriteFile(file, []byte(desktop), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "desktop-file-validate", file).CombinedOutput(); err != nil && len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}

// TestUnitIsTaken asks systemd itself what it thinks of the unit.
func TestUnitIsTaken(t *testing.T) {
	t.Parallel()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed; it comes with systemd, where a computer has that")
	}
	dir := t.TempDir()
	verify := func(text string) error {
		file := filepath.Join(dir, "pie.service")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), analyze, "verify", "--user", file)
		cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+dir, "HOME="+dir)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	for _, name := range []string{"plain", "two words", "50% & $x", `"quoted" 'twice'`, `back\slash`, "ümlaut=1"} {
		program := filepath.Join(dir, name, "pie")
		if err := os.MkdirAll(filepath.Dir(program), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		unit, _, _, _ := system.Texts(system.Options{Executable: program, Home: `/home/<me> $x "y" 5%`})
		if err := verify(unit); err != nil {
			t.Errorf("%s: %v\n%s", name, err, unit)
		}
		if verify(strings.Replace(unit, "SIGINT", "SIGNOTHING", 1)) == nil {
			t.Errorf("%s: a signal that there is not is taken", name)
		}
	}
}

func TestInstallService(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ systemd, file, link string }{
		"with systemd":    {"/", "systemd/user/app.pie.desktop.service", "systemd/user/default.target.wants/app.pie.desktop.service"},
		"without systemd": {"/nowhere/at/all", "autostart/app.pie.desktop.background.desktop", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			d := system.New(paths.Environment{Shell: []string{"HOME=" + home, "PIE_SYSTEMD=" + c.systemd}})
			o := system.Options{Executable: "/opt/pie", Home: "/srv/home"}
			if s, err := d.ServiceState(o); err != nil || s.Installed {
				t.Fatalf("before: %+v, %v", s, err)
			}
			for range 2 {
				s, err := d.InstallService(o)
				if err != nil || !s.Installed || !s.Ours || s.Path != filepath.Join(home, ".config", c.file) {
					t.Fatalf("%+v, %v", s, err)
				}
			}
			if c.link != "" {
				if target, err := os.Readlink(filepath.Join(home, ".config", c.link)); err != nil || !strings.HasSuffix(target, c.file) {
					t.Errorf("link to %q, %v", target, err)
				}
			}
			if s, err := d.ServiceState(system.Options{Executable: "/opt/other"}); err != nil || !s.Installed || s.Ours {
				t.Errorf("of another program: %+v, %v", s, err)
			}
			if err := d.UninstallService(); err != nil {
				t.Fatal(err)
			}
			if s, err := d.ServiceState(o); err != nil || s.Installed {
				t.Errorf("after: %+v, %v", s, err)
			}
			if _, err := d.InstallService(system.Options{Executable: "/opt/a\nb"}); !fault.Is(err, fault.Invalid) {
				t.Errorf("a line break: %v", err)
			}
		})
	}
}
