package builtin_test

import (
	"strings"
	"testing"

	"pie/backend/agent/worker/builtin"
)

func TestCheckDepth(t *testing.T) {
	t.Parallel()
	const limit = 100
	deep := strings.Repeat("(", limit+1)
	for name, c := range map[string]struct {
		source string
		deep   bool
	}{
		"nothing":                   {"", false},
		"at the limit":              {strings.Repeat("(", limit) + strings.Repeat(")", limit), false},
		"one more":                  {deep, true},
		"kinds are added up":        {strings.Repeat("[{(", 34), true},
		"closed again":              {strings.Repeat("(())[]{}", 1000), false},
		"in a line comment":         {"// " + deep, false},
		"behind a line comment":     {"// x\n" + deep, true},
		"in a block comment":        {"/* " + deep + " */", false},
		"behind a block comment":    {"/* ' */" + deep, true},
		"quotes in a pattern":       {"/'/.test(x);" + deep, true},
		"quotes in a class":         {`x = /[/"]/;` + deep, true},
		"pattern behind a word":     {"return /\"/;" + deep, true},
		"division":                  {"a / b; '(' / c;" + deep, true},
		"division of a call":        {"f(x) / 2; " + deep + " / 3", true},
		"small texts":               {strings.Repeat(`x = "(";`, 1000), false},
		"escaped quotes":            {strings.Repeat(`x = "\"(";`, 1000), false},
		"text that is not closed":   {"x = 'abc\n" + deep, true},
		"small patterns":            {strings.Repeat(`x = /\(/;`, 1000), false},
		"pattern that nests":        {"x = /" + deep + "/", true},
		"templates":                 {strings.Repeat("x = `(${f({a:1})}(`;", 1000), false},
		"template expression":       {"`${" + deep + "}`", true},
		"templates that nest":       {strings.Repeat("`${", limit+1), true},
		"behind a template":         {"`${{a:`x`}}`;" + deep, true},
		"chain":                     {strings.Repeat("1+", 10*limit+1), true},
		"chain over lines":          {strings.Repeat("1+\n", 10*limit+1), true},
		"chain with leading dots":   {strings.Repeat("\n.a", 10*limit+1), true},
		"signs":                     {strings.Repeat("!", 10*limit+1), true},
		"many statements":           {strings.Repeat("a.b.c = d.e + 1\n", 1000), false},
		"many statements on a line": {strings.Repeat("a = -1;", 5000), false},
		"long list":                 {"[" + strings.Repeat("-1,", 5000) + "]", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := builtin.CheckDepth(c.source, limit); (err != nil) != c.deep {
				t.Errorf("%v", err)
			}
		})
	}
}

func FuzzCheckDepth(f *testing.F) {
	for _, source := range []string{"", "a(`${'", "/*", "/[", "`${`}`", "\"\\", "a/b/c"} {
		f.Add(source)
	}
	f.Fuzz(func(_ *testing.T, source string) {
		_ = builtin.CheckDepth(source, 10)
	})
}
