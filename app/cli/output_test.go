package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"pie/app/cli"
	"pie/backend/fault"
	"pie/backend/history"
)

func TestExitCodesCoverTheVocabulary(t *testing.T) {
	t.Parallel()
	documented := map[fault.Code]int{
		"invalid": 2, "not_found": 1, "conflict": 1, "denied": 1, "canceled": 130, "reconnect": 4,
		"locked": 4, "in_use": 1, "offline": 1, "limited": 1, "script": 1, "internal": 1,
	}
	for _, code := range fault.Codes() {
		got, ok := cli.ExitCodes[code]
		if !ok || got != documented[code] {
			t.Errorf("%s: got %d, want %d", code, got, documented[code])
		}
	}
	if len(cli.ExitCodes) != len(fault.Codes()) {
		t.Errorf("%d codes, but %d in the vocabulary", len(cli.ExitCodes), len(fault.Codes()))
	}
	for status, want := range map[string]int{history.OK: 0, history.Failed: 3, history.RequiresAuth: 4, history.Stopped: 1, history.Canceled: 130} {
		if cli.RunCodes[status] != want {
			t.Errorf("%s: got %d, want %d", status, cli.RunCodes[status], want)
		}
	}
}

func TestCleanLeavesNothingToObey(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"plain":       {"two\nlines\tand a tab", "two\nlines\tand a tab"},
		"colour":      {"\x1b[31mred\x1b[0m", "[31mred[0m"},
		"title":       {"\x1b]0;owned\x07x", "]0;ownedx"},
		"eight bits":  {"a\u009b31mb", "a31mb"},
		"overwrite":   {"good\rbad\x08", "goodbad"},
		"direction":   {"a\u202egnp.exe", "agnp.exe"},
		"broken utf8": {"a\xff\xfeb", "ab"},
		"emoji":       {"👩\u200d🚀 ok", "👩\u200d🚀 ok"},
		"hidden tags": {"a\U000e0041b", "ab"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := cli.Clean(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzWords(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"b":null}],"c":"x"}`, `[]`, `{}`, `"text"`, `{"message":"hi"}`, `[[[[1]]]]`, `nonsense`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, r := range cli.Clean(cli.Words(json.RawMessage(raw))) {
			if unicode.IsControl(r) && r != '\n' && r != '\t' {
				t.Errorf("%q is let through", r)
			}
		}
	})
}

func TestWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"nothing":    {`null`, ""},
		"a text":     {`"hello"`, "hello"},
		"a message":  {`{"message":"hello"}`, "hello"},
		"fields":     {`{"z":1,"a":true,"n":null}`, "z: 1\na: yes\nn: -"},
		"a list":     {`{"notes":["one","two"]}`, "notes:\n  - one\n  - two"},
		"empty":      {`{"notes":[],"more":{}}`, "notes: (none)\nmore: (empty)"},
		"lines":      {`{"text":"a\nb","n":1}`, "text: a\n  b\nn: 1"},
		"big number": {`{"n":12345678901234567890,"m":2}`, "n: 12345678901234567890\nm: 2"},
		"deep":       {strings.Repeat("[", 60) + strings.Repeat("]", 60), strings.Repeat("[", 60) + strings.Repeat("]", 60)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := cli.Words(json.RawMessage(c.in)); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestTableFitsTheTerminal(t *testing.T) {
	t.Parallel()
	for _, columns := range []int{40, 80, 200} {
		var out bytes.Buffer
		cli.Table(cli.IO{Out: &out, OutIsTTY: true, Columns: func() int { return columns }},
			[]string{"NAME", "WHAT"}, [][]string{{"日本語", "short"}, {"plain", strings.Repeat("long words ", 30)}, {"three\nlines", "\x1b[2Jx"}})
		lines := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
		if len(lines) != 4 {
			t.Fatalf("%d columns: %d lines", columns, len(lines))
		}
		for _, line := range lines {
			if len([]rune(line)) > columns || strings.Contains(line, "\x1b") {
				t.Errorf("%d columns: %q", columns, line)
			}
		}
		if !strings.HasSuffix(lines[2], "…") && columns < 200 {
			t.Errorf("%d columns: not cut: %q", columns, lines[2])
		}
	}
}

func TestTableOutsideATerminalIsWhole(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	long := strings.Repeat("x", 500)
	cli.Table(cli.IO{Out: &out, Columns: func() int { return 40 }}, []string{"A", "B"}, [][]string{{"1", long}})
	if !strings.Contains(out.String(), long) {
		t.Error("a pipe gets a cut table")
	}
}

func TestValueEscapesControls(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	text := "a\x1b[31m\u009b\u202e\x7f<b>"
	cli.Value(cli.IO{Out: &out}, text)
	for _, r := range strings.TrimRight(out.String(), "\n") {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			t.Errorf("%q reaches the terminal", r)
		}
	}
	var back string
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back != text {
		t.Errorf("got %q, %v", back, err)
	}
}

func TestLogIsPutAside(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "state", "pie.log")
	log := cli.NewLog(name)
	if _, err := os.Stat(name); err == nil {
		t.Error("a log is made although there is nothing to write")
	}
	line := strings.Repeat("x", 1<<20)
	for i := range 10 {
		log.LogAttrs(context.Background(), slog.LevelInfo, "filling", slog.String("line", line), slog.String("number", fmt.Sprint(i)))
	}
	for _, each := range []string{name, name + ".1"} {
		info, err := os.Stat(each)
		if err != nil || info.Size() > cli.LogMax || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", each, info, err)
		}
	}
	last, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(last), `"number":"9"`) {
		t.Errorf("the last line is missing: %v", err)
	}
}

func TestIsLink(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"app.pie.desktop:/api/oauth/plugin/x/callback?code=1": true, "https://localhost/x": true, "http://127.0.0.1:1/x": true,
		"connect": false, "--json": false, "demo": false, "ftp://x": false, "./file": false, "app.pie.desktop:%zz": true,
	} {
		if got := cli.IsLink(text); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}
