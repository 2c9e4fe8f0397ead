package agent_test

import (
	"strings"
	"testing"

	"pie/backend/agent"
	"pie/backend/history"
)

// files makes a source of "name", "text" pairs; the first is the entry.
func files(pairs ...string) agent.Source {
	s := agent.Source{Files: map[string][]byte{}, Entry: pairs[0]}
	for i := 0; i < len(pairs); i += 2 {
		s.Files[pairs[i]] = []byte(pairs[i+1])
	}
	return s
}

func newRunner(t *testing.T) *agent.Runner {
	t.Helper()
	r := agent.NewRunner(agent.Options{})
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// TestCompileRun compiles and runs; each case returns what it stands for.
func TestCompileRun(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		source agent.Source
		want   string
	}{
		"TypeScript": {files("agent.ts", `
interface In { n: number }
enum Unit { One = 1, Two }
export async function handler(input: In, context: unknown): Promise<number> { return (input?.n as number ?? 40) + Unit.Two; }`), `42`},
		"export":        {files("agent.js", `export async function handler() { return "exported"; }`), `"exported"`},
		"export list":   {files("agent.js", `const handler = () => 1; export { handler };`), `1`},
		"default":       {files("agent.js", `export default async () => "default";`), `"default"`},
		"default table": {files("agent.js", `export default { handler() { return "table"; } };`), `"table"`},
		"import": {files("agent.js", `import { twice } from "./lib/twice.js"; import data from "./data.json"; export const handler = () => twice(data.n);`,
			"lib/twice.js", `export const twice = (n) => 2 * n;`, "data.json", `{"n": 21}`), `42`},
		"TypeScript by its later name": {files("agent.ts", `import { a } from "./a.js"; export const handler = () => a;`, "a.ts", `export const a: number = 7;`), `7`},
		"require":                      {files("agent.js", `const { a } = require("./a"); module.exports = { handler: () => a };`, "a.js", `exports.a = 5;`), `5`},
		"folder":                       {files("agent.js", `import a from "./lib"; export const handler = () => a;`, "lib/index.js", `export default 6;`), `6`},
		"npm": {files("agent.js", `import { left } from "pad"; import deep from "@of/scope/deep"; export const handler = () => left("x") + deep;`,
			"node_modules/pad/package.json", `{"main": "cjs.js", "exports": {".": {"require": "./cjs.js", "import": "./esm.mjs"}}}`,
			"node_modules/pad/cjs.js", `exports.left = () => "wrong";`, "node_modules/pad/esm.mjs", `export const left = (s) => "-" + s;`,
			"node_modules/@of/scope/package.json", `{"exports": {"./*": "./lib/*.js"}}`, "node_modules/@of/scope/lib/deep.js", `module.exports = "!";`), `"-x!"`},
		"for await": {files("agent.js", `
async function* three() { yield 1; yield 2; yield 3; }
async function handler() { let n = 0; for await (const i of three()) n += i; return n; }
module.exports = { handler };`), `6`},
		"for await without exports": {files("agent.js", `async function handler() { const out = []; for await (const i of [Promise.resolve(1), 2]) out.push(i); return out; }`), `[1,2]`},
		"await outside":             {files("agent.js", `const n = await Promise.resolve(41); export const handler = () => n + 1;`), `42`},
		"await outside, no exports": {files("agent.ts", `const n: number = await Promise.resolve(4); async function handler() { return n; }`), `4`},
		"await in an import":        {files("agent.js", `import { n } from "./n.js"; export const handler = () => n;`, "n.js", `export const n = await new Promise((r) => setTimeout(() => r(9), 1));`), `9`},
		"property escapes":          {files("agent.ts", `export const handler = () => ["Zoë", "1"].map((s) => /^[\p{L}]+$/u.test(s));`), `[true,false]`},
		"dynamic import":            {files("agent.js", `export const handler = async () => (await import("./n.js")).n;`, "n.js", `export const n = 3;`), `3`},
		"using":                     {files("agent.js", `export const handler = () => { const out = []; { using a = { [Symbol.dispose]() { out.push("gone"); } }; out.push("there"); } return out; };`), `["there","gone"]`},
		"decorators":                {files("agent.ts", `const twice = (f: any, _: any) => function (this: any) { return 2 * f.call(this); }; class A { @twice n() { return 8; } } export const handler = () => new A().n();`), `16`},
		"mark and hashbang":         {files("agent.js", "#!/usr/bin/env node\nexport const handler = () => 1;"), `1`},
		"further down in its file":  {agent.Source{Files: map[string][]byte{"a.pie": []byte(`export const handler = () => 2;`)}, Entry: "a.pie", Line: 12}, `2`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t)
			compiled, err := r.Compile(t.Context(), c.source)
			if err != nil || compiled.Err() != nil {
				t.Fatal(err, compiled.Err())
			}
			if compiled.Code == "" {
				t.Fatal("it was taken as it is")
			}
			job := agent.Job{Agent: "a", Code: compiled.Code, CodeName: c.source.Entry, CodeMap: compiled.Map}
			for range 2 {
				if got := r.Run(t.Context(), job, newWorld()); got.Status != history.OK || string(got.Result) != c.want {
					t.Fatalf("%s %s %v, want %s\n%s", got.Status, got.Result, got.Error, c.want, compiled.Code)
				}
			}
		})
	}
}

