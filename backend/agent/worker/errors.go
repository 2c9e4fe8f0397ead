package worker

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/dop251/goja"

	"pie/backend/agent/wire"
)

// scriptError is a fault of the code that the worker itself found.
type scriptError struct {
	message, hint string
	at            *wire.Finding // its place, where there is one
}

func (e scriptError) Error() string { return e.message }

// rejection is a promise that was rejected with value.
type rejection struct{ value goja.Value }

func (e rejection) Error() string { return "rejected" }

const codeScript = "script"

// faultOf says what was thrown. A fault of the host keeps its code; everything
// else is the script's.
func (r *run) faultOf(err error) *wire.Fault {
	var own scriptError
	var rejected rejection
	var overflow *goja.StackOverflowError
	var thrown *goja.Exception
	switch {
	case errors.As(err, &own):
		return &wire.Fault{Code: codeScript, Message: own.message, Hint: own.hint}
	case errors.As(err, &rejected):
		return r.describe(rejected.value, nil)
	case errors.As(err, &overflow):
		return &wire.Fault{Code: codeScript, Message: "RangeError: Maximum call stack size exceeded", Hint: "A function calls itself too often."}
	case errors.As(err, &thrown):
		return r.describe(thrown.Value(), thrown)
	}
	return &wire.Fault{Code: codeScript, Message: wire.Cut(err.Error(), wire.MaxText)}
}

// crashed is for a panic of the engine itself, or a limit that was met while an
// error was read. Such a process is not used again: no heap is larger.
func crashed(cause any) wire.Outcome {
	if stopped, ok := cause.(*goja.InterruptedError); ok {
		if why, ok := stopped.Value().(interrupt); ok {
			return wire.Outcome{End: string(why), Heap: math.MaxUint64}
		}
	}
	return wire.Outcome{End: wire.EndThrown, Heap: math.MaxUint64, Fault: &wire.Fault{
		Code: codeScript, Message: "The code does something that this version cannot run.", Hint: "Its author can find the part by leaving others out.",
	}}
}

func (r *run) describe(value goja.Value, thrown *goja.Exception) *wire.Fault {
	object, isObject := value.(*goja.Object)
	if known := r.faults[object]; isObject && known != nil {
		return known
	}
	f := &wire.Fault{Code: codeScript}
	if e := r.vm.Try(func() { f.Message, f.Hint = r.read(value) }); e != nil || f.Message == "" {
		f.Message = "The code failed with a value that cannot be shown."
	}
	f.Message = wire.Cut(f.Message, wire.MaxText)
	if f.Hint == "" && thrown != nil {
		for _, frame := range thrown.Stack() {
			if at := frame.Position(); slices.Contains(r.files, at.Filename) && at.Line > 0 {
				f.Hint = fmt.Sprintf("%s, line %d, column %d.", at.Filename, at.Line, column(r.job, at.Line, at.Column))
				break
			}
		}
	}
	return f
}

// read takes the text and the place of an error; it may run the code's getters.
func (r *run) read(value goja.Value) (message, hint string) {
	object, ok := value.(*goja.Object)
	if !ok {
		if value == nil {
			return "undefined", ""
		}
		return value.String(), ""
	}
	text := object.Get("message")
	if text == nil || goja.IsUndefined(text) {
		return inspect(r.vm, value), ""
	}
	message = text.String()
	if name := object.Get("name"); name != nil && !goja.IsUndefined(name) && name.String() != "Error" {
		message = name.String() + ": " + message
	}
	if stack := object.Get("stack"); stack != nil {
		hint = r.place(stack.String())
	}
	return message, hint
}

// hostError makes the Error that a fault becomes for the code: with code and
// hint beside its message.
func (r *run) hostError(f *wire.Fault) *goja.Object {
	made, err := r.vm.New(r.vm.GlobalObject().Get("Error"), r.vm.ToValue(f.Message))
	if err != nil {
		made = r.vm.NewGoError(errors.New(f.Message))
	}
	_ = made.Set("code", f.Code)
	_ = made.Set("hint", f.Hint)
	r.faults[made] = f
	return made
}
