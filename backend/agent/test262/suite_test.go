// Package test262_test runs a checkout of test262, the conformance suite of the
// language, as agents: each file goes through the install step and a worker. What
// passes is what an author may write.
package test262_test

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pie/backend/agent"
	"pie/backend/agent/worker"
	"pie/backend/fault"
	"pie/backend/history"
)

// What make test262 gives.
var (
	suite = flag.String("suite", "", "folder of the suite, with test and harness in it")
	only  = flag.String("only", "", "run only what lies below this folder of test, such as language/statements")
	list  = flag.String("list", "", "write the names of what fails into this file")
)

// TestMain lets the test binary be its own worker, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "worker" {
		os.Exit(worker.Main())
	}
	flag.Parse()
	os.Exit(m.Run())
}

// TestSuite prints the pass rate. It fails only when a worker dies in a way that
// is no limit: what the language lacks here is no surprise.
func TestSuite(t *testing.T) {
	t.Parallel()
	if *suite == "" {
		t.Skip("The suite is not here. With a checkout of test262: make test262 TEST262=DIR")
	}
	report := runSuite(t, os.DirFS(*suite), *only)
	for _, line := range report.lines() {
		t.Log(line)
	}
	if len(report.deaths) > 0 {
		t.Errorf("%d runs ended a process: %.2000s", len(report.deaths), strings.Join(report.deaths, "\n"))
	}
	if *list != "" {
		if err := os.WriteFile(*list, []byte(strings.Join(report.failed, "\n")+"\n"), 0o600); err != nil {
			t.Error(err)
		}
	}
}

// TestRunner holds the runner itself to a suite of a few files, whose folders say
// what is to come of them.
func TestRunner(t *testing.T) {
	t.Parallel()
	report := runSuite(t, os.DirFS("testdata"), "")
	if len(report.deaths) > 0 {
		t.Errorf("deaths: %v", report.deaths)
	}
	for _, name := range report.failed {
		if strings.Contains(name, "/good/") {
			t.Errorf("%s should pass", name)
		}
	}
	bad := report.folders["bad"]
	if good := report.folders["good"]; good == nil || good.passed < 10 || bad == nil || bad.passed != 0 || bad.all < 5 {
		t.Errorf("%v", report.lines())
	}
}

// count is how many of a folder passed.
type count struct{ passed, all int }

type result struct {
	mu      sync.Mutex
	folders map[string]*count
	failed  []string
	deaths  []string
}

func (r *result) add(file test, passed bool, death string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	top, _, _ := strings.Cut(strings.TrimPrefix(file.name, "test/"), "/")
	c := r.folders[top]
	if c == nil {
		c = &count{}
		r.folders[top] = c
	}
	c.all++
	if passed {
		c.passed++
	} else {
		r.failed = append(r.failed, file.name)
	}
	if death != "" {
		r.deaths = append(r.deaths, file.name+": "+death)
	}
}

func (r *result) lines() []string {
	var out []string
	var all count
	for name, c := range r.folders {
		out = append(out, fmt.Sprintf("%-12s %6d of %6d (%.1f %%)", name, c.passed, c.all, 100*float64(c.passed)/float64(c.all)))
		all.passed, all.all = all.passed+c.passed, all.all+c.all
	}
	slices.Sort(out)
	slices.Sort(r.failed)
	return append(out, fmt.Sprintf("%-12s %6d of %6d (%.1f %%)", "together", all.passed, all.all, 100*float64(all.passed)/float64(max(all.all, 1))))
}

// runSuite runs every file below a folder of test.
func runSuite(t *testing.T, files fs.FS, only string) *result {
	t.Helper()
	var names []string
	err := fs.WalkDir(files, path.Join("test", only), func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && strings.HasSuffix(name, ".js") && !strings.HasSuffix(name, "_FIXTURE.js") {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	report := &result{folders: map[string]*count{}}
	work := make(chan string)
	var workers sync.WaitGroup
	for range runtime.NumCPU() {
		runner := agent.NewRunner(agent.Options{})
		t.Cleanup(func() { _ = runner.Close() })
		workers.Go(func() {
			for name := range work {
				file, err := read(files, name)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				passed, death := file.run(t.Context(), runner)
				report.add(file, passed, death)
			}
		})
	}
	for _, name := range names {
		work <- name
	}
	close(work)
	workers.Wait()
	return report
}

// run runs the file in each mode that it is meant for; all must end as it says.
func (f test) run(ctx context.Context, r *agent.Runner) (passed bool, death string) {
	for _, strict := range f.modes() {
		ok, died := f.once(ctx, r, strict)
		if !ok {
			return false, died
		}
	}
	return true, ""
}

const patience = 10 * time.Second

func (f test) once(ctx context.Context, r *agent.Runner, strict bool) (passed bool, death string) {
	source := f.source(strict)
	built, err := r.Compile(ctx, source)
	if err == nil {
		err = built.Err()
	}
	if err != nil {
		if fault.Is(err, fault.Internal) {
			death = "compiling: " + err.Error()
		}
		return f.negative != "" && fault.Is(err, fault.Invalid), death
	}
	j := agent.Job{Agent: "suite", Code: built.Code, CodeMap: built.Map, CodeName: source.Entry, TimeZone: "UTC", Timeout: patience}
	if built.Code == "" {
		j.Code = string(source.Files[source.Entry])
	}
	out := r.Run(ctx, j, nobody{})
	if out.Error != nil && out.Error.Code == fault.Internal {
		death = out.Error.Message
	}
	if f.negative != "" {
		return out.Error != nil && out.Error.Code == fault.Script && strings.Contains(out.Error.Message, f.negative), death
	}
	return out.Status == history.OK, death
}