// TestCompilePlain: what runs as it is stays as it is.
func TestCompilePlain(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"exports":          `module.exports = { handler: async () => 1 };`,
		"bare functions":   `async function handler() { return await 1; }`,
		"property escapes": `module.exports = { handler: () => /\p{L}/u.test("é") };`,
		"words in texts":   `// import a from "b"` + "\n" + `module.exports = { handler: () => "export default" };`,
		"unknown require":  `let fs; try { fs = require("fs"); } catch {} module.exports = { handler: () => fs };`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compiled, err := newRunner(t).Compile(t.Context(), files("agent.js", text))
			if err != nil || compiled.Code != "" || compiled.Map != nil || compiled.Err() != nil {
				t.Fatalf("%v %+v", err, compiled)
			}
		})
	}
}

// TestPropertyEscapesPlain: code that is not compiled reads them rightly too.
func TestPropertyEscapesPlain(t *testing.T) {
	t.Parallel()
	got := newRunner(t).Run(t.Context(), agent.Job{Agent: "a", Code: `module.exports = { handler: () => [/^\p{L}+$/u.test("Zoë"), /\p{Script=Greek}/u.test("a")] };`}, newWorld())
	if string(got.Result) != `[true,false]` {
		t.Fatalf("%s %v", got.Result, got.Error)
	}
}

// TestCompileFinds holds each finding to its place.
func TestCompileFinds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		source      agent.Source
		level, code string
		file        string
		line, col   int
		text        string
	}{
		"syntax":             {files("agent.js", "const a = 1;\nconst = 5;\n"), "error", "syntax", "agent.js", 2, 7, "Expected identifier"},
		"TypeScript":         {files("agent.ts", "export const a: = 5;"), "error", "syntax", "agent.ts", 1, 17, "Unexpected"},
		"in another file":    {files("agent.js", `import "./b.js";`, "b.js", "\n\n  let let = 1;"), "error", "syntax", "b.js", 3, 7, "let"},
		"missing file":       {files("agent.js", `import a from "./none.js";`), "error", "import", "agent.js", 1, 15, "no file ./none.js"},
		"module of Node":     {files("agent.ts", "// first\nimport fs from \"node:fs\"; fs;"), "error", "import", "agent.ts", 2, 16, "no module node:fs"},
		"file of the host":   {files("agent.ts", `import x from "/etc/passwd"; x;`), "error", "import", "agent.ts", 1, 15, "/etc/passwd"},
		"out of the package": {files("agent.ts", `import x from "../../../../etc/hostname"; x;`), "error", "import", "agent.ts", 1, 15, "no file"},
		"pattern flag v":     {files("agent.js", "export const handler = () => {\n  return /a/v;\n};"), "error", "unsupported", "agent.js", 2, 10, "Invalid flags"},
		"pattern flag d":     {files("agent.js", "export const handler = () => {\n  return new RegExp('a', 'd');\n};"), "error", "regexp-flags", "agent.js", 2, 10, "flags d and v"},
		"growing text":       {files("agent.js", "module.exports = { handler() {\n  let s = '';\n  for (const a of []) {\n    s += a;\n  }\n  return s;\n} };"), "warning", "growing-text", "agent.js", 4, 5, "text s grows"},
		"growing, compiled":  {files("agent.ts", "export function handler(): string {\n  let s = '';\n  [1].forEach((a: number) => {\n    s += a;\n  });\n  return s;\n}"), "warning", "growing-text", "agent.ts", 4, 5, "text s grows"},
		"eval":               {files("agent.js", "module.exports = { handler: () => eval('1') };"), "warning", "eval", "agent.js", 1, 35, "while the agent runs"},
		"new Function":       {files("agent.ts", "export const handler = () =>\n  new Function('return 1')();"), "warning", "eval", "agent.ts", 2, 3, "while the agent runs"},
		"require":            {files("agent.js", "const fs = require('fs');\nmodule.exports = { handler() {} };"), "warning", "require", "agent.js", 1, 12, "finds nothing"},
		"further down":       {agent.Source{Files: map[string][]byte{"a.pie": []byte("\nexport const x = ;")}, Entry: "a.pie", Line: 9}, "error", "syntax", "a.pie", 10, 18, "Unexpected"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compiled, err := newRunner(t).Compile(t.Context(), c.source)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range compiled.Findings {
				if f.Code == c.code && f.Level == c.level && f.File == c.file && f.Line == c.line && f.Column == c.col && strings.Contains(f.Message, c.text) {
					if (c.level == "error") != (compiled.Err() != nil) {
						t.Fatalf("fault: %v", compiled.Err())
					}
					return
				}
			}
			t.Fatalf("findings: %+v", compiled.Findings)
		})
	}
}

