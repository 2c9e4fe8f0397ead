package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"pie/app/cli"
	"pie/backend/agent/worker"
	"pie/backend/oauth/oauthtest"
	"pie/backend/patience"
	"pie/backend/practice"
)

// TestMain lets the test binary be the program, which scripts run as pie, and
// the worker of the tests that stay in this process.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "worker" {
		os.Exit(worker.Main())
	}
	oauthtest.Undisturbed()
	testscript.Main(m, map[string]func(){"pie": func() { os.Exit(program(os.Args[1:])) }})
}

func program(args []string) int {
	if len(args) == 1 && args[0] == "worker" {
		return worker.Main()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return cli.Main(ctx, cli.Standard(), args)
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			for name, value := range map[string]string{
				"HOME": env.WorkDir, "PIE_HOME": filepath.Join(env.WorkDir, "home"),
				"PIE_KEY_SOURCE": "keyfile", "PIE_KEY_FILE": filepath.Join(env.WorkDir, "key"),
				"DBUS_SESSION_BUS_ADDRESS": "unix:path=/dev/null/none", "DISPLAY": "", "WAYLAND_DISPLAY": "", "TZ": "UTC",
			} {
				env.Setenv(name, value)
			}
			env.Values["servers"], env.Values["codes"] = servers{}, map[string]*codes{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await": await, "consent": consent, "exits": exits, "jsonlines": jsonLines,
			"serve": serve, "unserve": unserve, "tokenserve": tokenserve,
			"codeserve": codeserve, "typecode": typecode,
		},
	})
}

// await FILE TEXT waits until a background process has written TEXT to FILE.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: await FILE TEXT")
	}
	patience.Until(ts, fmt.Sprintf("%s says %q", args[0], args[1]), func() bool {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		return err == nil && strings.Contains(string(text), args[1])
	})
}

// consent FILE LINK [deny] plays the person: it answers the page whose address
// stands in the authorize line of FILE, and writes the callback to LINK at once.
func consent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: consent FILE LINK [deny]")
	}
	await(ts, false, []string{args[0], `"redirect_uri"`})
	var event struct{ URL string }
	line, _, _ := strings.Cut(ts.ReadFile(args[0]), "\n")
	ts.Check(json.Unmarshal([]byte(line), &event))
	link, err := practice.Consent(context.Background(), &http.Client{}, event.URL, nil, len(args) == 2)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]+".new"), []byte(link+"\n"), 0o600))
	ts.Check(os.Rename(ts.MkAbs(args[1]+".new"), ts.MkAbs(args[1])))
}

// exits CODE COMMAND ARGS wants a certain exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARGS]")
	}
	err := ts.Exec("sh", append([]string{"-c", `want=$1; shift; "$@"; got=$?; [ $got -eq $want ] || { echo "exit code $got, want $want" >&2; exit 99; }`, "sh"}, args...)...)
	if err != nil {
		ts.Fatalf("%v", err)
	}
}

// jsonlines FILE [N] wants FILE to be nothing but JSON values, one a line.
func jsonLines(ts *testscript.TestScript, neg bool, args []string) {
	text := strings.TrimRight(ts.ReadFile(args[0]), "\n")
	for line := range strings.SplitSeq(text, "\n") {
		if !json.Valid([]byte(line)) {
			ts.Fatalf("no JSON: %s", line)
		}
	}
	if len(args) == 2 && len(args[1]) > 0 && args[1] != itoa(strings.Count(text, "\n")+1) || neg {
		ts.Fatalf("%d lines, want %s", strings.Count(text, "\n")+1, args[1])
	}
}

func itoa(n int) string {
	b, err := json.Marshal(n)
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(b))
}
