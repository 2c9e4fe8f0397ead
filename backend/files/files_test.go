package files_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pie/backend/fault"
	"pie/backend/files"
)

func names(t *testing.T, f *files.Files, agent string) string {
	t.Helper()
	list, err := f.List(agent)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, each := range list {
		out = append(out, each.Name)
	}
	return strings.Join(out, " ")
}

func TestFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := files.New(files.Options{Dir: filepath.Join(dir, "files")})
	if got := names(t, f, "a"); got != "" {
		t.Error(got)
	}
	for _, name := range []string{"b.csv", "x/y/c.txt", "b.csv", "ü 1.bin"} {
		known, err := f.Write("a", name, []byte("hello "+name))
		if err != nil || known.Name != name || known.Size != int64(len("hello "+name)) || known.ModifiedAt.IsZero() {
			t.Fatalf("%+v %v", known, err)
		}
	}
	known, content, err := f.Read("a", "x/y/c.txt")
	if err != nil || string(content) != "hello x/y/c.txt" || known.MIMEType != "text/plain" {
		t.Errorf("%+v %q %v", known, content, err)
	}
	if known, err := f.Info("a", "b.csv"); err != nil || known.MIMEType != "text/csv" || known.Size != 11 {
		t.Errorf("%+v %v", known, err)
	}
	if got := names(t, f, "a"); got != "b.csv x/y/c.txt ü 1.bin" {
		t.Error(got)
	}
	if got := names(t, f, "b"); got != "" {
		t.Errorf("another agent sees %s", got)
	}
	if err := f.Delete("a", "x/y/c.txt"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "files", "a", "x")); err == nil {
		t.Error("empty folders stay")
	}
	if info, err := os.Stat(filepath.Join(dir, "files", "a", "b.csv")); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v %v", info, err)
	}
	for range 2 {
		if err := f.Remove("a"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "files", "a")); err == nil {
		t.Error("the folder stays")
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	f := files.New(files.Options{Dir: t.TempDir()})
	for range 2 { // without a folder, then with one
		if _, _, err := f.Read("a", "none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("%v", err)
		}
		if _, err := f.Info("a", "x/none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("%v", err)
		}
		if err := f.Delete("a", "none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("%v", err)
		}
		if _, err := f.Write("a", "some", nil); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNamesThatAreRefused(t *testing.T) {
	t.Parallel()
	f := files.New(files.Options{Dir: t.TempDir()})
	for _, name := range []string{
		"", ".", "..", "../x", "a/../b", "a/..", "/etc/passwd", "a//b", "a/", `..\x`, `a\b`, "C:x", "a:b", ".hidden", "a/.b", "x.", "x ", " x",
		"con", "NUL", "nul.txt", "aux.a.b", "com1", "LPT9.log", "COM²", "prn .x", "a\x00b", "a\nb", "a\u202eb", "\xff", "a*b", "a?b", "a|b", `"`, "<a>",
		strings.Repeat("x", 201), strings.Repeat("a/", 8) + "b", strings.Repeat("x/y", 200),
	} {
		if _, err := f.Write("a", name, []byte("x")); !fault.Is(err, fault.Invalid) {
			t.Errorf("write %q: %v", name, err)
		}
		if _, _, err := f.Read("a", name); !fault.Is(err, fault.Invalid) {
			t.Errorf("read %q: %v", name, err)
		}
		if err := f.Delete("a", name); !fault.Is(err, fault.Invalid) {
			t.Errorf("delete %q: %v", name, err)
		}
	}
	for _, agent := range []string{"", ".", "..", "../b", "a/b", `a\b`} {
		if _, err := f.Write(agent, "x", nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("agent %q: %v", agent, err)
		}
	}
}

// TestLinksAreRefused: whoever put one there, an agent gets nowhere by it.
func TestLinksAreRefused(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := files.New(files.Options{Dir: dir})
	if _, err := f.Write("a", "own", []byte("own")); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{
		"out": filepath.Join(outside, "secret"), "folder": outside, "near": "own", "up": "../a/own", "none": "nowhere",
	} {
		if err := os.Symlink(target, filepath.Join(dir, "a", name)); err != nil {
			t.Skip("this system makes no links")
		}
	}
	if err := os.Symlink(outside, filepath.Join(dir, "b")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"out", "folder", "near", "up", "none", "folder/secret", "folder/new"} {
		if _, content, err := f.Read("a", name); !fault.Is(err, fault.Denied) {
			t.Errorf("read %s: %q %v", name, content, err)
		}
		if _, err := f.Write("a", name, []byte("x")); !fault.Is(err, fault.Denied) {
			t.Errorf("write %s: %v", name, err)
		}
		if err := f.Delete("a", name); !fault.Is(err, fault.Denied) {
			t.Errorf("delete %s: %v", name, err)
		}
	}
	if _, _, err := f.Read("b", "secret"); !fault.Is(err, fault.Denied) {
		t.Errorf("a folder that is a link: %v", err)
	}
	if got := names(t, f, "a"); got != "own" {
		t.Errorf("links are listed: %s", got)
	}
	if raw, err := os.ReadFile(filepath.Join(outside, "secret")); err != nil || string(raw) != "secret" {
		t.Errorf("%q %v", raw, err)
	}
	if err := f.Remove("b"); !fault.Is(err, fault.Denied) {
		t.Errorf("removing through a link: %v", err)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	f := files.New(files.Options{Dir: t.TempDir(), Quota: 3 << 20})
	one := bytes.Repeat([]byte("x"), 1<<20)
	for _, name := range []string{"1", "2", "3", "3", "1"} {
		if _, err := f.Write("a", name, one); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Write("a", "4", []byte("x")); !fault.Is(err, fault.Limited) || !strings.Contains(err.Error(), "3 MB") {
		t.Errorf("%v", err)
	}
	if _, err := f.Write("a", "3", append(one, 'x')); !fault.Is(err, fault.Limited) {
		t.Errorf("%v", err)
	}
	if _, err := f.Write("b", "4", one); err != nil {
		t.Errorf("another agent has its own: %v", err)
	}
	if err := f.Delete("a", "2"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write("a", "4", one); err != nil {
		t.Errorf("after deleting: %v", err)
	}
	if _, err := f.Write("c", "big", make([]byte, files.MaxFile+1)); !fault.Is(err, fault.Limited) {
		t.Errorf("%v", err)
	}
}