// TestCompileFindsNothing: what is well is not complained about.
func TestCompileFindsNothing(t *testing.T) {
	t.Parallel()
	compiled, err := newRunner(t).Compile(t.Context(), files("agent.js", `let n = 0, s = ''; for (const a of [1, 2]) { n += a; } s += 'once'; module.exports = { handler: () => n + s };`))
	if err != nil || len(compiled.Findings) > 0 {
		t.Fatalf("%v %+v", err, compiled.Findings)
	}
}

// TestCompiledPlaces: what fails in a run names the author's line.
func TestCompiledPlaces(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		source agent.Source
		want   string
	}{
		"entry":         {files("agent.ts", "interface A { n: number }\n\nexport async function handler(a: A) {\n  throw new Error('no');\n}"), "agent.ts, line 4, column 9."},
		"first line":    {files("agent.ts", "export function handler(a: any) { throw new Error('no'); }"), "agent.ts, line 1, column 41."},
		"other file":    {files("agent.ts", "import { f } from './lib/f';\nexport const handler = () => f();", "lib/f.ts", "type T = string;\nexport function f(): T {\n  return (null as any).x;\n}"), "lib/f.ts, line 3, column 24."},
		"await outside": {files("agent.js", "const a = await 1;\nexport async function handler() {\n  await a;\n  throw new Error('no');\n}"), "agent.js, line 4, column 9."},
		"while loading": {files("agent.ts", "const a: any = undefined;\na.b();\nexport const handler = 1;"), "agent.ts, line 2, column 1."},
		".pie":          {agent.Source{Files: map[string][]byte{"a.pie": []byte("export function handler() {\n  throw new Error('no');\n}")}, Entry: "a.pie", Line: 7}, "a.pie, line 8, column 9."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t)
			compiled, err := r.Compile(t.Context(), c.source)
			if err != nil || compiled.Err() != nil {
				t.Fatal(err, compiled.Err())
			}
			for range 2 {
				got := r.Run(t.Context(), agent.Job{Agent: "a", Code: compiled.Code, CodeName: c.source.Entry, CodeMap: compiled.Map}, newWorld())
				if got.Status != history.Failed || got.Error.Hint != c.want {
					t.Fatalf("%s %+v", got.Status, got.Error)
				}
			}
		})
	}
}

// TestCompileHostile: sources that would end a compiler end a process and no more.
func TestCompileHostile(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"brackets":   strings.Repeat("(", 300_000),
		"arrays":     strings.Repeat("[", 300_000) + strings.Repeat("]", 300_000),
		"arrows":     strings.Repeat("a=>", 300_000) + "a",
		"not":        "x = " + strings.Repeat("!", 300_000) + "1",
		"types":      "type A = " + strings.Repeat("A<", 200_000),
		"templates":  strings.Repeat("`${", 200_000),
		"binary":     string([]byte{0, 255, 254, 10, 13, 0}),
		"else if":    strings.Repeat("if (a) b; else ", 200_000) + "c;",
		"new":        strings.Repeat("new ", 300_000) + "a",
		"functions":  strings.Repeat("function a(){", 100_000),
		"await":      "export const a = " + strings.Repeat("await ", 300_000) + "1;",
		"itself":     `import "./agent.ts"; export * from "./agent.ts";`,
		"own map":    "export const a = 1;\n//# sourceMappingURL=/etc/passwd",
		"references": `/// <reference path="/etc/passwd" />` + "\n" + `export const a = 1;`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t)
			compiled, err := r.Compile(t.Context(), files("agent.ts", text))
			t.Log(err, compiled.Err())
			if strings.Contains(compiled.Code, "root:") {
				t.Fatal("it read a file of the host")
			}
			after, err := r.Compile(t.Context(), files("agent.ts", "export const handler = () => 1;"))
			if err != nil || after.Err() != nil {
				t.Fatal(err, after.Err())
			}
		})
	}
}
