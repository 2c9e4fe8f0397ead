//go:build !race

// Package hostile_test runs scripts that mean harm through the whole program: a
// home, an installed agent each, the real host. Each ends by itself or at a
// limit, and with what the table says.
package hostile_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"pie/backend"
	"pie/backend/agent/worker"
	"pie/backend/history"
	"pie/backend/oauth/oauthtest"
	"pie/backend/plugin"
)

// TestMain lets the test binary be its own worker, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "worker" {
		os.Exit(worker.Main())
	}
	oauthtest.Undisturbed()
	os.Exit(m.Run())
}

// scripts are a name, a handler's body, and how it may end: "= JSON" is a result,
// "= JSON…" one that begins so, "code: words" a fault with words in its message;
// several are set apart by " | ".
//
//go:embed testdata/scripts.txt
var scripts string

type script struct{ name, body, want string }

func corpus(t *testing.T) []script {
	t.Helper()
	var out []script
	for block := range strings.SplitSeq(strings.TrimSpace(scripts), "\n\n") {
		lines := strings.Split(block, "\n")
		if len(lines) != 3 || !strings.HasPrefix(lines[0], "# ") {
			t.Fatalf("not a script: %q", block)
		}
		out = append(out, script{lines[0][2:], lines[1], lines[2]})
	}
	if len(out) < 100 {
		t.Fatalf("only %d scripts", len(out))
	}
	return out
}

// A script that ends only by time gets little of it; the others are not to meet
// that limit on a slow machine.
const (
	wall    = 400 * time.Millisecond
	patient = 5 * time.Minute
)

func (s script) timeout() time.Duration {
	if strings.Contains(s.want, "limited: time limit") || strings.Contains(s.want, "limited: limit of") {
		return wall
	}
	return patient
}

func TestHostileScripts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var slowest time.Duration
	all := corpus(t)
	places := make(chan struct{}, 2) // as many as run at once, so that none waits for its turn
	done := make(chan time.Duration, len(all))
	t.Run("all", func(t *testing.T) {
		for i, each := range all {
			t.Run(each.name, func(t *testing.T) {
				t.Parallel()
				name := fmt.Sprintf("subject-%d", i)
				s.subject(t, name, each.body)
				places <- struct{}{}
				run, err := s.Run(t.Context(), backend.RunRequest{Agent: name, Timeout: each.timeout()})
				<-places
				if err != nil {
					t.Fatal(err)
				}
				if each.timeout() == wall {
					done <- time.Duration(run.DurationMS) * time.Millisecond
				}
				if got := ending(run); !matches(got, each.want) {
					t.Errorf("%s\ngot  %.600s\nwant %s", each.body, got, each.want)
				}
			})
		}
	})
	close(done)
	for took := range done {
		slowest = max(slowest, took)
	}
	s.mustBeWhole(t)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	mustHaveStayedSmall(t)
	t.Logf("%d scripts, the slowest ended %v after its wall of %v", len(all), slowest-wall, wall)
}

// ending is how a run ended, in one line.
func ending(run history.Run) string {
	if run.Error != nil {
		return string(run.Error.Code) + ": " + strings.Join(strings.Fields(run.Error.Message), " ")
	}
	return "= " + string(run.Result)
}

func matches(got, want string) bool {
	for one := range strings.SplitSeq(want, " | ") {
		if got == one {
			return true
		}
		code, words, _ := strings.Cut(one, ": ")
		if strings.HasPrefix(got, code+": ") && strings.Contains(got[len(code)+2:], words) {
			return true
		}
		if strings.HasSuffix(one, "…") && strings.HasPrefix(got, strings.TrimSuffix(one, "…")) {
			return true
		}
	}
	return false
}

// subject installs a script as an agent of its own.
func (s *stage) subject(t *testing.T, name, body string) {
	t.Helper()
	text := fmt.Sprintf("%s---\nconst API = %q;\nasync function handler(input, context) {\n%s\n}\nmodule.exports = { handler };\n", s.manifest(name), s.api.URL, body)
	source := backend.Source{Name: name + ".pie", Content: []byte(text)}
	p, err := s.Load(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	approved := plugin.Approved{Hosts: []string{s.api.URL}, APIHosts: map[string][]string{"default": {s.api.URL}}}
	if _, err := s.Install(t.Context(), source, p.Hash, approved, false); err != nil {
		t.Fatal(err)
	}
	s.connect(t, name, strings.Contains(body, "context.oauth."))
}

// mustBeWhole expects that the program works, and that nobody touched what the
// victim keeps.
func (s *stage) mustBeWhole(t *testing.T) {
	t.Helper()
	run, err := s.Run(t.Context(), backend.RunRequest{Agent: "victim", Input: json.RawMessage(`{}`)})
	if err != nil || string(run.Result) != `["the victim's secret","private words",{"private":1},["private.txt"]]` {
		t.Errorf("%s %+v %v", run.Result, run.Error, err)
	}
	if s.strayed.Load() {
		t.Error("a request with the token reached a host that may not have it")
	}
}
