//go:build unix && !darwin

package system_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pie/backend/fault"
	"pie/backend/paths"
	"pie/backend/system"
)

const link = `app.pie.desktop:/api/oauth/plugin/x/callback?code=1%2F2%20&state=a;$(id)"b"'c'*&iss=https%3A%2F%2Fx#f`

// TestLinksArrive registers with the real tools of the desktop and opens a link
// through each of them.
func TestLinksArrive(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ home, program, pieHome string }{
		"plain paths":              {"person", "pie", ""},
		"with a home":              {"person", "pie", "/tmp/pie-home_1.2"},
		"a home with spaces":       {"person", "pie", `/tmp/it's "my" home $HOME \x %u`},
		"a program with spaces":    {"person", "my apps/pie*", ""},
		"a program with quotes":    {"person", `a"b'c$d/pi%e`, "/tmp/home"},
		"a percent sign":           {"person", "100%u/pie", ""},
		"letters of other scripts": {"person", "Прогр/пирог", "/tmp/дом"},
		"a person with spaces":     {"a person", "my apps/pie", "/tmp/my home"},
		"a person with quotes":     {`a "person" $x \y %z`, "my apps/pie", "/tmp/my home"},
	}
	for name, c := range cases {
		for _, tool := range []string{"xdg-open", "gio"} {
			if tool == "xdg-open" && strings.HasPrefix(c.home, "a ") {
				continue // xdg-open itself finds nothing below such a folder
			}
			t.Run(name+" by "+tool, func(t *testing.T) {
				t.Parallel()
				root := t.TempDir()
				d := newDesk(t, filepath.Join(root, c.home))
				o := system.Options{Executable: copyAt(t, filepath.Join(root, c.program)), Home: c.pieHome}
				for range 2 {
					if err := d.RegisterScheme(o); err != nil {
						t.Fatal(err)
					}
				}
				d.run("desktop-file-validate", d.file(".local/share/applications/app.pie.desktop.desktop"))
				if tool == "xdg-open" {
					if got := d.run("xdg-mime", "query", "default", "x-scheme-handler/app.pie.desktop"); got != "app.pie.desktop.desktop" {
						t.Errorf("xdg-mime says %q", got)
					}
					d.run("xdg-open", link)
				} else {
					d.run("gio", "open", link)
				}
				wantHome := c.pieHome
				if wantHome == "" {
					wantHome = "/the wrong one" // inherited, since the registration names none
				}
				if got, want := waitFor(t, d.out), fmt.Sprintf("%q %q", []string{link}, wantHome); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				h := d.holder()
				if !h.Registered || !h.Ours || h.Executable != o.Executable || h.Home != o.Home {
					t.Errorf("holder %+v", h)
				}
				if err := d.UnregisterScheme(); err != nil {
					t.Fatal(err)
				}
				if h := d.holder(); h.Registered {
					t.Errorf("still held: %+v", h)
				}
			})
		}
	}
}

func TestRegistrationKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	const ours = "x-scheme-handler/app.pie.desktop=app.pie.desktop.desktop\n"
	cases := map[string]struct{ before, registered, after string }{
		"nothing": {"", "[Default Applications]\n" + ours, "[Default Applications]\n"},
		"other defaults": {
			"# mine\n[Default Applications]\ntext/html=firefox.desktop;\n\n[Added Associations]\na/b=c.desktop;\n",
			"# mine\n[Default Applications]\ntext/html=firefox.desktop;\n" + ours + "\n[Added Associations]\na/b=c.desktop;\n",
			"# mine\n[Default Applications]\ntext/html=firefox.desktop;\n\n[Added Associations]\na/b=c.desktop;\n",
		},
		"no defaults": {
			"[Added Associations]\na/b=c.desktop;",
			"[Added Associations]\na/b=c.desktop;\n\n[Default Applications]\n" + ours,
			"[Added Associations]\na/b=c.desktop;\n\n[Default Applications]\n",
		},
		"a rival, and removed by hand": {
			"[Removed Associations]\nx-scheme-handler/app.pie.desktop=app.pie.desktop.desktop;other.desktop;\n[Default Applications]\nx-scheme-handler/app.pie.desktop = rival.desktop;\nc/d=e.desktop\n",
			"[Removed Associations]\nx-scheme-handler/app.pie.desktop=other.desktop\n[Default Applications]\nc/d=e.desktop\n" + ours,
			"[Removed Associations]\nx-scheme-handler/app.pie.desktop=other.desktop\n[Default Applications]\nc/d=e.desktop\n",
		},
		"Windows line ends": {
			"[Default Applications]\r\na/b=c.desktop\r\n",
			"[Default Applications]\r\na/b=c.desktop\r\n" + ours,
			"[Default Applications]\r\na/b=c.desktop\r\n",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, t.TempDir())
			if c.before != "" { // kept elsewhere, as people with dotfiles do
				d.write(c.before, "dotfiles", "list")
				d.write("", ".config", "other")
				if err := os.Symlink(d.file("dotfiles", "list"), d.file(".config", "mimeapps.list")); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				if err := d.RegisterScheme(system.Options{Executable: "/opt/pie"}); err != nil {
					t.Fatal(err)
				}
				if got := d.read(".config", "mimeapps.list"); got != c.registered {
					t.Errorf("registered:\n%s\nwant:\n%s", got, c.registered)
				}
			}
			if c.before != "" {
				info, err := os.Stat(d.file("dotfiles", "list"))
				if err != nil || info.Mode().Perm() != 0o644 || d.read("dotfiles", "list") != c.registered {
					t.Errorf("the link was not followed: %v, %v", info.Mode(), err)
				}
			}
			if err := d.UnregisterScheme(); err != nil {
				t.Fatal(err)
			}
			if got := d.read(".config", "mimeapps.list"); got != c.after {
				t.Errorf("after:\n%s\nwant:\n%s", got, c.after)
			}
			if entries, err := os.ReadDir(d.file(".config")); err != nil || len(entries) > 2 {
				t.Errorf("something is left: %v, %v", entries, err)
			}
		})
	}
}

func TestRivals(t *testing.T) {
	t.Parallel()
	const rival = "[Desktop Entry]\nType=Application\nName=Rival\nExec=env A=b \"/opt/a rival/bin\" %u\nMimeType=x-scheme-handler/app.pie.desktop;\n"
	d := newDesk(t, t.TempDir())
	if h := d.holder(); h.Registered {
		t.Fatalf("nobody yet: %+v", h)
	}
	d.write(rival, ".local/share/applications/rival.desktop")
	d.run("update-desktop-database", d.file(".local/share/applications"))
	if h := d.holder(); !h.Registered || h.Ours || h.Executable != "/opt/a rival/bin" || filepath.Base(h.Path) != "rival.desktop" {
		t.Errorf("installed only: %+v", h)
	}
	if err := d.RegisterScheme(system.Options{Executable: "/opt/pie", Home: "/h"}); err != nil {
		t.Fatal(err)
	}
	if h := d.holder(); !h.Ours || h.Executable != "/opt/pie" || h.Home != "/h" || h.Exec != "env PIE_HOME=/h /opt/pie %u" {
		t.Errorf("registered over it: %+v", h)
	}
	// xdg-mime asks that the program exists.
	d.run("xdg-mime", "default", "rival.desktop", "x-scheme-handler/app.pie.desktop")
	if h := d.holder(); h.Ours || filepath.Base(h.Path) != "rival.desktop" {
		t.Errorf("taken back by the rival: %+v", h)
	}
	d.write("[Default Applications]\nx-scheme-handler/app.pie.desktop=missing.desktop;../../etc/passwd;app.pie.desktop.desktop\n", ".config/mimeapps.list")
	if h := d.holder(); !h.Ours {
		t.Errorf("the first that exists: %+v", h)
	}

	// The list of one desktop counts before the general one.
	d.write("[Default Applications]\nx-scheme-handler/app.pie.desktop=rival.desktop\n", ".config/gnome-mimeapps.list")
	gnome := newDesk(t, d.home, "XDG_CURRENT_DESKTOP=ubuntu:GNOME")
	if err := gnome.RegisterScheme(system.Options{Executable: "/opt/pie"}); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "rival.desktop") {
		t.Errorf("got %v", err)
	}
}

