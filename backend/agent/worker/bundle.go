package worker

import (
	"encoding/json"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/evanw/esbuild/pkg/api"

	"pie/backend/agent/wire"
	"pie/backend/agent/worker/builtin"
)

// namespace of the files of a package: nothing in it is a file of the machine.
const namespace = "pie"

// later is what stands around code that awaits outside of functions: its exports
// are a promise then.
const (
	laterBegin = "module.exports=(async()=>{let $exports={};const $register=m=>{$exports=m};"
	laterEnd   = "\nreturn Object.assign({" +
		"handler:typeof handler==='function'?handler:undefined," +
		"onConnect:typeof onConnect==='function'?onConnect:undefined," +
		"onWebhook:typeof onWebhook==='function'?onWebhook:undefined," +
		"onPluginEvent:typeof onPluginEvent==='function'?onPluginEvent:undefined},$exports)})();"
)

var errNoMap = errors.New("the compiler gave no source map")

// compiled answers one Compile; false is the end of the conversation.
func (w *worker) compiled(frame wire.Frame) bool {
	var source wire.Source
	if json.Unmarshal(frame.Head, &source) != nil {
		return false
	}
	build, code := safely(source)
	return w.send(wire.Compiled, 0, build, code) == nil
}

// safely makes a panic of the compiler the end of this source only.
func safely(source wire.Source) (b wire.Build, code []byte) {
	defer func() {
		if r := recover(); r != nil {
			b, code = wire.Build{Findings: []wire.Finding{{
				File: source.Entry, Level: wire.LevelError, Code: "compiler",
				Message: "The code does something that this version cannot compile.", Fix: "Find the part by leaving others out.",
			}}}, nil
		}
	}()
	source.Line = max(source.Line, 1)
	return bundle(source)
}

// bundle makes one script of the package's files, or finds that the entry is one.
func bundle(source wire.Source) (wire.Build, []byte) {
	entry, known := source.Files[source.Entry]
	if !known {
		return failedBuild(wire.Finding{File: source.Entry, Message: "The package has no such file.", Code: "no-file"}), nil
	}
	job := wire.Job{Name: source.Entry, Line: source.Line}
	if isScript(source.Entry) && !requires(source) {
		if tree, err := readable(job, string(entry)); err == nil {
			return wire.Build{Plain: true, Findings: inspectTree(tree, job)}, nil
		}
	}
	for name, text := range source.Files {
		if builtin.CheckDepth(string(text), maxNest) != nil {
			return failedBuild(wire.Finding{
				File: name, Code: "depth", Message: "The code is nested too deeply to be read.", Fix: "Take the deepest parts out into functions or data.",
			}), nil
		}
	}
	result, begin, end := build(source, api.FormatCommonJS), "", ""
	if slices.ContainsFunc(result.Errors, func(m api.Message) bool { return strings.HasPrefix(m.Text, "Top-level await is") }) {
		result, begin, end = build(source, api.FormatESModule), laterBegin, laterEnd
	}
	findings := findingsOf(result)
	if len(result.Errors) > 0 {
		return wire.Build{Findings: findings}, nil
	}
	code, mapping, err := outputs(result)
	if err != nil {
		return failedBuild(wire.Finding{File: source.Entry, Message: err.Error(), Code: "compiler"}), nil
	}
	out := begin + "\n" + code + end
	job.Map, job.Line, job.Compiled = mapping, 1, true
	tree, err := readable(job, out)
	if err != nil {
		return failedBuild(placed(err, source.Entry)), nil
	}
	return wire.Build{Map: mapping, Findings: append(findings, inspectTree(tree, job)...)}, []byte(out)
}

// readable parses the code and holds that the engine can compile the tree.
func readable(job wire.Job, code string) (*ast.Program, error) {
	tree, err := parse(job, code)
	if err != nil {
		return nil, err
	}
	if _, err := goja.CompileAST(tree, false); err != nil {
		return nil, syntaxError(job, err)
	}
	return tree, nil
}

func failedBuild(f wire.Finding) wire.Build {
	f.Level = wire.LevelError
	return wire.Build{Findings: []wire.Finding{f}}
}

func isScript(name string) bool {
	switch path.Ext(name) {
	case ".ts", ".mts", ".cts", ".tsx", ".jsx":
		return false
	}
	return true
}

// build bundles for the engine: what it lacks is lowered. The file map is all
// that the compiler can read.
func build(source wire.Source, format api.Format) api.BuildResult {
	o := api.BuildOptions{
		Bundle: true, Format: format, Platform: api.PlatformNeutral, Target: api.ESNext,
		Supported: map[string]bool{
			"async-generator": false, "for-await": false, "using": false, "decorators": false, "import-meta": false,
			"dynamic-import": false, "hashbang": false, "regexp-sticky-and-unicode-flags": false,
		},
		Sourcemap: api.SourceMapExternal, SourcesContent: api.SourcesContentExclude, Outfile: "/out.js",
		AbsWorkingDir: "/", TsconfigRaw: "{}", LogLevel: api.LogLevelSilent, TreeShaking: api.TreeShakingFalse,
		Charset: api.CharsetUTF8, LegalComments: api.LegalCommentsEndOfFile,
		Plugins: []api.Plugin{fileMap(source)},
	}
	if format == api.FormatESModule {
		o.Stdin = &api.StdinOptions{Contents: `import * as m from "./` + source.Entry + `";$register(m)`, Sourcefile: "$entry"}
	} else {
		o.EntryPoints = []string{source.Entry}
	}
	return api.Build(o)
}

func outputs(result api.BuildResult) (code string, mapping []byte, err error) {
	for _, file := range result.OutputFiles {
		switch path.Ext(file.Path) {
		case ".js":
			code = string(file.Contents)
		case ".map":
			if mapping, err = adapt(file.Contents); err != nil {
				return "", nil, err
			}
		}
	}
	if mapping == nil {
		err = errNoMap
	}
	return code, mapping, err
}

func findingsOf(result api.BuildResult) []wire.Finding {
	out := []wire.Finding{}
	add := func(level string, messages []api.Message) {
		for _, m := range messages {
			f := wire.Finding{Level: level, Code: "syntax", Message: strings.TrimSuffix(m.Text, ".") + ".", Fix: "Correct this line."}
			if at := m.Location; at != nil {
				f.File, f.Line, f.Column = strings.TrimPrefix(at.File, namespace+":"), at.Line, at.Column+1
			}
			if m.Detail != nil {
				f.Code, f.Fix = "import", "Put the file or the npm package (under node_modules) into the agent's folder."
			}
			if level == wire.LevelWarning && strings.HasPrefix(f.File, "node_modules/") {
				continue
			}
			out = append(out, f)
		}
	}
	add(wire.LevelError, result.Errors)
	add(wire.LevelWarning, result.Warnings)
	return out
}
