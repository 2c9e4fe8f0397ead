package cli_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"pie/app/cli"
)

// person sits at a terminal: types holds what is typed where it shows, hidden
// what is typed where it does not.
type person struct {
	types, hidden string
}

// at runs one command line with the person at the terminal.
func (p person) at(t *testing.T, args ...string) (code int, out, said string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	hidden := p.hidden
	streams := cli.IO{
		In: strings.NewReader(p.types), Out: &stdout, Err: &stderr, InIsTTY: true, OutIsTTY: true, ErrIsTTY: true,
		Columns: func() int { return 80 },
		ReadHidden: func() ([]byte, error) {
			if hidden == "" {
				return nil, io.EOF
			}
			return []byte(hidden), nil
		},
	}
	code = cli.Main(t.Context(), streams, args)
	return code, stdout.String(), stderr.String()
}

func atHome(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for name, value := range map[string]string{
		"HOME": dir, "PIE_HOME": filepath.Join(dir, "home"), "PIE_KEY_FILE": filepath.Join(dir, "key"),
		"PIE_PASSPHRASE_FILE": "", "DISPLAY": "", "WAYLAND_DISPLAY": "",
	} {
		t.Setenv(name, value)
	}
}

func TestInstallAsks(t *testing.T) {
	t.Setenv("PIE_KEY_SOURCE", "keyfile")
	atHome(t)
	for answer, want := range map[string]int{"n\n": 1, "\n": 1, "": 1, "nonsense\n": 1, "y\n": 0, "YES\n": 0} {
		code, out, said := person{types: answer}.at(t, "agent", "install", "sample:practice-notes")
		if code != want || !strings.Contains(said, "Install it? [y/N]") || !strings.Contains(out, "Read your practice notes") {
			t.Errorf("%q: exit code %d\n%s%s", answer, code, out, said)
		}
	}
	code, _, said := person{types: "n\n"}.at(t, "agent", "remove", "practice-notes")
	if code != 1 || !strings.Contains(said, "Nothing was removed") {
		t.Errorf("remove with no: %d %s", code, said)
	}
	if code, _, said = (person{types: "y\n"}).at(t, "agent", "remove", "practice-notes"); code != 0 {
		t.Errorf("remove with yes: %d %s", code, said)
	}
	if code, _, said = (person{}).at(t, "agent", "remove", "practice-notes"); code != 1 || strings.Contains(said, "[y/N]") {
		t.Errorf("what is not there is asked about: %d %s", code, said)
	}
}

func TestSecretIsReadWithoutEcho(t *testing.T) {
	t.Setenv("PIE_KEY_SOURCE", "keyfile")
	atHome(t)
	if code, _, said := (person{}).at(t, "agent", "install", "sample:api-key-tool", "--yes"); code != 0 {
		t.Fatal(said)
	}
	code, out, said := person{hidden: "typed-in-secret"}.at(t, "secret", "set", "api-key-tool", "RATES_API_KEY")
	if code != 0 || !strings.Contains(said, "Value of RATES_API_KEY: ") || strings.Contains(out+said, "typed-in-secret") {
		t.Errorf("%d\n%s%s", code, out, said)
	}
	if _, out, _ := (person{}).at(t, "secret", "list", "api-key-tool", "--json"); !strings.Contains(out, `"set":true`) {
		t.Error(out)
	}
	if code, _, _ := (person{}).at(t, "secret", "set", "api-key-tool", "RATES_API_KEY"); code != 130 {
		t.Errorf("nothing typed: exit code %d", code)
	}
}

func TestPassphraseIsAskedWhereItIsNeeded(t *testing.T) {
	t.Setenv("PIE_KEY_SOURCE", "passphrase")
	atHome(t)
	who := person{hidden: "a long enough passphrase"}
	if code, _, said := who.at(t, "vault", "unlock"); code != 0 || !strings.Contains(said, "Passphrase of the vault: ") {
		t.Fatalf("%d %s", code, said)
	}
	if code, _, said := who.at(t, "agent", "install", "sample:practice-notes", "--yes"); code != 0 {
		t.Fatal(said)
	}
	code, _, said := who.at(t, "run", "practice-notes")
	if code != 4 || strings.Count(said, "Passphrase of the vault: ") != 1 || !strings.Contains(said, "pie connect practice-notes") {
		t.Errorf("run: %d %s", code, said)
	}
	code, _, said = person{hidden: "another one altogether"}.at(t, "history")
	if code != 4 || !strings.Contains(said, "passphrase is wrong") {
		t.Errorf("a wrong passphrase: %d %s", code, said)
	}
}

func TestNoTerminalAsksNothing(t *testing.T) {
	t.Setenv("PIE_KEY_SOURCE", "keyfile")
	atHome(t)
	var out, said bytes.Buffer
	streams := cli.IO{In: errorReader{}, Out: &out, Err: &said}
	if code := cli.Main(context.Background(), streams, []string{"agent", "install", "sample:practice-notes", "--yes"}); code != 0 {
		t.Fatal(said.String())
	}
	if code := cli.Main(context.Background(), streams, []string{"agent", "remove", "practice-notes"}); code != 0 {
		t.Error(said.String())
	}
	if code := cli.Main(context.Background(), streams, []string{"secret", "set", "x", "Y"}); code != 2 {
		t.Errorf("a broken input: %s", said.String())
	}
	if strings.Contains(said.String(), "[y/N]") {
		t.Error("somebody was asked")
	}
}

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, errors.New("broken") }

func TestStoppedBeforeItBegins(t *testing.T) {
	t.Setenv("PIE_KEY_SOURCE", "keyfile")
	atHome(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, said bytes.Buffer
	code := cli.Main(ctx, cli.IO{Out: &out, Err: &said}, []string{"connect", "practice-notes", "--json"})
	if code != 130 && code != 1 || strings.Contains(said.String(), "panic") {
		t.Errorf("exit code %d: %s", code, said.String())
	}
}