func TestChangedRegistrationIsNotOurs(t *testing.T) {
	t.Parallel()
	d := newDesk(t, t.TempDir())
	o := system.Options{Executable: "/opt/my apps/pie", Home: "/a home"}
	entry, script := ".local/share/applications/app.pie.desktop.desktop", ".local/share/pie/link.sh"
	changes := map[string]func(){
		"another command": func() {
			d.write(strings.Replace(d.read(entry), "Exec=/bin/sh", "Exec=/opt/evil", 1), entry)
		},
		"another script": func() { d.write("exec /opt/evil\n", script) },
		"no script":      func() { _ = os.Remove(d.file(script)) },
		"no marks": func() {
			text, _, _ := strings.Cut(d.read(entry), "X-PIE")
			d.write(text, entry)
		},
	}
	for name, change := range changes {
		if err := d.RegisterScheme(o); err != nil {
			t.Fatal(err)
		}
		if !d.holder().Ours {
			t.Fatal("not ours at first")
		}
		change()
		if h := d.holder(); !h.Registered || h.Ours {
			t.Errorf("%s: %+v", name, h)
		}
	}
}

func TestRegistrationRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t, t.TempDir())
	for name, o := range map[string]system.Options{
		"a relative program":   {Executable: "pie"},
		"a relative home":      {Executable: "/opt/pie", Home: "home"},
		"a line end":           {Executable: "/opt/pie\nExec=evil"},
		"a line end in a home": {Executable: "/opt/pie", Home: "/a\nb"},
		"no letters":           {Executable: "/opt/\xff"},
	} {
		if err := d.RegisterScheme(o); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	nobody := system.New(paths.Environment{})
	if err := nobody.RegisterScheme(system.Options{Executable: "/opt/pie"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("without HOME: %v", err)
	}
	if err := nobody.UnregisterScheme(); err != nil {
		t.Error(err)
	}
	d.write(strings.Repeat("x", 2<<20), ".config/mimeapps.list")
	if err := d.RegisterScheme(system.Options{Executable: "/opt/pie"}); !fault.Is(err, fault.Internal) {
		t.Errorf("a huge list: %v", err)
	}
	blocked := newDesk(t, t.TempDir())
	blocked.write("a file", ".local")
	if err := blocked.RegisterScheme(system.Options{Executable: "/opt/pie"}); !fault.Is(err, fault.Internal) {
		t.Errorf("a file in the way: %v", err)
	}
}

func TestRegistrationNamesTheAppImage(t *testing.T) {
	t.Parallel()
	d := newDesk(t, t.TempDir(), "APPIMAGE=/opt/Pie.AppImage")
	if err := d.RegisterScheme(system.Options{}); err != nil {
		t.Fatal(err)
	}
	if h := d.holder(); h.Executable != "/opt/Pie.AppImage" {
		t.Errorf("holder %+v", h)
	}
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	d = newDesk(t, t.TempDir())
	if err := d.RegisterScheme(system.Options{}); err != nil {
		t.Fatal(err)
	}
	if h := d.holder(); h.Executable != own {
		t.Errorf("holder %+v", h)
	}
}

// FuzzLists reads strangers' files of the desktop: no panic, registering works
// twice with the same result, and what was there for others stays.
func FuzzLists(f *testing.F) {
	f.Add("[Default Applications]\na/b=c.desktop\n", "[Desktop Entry]\nExec=\"/a b\\\\\" %u\n")
	f.Add("x-scheme-handler/app.pie.desktop=rival.desktop", "Exec=")
	f.Add("\n\n[Removed Associations]\nx-scheme-handler/app.pie.desktop=;\n[", "[Desktop Entry]\nExec=env A=b\n")
	home := f.TempDir()
	f.Fuzz(func(t *testing.T, list, rival string) {
		d := newDesk(t, home)
		d.write(list, ".config/mimeapps.list")
		d.write(rival, ".local/share/applications/rival.desktop")
		_, _ = d.SchemeHolder()
		o := system.Options{Executable: "/opt/pie"}
		if err := d.RegisterScheme(o); err != nil {
			t.Fatal(err)
		}
		once := d.read(".config/mimeapps.list")
		if err := d.RegisterScheme(o); err != nil || d.read(".config/mimeapps.list") != once {
			t.Errorf("%v, then %q, before %q", err, d.read(".config/mimeapps.list"), once)
		}
		for line := range strings.SplitSeq(list, "\n") {
			if !strings.Contains(line, "app.pie.desktop") && !strings.Contains(once, line) {
				t.Errorf("%q is gone from %q", line, once)
			}
		}
	})
}
