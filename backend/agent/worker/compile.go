package worker

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

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
func (w *worker) compile(job wire.Job, code []byte) (*goja.Program, error) {
	if known := w.programs[job.Hash]; known != nil {
		return known.main, known.err
	}
	if len(w.programs) >= mostPrograms {
		clear(w.programs)
	}
	p := &program{}
	p.main, p.err = compile(job, string(code))
	w.programs[job.Hash] = p
	return p.main, p.err
}

func compile(job wire.Job, code string) (*goja.Program, error) {
	code = strings.TrimPrefix(code, "\uFEFF")
	if strings.HasPrefix(code, "#!") {
		code = "//" + code
	}
	if err := builtin.CheckDepth(code, maxNest); err != nil {
		return nil, scriptError{job.Name + ": the code is nested too deeply to be read.", "Take the deepest parts out into functions or data."}
	}
	source := strings.Repeat("\n", job.Line-1) + opening + code + closing
	tree, err := parser.ParseFile(nil, job.Name, source, 0, parser.WithDisableSourceMaps)
	if err != nil {
		return nil, syntaxError(job, err)
	}
	main, err := goja.CompileAST(tree, false)
	if err != nil {
		return nil, syntaxError(job, err)
	}
	return main, nil
}

// syntaxError says in the author's words where the code cannot be read.
func syntaxError(job wire.Job, err error) error {
	var list parser.ErrorList
	var single *goja.CompilerSyntaxError
	switch {
	case errors.As(err, &list) && len(list) > 0:
		at := list[0].Position
		return scriptError{fmt.Sprintf("%s, line %d, column %d: %s.", job.Name, at.Line, column(job, at.Line, at.Column), strings.TrimSuffix(list[0].Message, ".")), syntaxHint}
	case errors.As(err, &single):
		if single.File != nil {
			at := single.File.Position(single.Offset)
			return scriptError{fmt.Sprintf("%s, line %d, column %d: %s.", job.Name, at.Line, column(job, at.Line, at.Column), single.Message), syntaxHint}
		}
		return scriptError{fmt.Sprintf("%s: %s.", job.Name, single.Message), syntaxHint}
	}
	return scriptError{job.Name + ": the code cannot be read.", syntaxHint}
}

const syntaxHint = "The language here has no import, no export, no await outside of functions and no for await."

// column leaves out what was put before the first line.
func column(job wire.Job, line, col int) int {
	if line == job.Line {
		return max(1, col-len(opening))
	}
	return col
}
