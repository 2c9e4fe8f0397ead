package builtin_test

import (
	"embed"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"

	"pie/backend/agent/worker/builtin"
)

// The tables: a name, an expression, and what it gives. "=" is what Node gives
// too; "~" is ours alone, because Node 20 lacks the feature or differs from the
// standard.
//
//go:embed testdata/*.txt
var tables embed.FS

type row struct {
	table, name, script, want string
	ours                      bool
}

func rows(t *testing.T) []row {
	t.Helper()
	names, err := fs.Glob(tables, "testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []row
	for _, name := range names {
		text, err := fs.ReadFile(tables, name)
		if err != nil {
			t.Fatal(err)
		}
		for block := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
			lines := strings.Split(block, "\n")
			if len(lines) != 3 || !strings.HasPrefix(lines[0], "# ") {
				t.Fatalf("%s: not a row: %q", name, block)
			}
			mark, want, _ := strings.Cut(lines[2], " ")
			out = append(out, row{strings.TrimSuffix(name[len("testdata/"):], ".txt"), lines[0][2:], lines[1], want, mark == "~"})
		}
	}
	if len(out) < 200 {
		t.Fatalf("only %d rows", len(out))
	}
	return out
}

const show = `(v) => v === undefined ? 'undefined' : typeof v === 'bigint' ? v + 'n' : typeof v === 'number' && !Number.isFinite(v) ? String(v) : Object.is(v, -0) ? '-0' : JSON.stringify(v)`

// newRuntime has the limits that a worker has.
func newRuntime(tb testing.TB) *goja.Runtime {
	tb.Helper()
	vm := goja.New()
	vm.SetMaxCallStackSize(1500)
	if err := builtin.Install(vm, builtin.Options{TimeZone: time.UTC}); err != nil {
		tb.Fatal(err)
	}
	return vm
}

// evaluate gives what an expression becomes, once its promises are settled.
func evaluate(tb testing.TB, vm *goja.Runtime, script string) string {
	tb.Helper()
	value, err := vm.RunString("(async () => { const show = " + show + "; try { return show(await (" + script + ")) } catch (e) { return 'throws ' + (e && e.name || e) } })()")
	if err != nil {
		if thrown, ok := errors.AsType[*goja.Exception](err); ok {
			return "stops " + thrown.Error()
		}
		return "stops " + err.Error()
	}
	promise, ok := value.Export().(*goja.Promise)
	if !ok || promise.State() != goja.PromiseStateFulfilled {
		return "is not settled"
	}
	return promise.Result().String()
}

// TestTables has one runtime for each table: its rows leave no traces.
func TestTables(t *testing.T) {
	t.Parallel()
	byTable := map[string][]row{}
	for _, r := range rows(t) {
		byTable[r.table] = append(byTable[r.table], r)
	}
	for table, list := range byTable {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			vm := newRuntime(t)
			for _, r := range list {
				if got := evaluate(t, vm, r.script); got != r.want {
					t.Errorf("%s: %s\ngot  %s\nwant %s", r.name, r.script, got, r.want)
				}
			}
		})
	}
}
