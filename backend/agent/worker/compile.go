package worker

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"
	"github.com/go-sourcemap/sourcemap"

	"pie/backend/agent/wire"
	"pie/backend/agent/worker/builtin"
)

// The code stands in a function, so that its names are its own. The functions
// that an agent may leave unexported are handed out behind it.
const (
	opening = "(function(module,exports,require){"
	closing = "\n;return{" +
		"handler:typeof handler==='function'?handler:undefined," +
		"onConnect:typeof onConnect==='function'?onConnect:undefined," +
		"onWebhook:typeof onWebhook==='function'?onWebhook:undefined," +
		"onPluginEvent:typeof onPluginEvent==='function'?onPluginEvent:undefined}})"
)

// compile returns the program of the job, from the cache where it can. Lines are
// those of the author's file.
func (w *worker) compile(job wire.Job, code []byte) (*program, error) {
	if known := w.programs[job.Hash]; known != nil {
		return known, known.err
	}
	if len(w.programs) >= mostPrograms {
		clear(w.programs)
	}
	p := &program{files: append(sourcesOf(job.Map), job.Name)}
	p.main, p.err = compile(job, string(code))
	w.programs[job.Hash] = p
	return p, p.err
}

func compile(job wire.Job, code string) (*goja.Program, error) {
	tree, err := parse(job, code)
	if err != nil {
		return nil, err
	}
	main, err := goja.CompileAST(tree, false)
	if err != nil {
		return nil, syntaxError(job, err)
	}
	return main, nil
}

// parse reads the code in its function. Places in the tree are the author's.
func parse(job wire.Job, code string) (*ast.Program, error) {
	code = strings.TrimPrefix(code, "\uFEFF")
	if strings.HasPrefix(code, "#!") {
		code = "//" + code
	}
	if err := builtin.CheckDepth(code, maxNest); err != nil {
		return nil, scriptError{message: job.Name + ": the code is nested too deeply to be read.", hint: "Take the deepest parts out into functions or data."}
	}
	source := strings.Repeat("\n", job.Line-1) + opening + code + closing
	option := parser.WithDisableSourceMaps
	if len(job.Map) > 0 {
		source += "\n//# sourceMappingURL=map"
		option = parser.WithSourceMapLoader(func(string) ([]byte, error) { return job.Map, nil })
	}
	tree, err := parser.ParseFile(nil, job.Name, source, 0, option)
	if err != nil {
		return nil, syntaxError(job, err)
	}
	builtin.FixRegExps(tree)
	return tree, nil
}

// syntaxError says in the author's words where the code cannot be read.
func syntaxError(job wire.Job, err error) error {
	var list parser.ErrorList
	var single *goja.CompilerSyntaxError
	at := wire.Finding{File: job.Name}
	switch {
	case errors.As(err, &list) && len(list) > 0:
		at.Line, at.Column, at.Message = list[0].Position.Line, list[0].Position.Column, list[0].Message
		at.File, at.Line, at.Column = original(job, at.Line, at.Column)
	case errors.As(err, &single):
		at.Message = single.Message
		if single.File != nil {
			place := single.File.Position(single.Offset)
			at.File, at.Line, at.Column = place.Filename, place.Line, place.Column
		}
	default:
		return scriptError{message: job.Name + ": the code cannot be read.", hint: syntaxHint}
	}
	at.Message = strings.TrimSuffix(at.Message, ".") + "."
	if at.Line == 0 {
		return scriptError{at.File + ": " + at.Message, syntaxHint, &at}
	}
	at.Column = column(job, at.Line, at.Column)
	return scriptError{fmt.Sprintf("%s, line %d, column %d: %s", at.File, at.Line, at.Column, at.Message), syntaxHint, &at}
}

// original is the author's place of one in compiled code. The parser itself looks
// at the map only when it is done.
func original(job wire.Job, line, col int) (name string, row, column int) {
	if len(job.Map) > 0 {
		if m, err := sourcemap.Parse("", job.Map); err == nil {
			if source, _, row, column, ok := m.Source(line, col); ok {
				return source, row, column
			}
		}
	}
	return job.Name, line, col
}

const syntaxHint = "Correct this line."

// column leaves out what was put before the first line.
func column(job wire.Job, line, col int) int {
	if line == job.Line && !job.Compiled {
		return max(1, col-len(opening))
	}
	return col
}
