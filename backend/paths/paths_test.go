package paths_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pie/backend/fault"
	"pie/backend/paths"
)

func TestEnsureClosesFolders(t *testing.T) {
	t.Parallel()
	home := filepath.Join(t.TempDir(), "home")
	if err := os.MkdirAll(filepath.Join(home, "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	p := paths.In(home)
	if err := p.Ensure(); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{p.Config, p.Data, p.State, p.Runtime} {
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %o", dir, info.Mode().Perm())
		}
	}
}

func TestSocketIsShortEnough(t *testing.T) {
	t.Parallel()
	for _, length := range []int{5, 60, 120, 400} {
		p := paths.In("/" + strings.Repeat("d", length))
		if got := p.Socket(); len(got) > 100 {
			t.Errorf("%d characters: %s", len(got), got)
		}
	}
	a, b := paths.In("/a/"+strings.Repeat("d", 200)), paths.In("/b/"+strings.Repeat("d", 200))
	if a.Socket() == b.Socket() {
		t.Error("two homes share one socket")
	}
}

func TestWriteFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "file")
	for _, text := range []string{"one", "two"} {
		if err := paths.WriteFile(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(name)
		if err != nil || string(got) != text {
			t.Errorf("got %q, %v", got, err)
		}
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	entries, err := os.ReadDir(filepath.Dir(name))
	if err != nil || len(entries) != 1 {
		t.Errorf("a temporary file is left: %v, %v", entries, err)
	}
	if err := paths.WriteFile(filepath.Join(name, "below", "a file"), nil); err == nil {
		t.Error("writing below a file went well")
	}
}

func TestEnv(t *testing.T) {
	cases := map[string]struct {
		key, value string
		code       fault.Code
	}{
		"nothing set":      {"PIE_KEY_SOURCE", "", ""},
		"a key source":     {"PIE_KEY_SOURCE", "keyfile", ""},
		"no key source":    {"PIE_KEY_SOURCE", "wallet", fault.Invalid},
		"a port":           {"PIE_LOOPBACK_PORT", "6000", ""},
		"a word as port":   {"PIE_LOOPBACK_PORT", "http", fault.Invalid},
		"a port too large": {"PIE_LOOPBACK_PORT", "65536", fault.Invalid},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Setenv(c.key, c.value)
			if _, err := paths.Env(); fault.CodeOf(err) != c.code {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestDefaultFollowsHome(t *testing.T) {
	home := t.TempDir()
	t.Setenv("PIE_HOME", home)
	p, err := paths.Default()
	if err != nil || p != paths.In(home) {
		t.Errorf("got %+v, %v", p, err)
	}
}
