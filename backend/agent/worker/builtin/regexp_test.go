package builtin_test

import (
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"pie/backend/agent/worker/builtin"
)

func TestFixRegExps(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, want string }{
		"letters":              {`/^\p{L}+$/u.test('äöß')`, "true"},
		"in a class":           {`'ab-ç d'.match(/[\p{L}-]+/gu).join()`, "ab-ç,d"},
		"script":               {`/\p{Script=Greek}/u.test('α')`, "true"},
		"emoji":                {`'a😀b'.replace(/\p{Extended_Pictographic}/gu, '')`, "ab"},
		"without the flag":     {`/\p{L}/.test('p{L}')`, "true"},
		"in an async function": {`(() => { let r; (async () => { r = /\p{Lu}/u.test('É') })(); return r })()`, "true"},
		"in a class member":    {`new (class { x = /\p{L}/u; y(z = /\p{L}/u) { return this.x.test('é') && z.test('é') } })().y()`, "true"},
		"in a template":        {"`${/\\p{L}/u.test('é')}`", "true"},
		"in a switch":          {`(() => { switch (1) { case 1: for (const x of [1]) { try { throw 1 } catch { return /\p{L}/u.test('é') } } } })()`, "true"},
		"in an object":         {`({ ['a']: [/\p{L}/u] }).a[0].test('é')`, "true"},
		"others stay":          {`String(/a\/b/u)`, `/a\/b/u`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree, err := parser.ParseFile(nil, "x", c.script, 0)
			if err != nil {
				t.Fatal(err)
			}
			builtin.FixRegExps(tree)
			program, err := goja.CompileAST(tree, true)
			if err != nil {
				t.Fatal(err)
			}
			value, err := newRuntime(t).RunProgram(program)
			if err != nil || value.String() != c.want {
				t.Errorf("%v, %v, want %s", value, err, c.want)
			}
		})
	}
}

// TestFixRegExpsLong must end, and not by a stack that is too deep.
func TestFixRegExpsLong(t *testing.T) {
	t.Parallel()
	tree, err := parser.ParseFile(nil, "x", strings.Repeat("1+", 4_000)+`/\p{L}/u.source`, 0)
	if err != nil {
		t.Fatal(err)
	}
	builtin.FixRegExps(tree)
	program, err := goja.CompileAST(tree, true)
	if err != nil {
		t.Fatal(err)
	}
	value, err := newRuntime(t).RunProgram(program)
	if err != nil || !strings.HasSuffix(value.String(), `(?=)\p{L}`) {
		t.Errorf("%.40v, %v", value, err)
	}
}
