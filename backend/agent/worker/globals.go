package worker

import (
	"container/heap"
	"errors"
	"strings"
	"time"

	"github.com/dop251/goja"

	"pie/backend/agent/wire"
)

// globals gives the runtime what needs the event loop or the host: console,
// timers, and words of help where people expect more than there is.
func (r *run) globals() error {
	global := r.vm.GlobalObject()
	console := r.vm.NewObject()
	for name, level := range map[string]string{
		"log": "info", "info": "info", "debug": "debug", "warn": "warn", "error": "error", "trace": "debug", "dir": "info", "table": "info",
	} {
		if err := console.Set(name, r.logger(level)); err != nil {
			return err
		}
	}
	for name, value := range map[string]any{
		"console":        console,
		"setTimeout":     r.timerFunc(false),
		"setInterval":    r.timerFunc(true),
		"setImmediate":   r.immediate,
		"clearTimeout":   r.clearTimer,
		"clearInterval":  r.clearTimer,
		"clearImmediate": r.clearTimer,
		"queueMicrotask": r.microtask,
		"fetch": func(goja.FunctionCall) goja.Value {
			panic(r.vm.NewTypeError("fetch is not available here: use context.fetch or context.oauth.fetch"))
		},
	} {
		if err := global.DefineDataProperty(name, r.vm.ToValue(value), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) logger(level string) func(goja.FunctionCall) goja.Value {
	return func(c goja.FunctionCall) goja.Value {
		if r.logCut {
			return goja.Undefined()
		}
		parts := make([]string, len(c.Arguments))
		for i, argument := range c.Arguments {
			parts[i] = inspect(r.vm, argument)
		}
		text := validText(strings.Join(parts, " "))
		r.logged += len(text) + 16
		if len(text) > wire.MaxLogs {
			text = wire.Cut(text, wire.MaxLogs-64)
		}
		r.logCut = r.logged > wire.MaxLogs
		_ = r.w.send(wire.Log, 0, wire.Line{Level: level, Text: text}, nil)
		if r.logCut {
			_ = r.w.send(wire.Log, 0, wire.Line{Level: "warn", Text: "More was logged than the 256 KB of a run; the rest is left out."}, nil)
		}
		return goja.Undefined()
	}
}

// timer is one timer; the heap is ordered by time, then by the order of setting.
type timer struct {
	id    int64
	at    time.Time
	every time.Duration
	fn    goja.Callable
	args  []goja.Value
	index int
}

type timers []*timer

func (t timers) Len() int { return len(t) }
func (t timers) Less(i, j int) bool {
	if t[i].at.Equal(t[j].at) {
		return t[i].id < t[j].id
	}
	return t[i].at.Before(t[j].at)
}
func (t timers) Swap(i, j int) { t[i], t[j] = t[j], t[i]; t[i].index, t[j].index = i, j }

// Push is heap.Interface's.
func (t *timers) Push(x any) {
	one, _ := x.(*timer)
	one.index = len(*t)
	*t = append(*t, one)
}

// Pop is heap.Interface's.
func (t *timers) Pop() any {
	old := *t
	one := old[len(old)-1]
	old[len(old)-1] = nil
	*t = old[:len(old)-1]
	one.index = -1
	return one
}

func (r *run) timerFunc(repeat bool) func(goja.FunctionCall) goja.Value {
	return func(c goja.FunctionCall) goja.Value {
		fn, ok := goja.AssertFunction(c.Argument(0))
		if !ok {
			panic(r.vm.NewTypeError("The first argument of a timer is a function."))
		}
		if len(r.timerIDs) >= maxTimers {
			panic(r.vm.NewTypeError("There are more than 10,000 timers."))
		}
		delay := time.Duration(min(max(c.Argument(1).ToFloat(), 1), 1<<31)) * time.Millisecond
		t := &timer{at: time.Now().Add(delay), fn: fn}
		if len(c.Arguments) > 2 {
			t.args = c.Arguments[2:]
		}
		if repeat {
			t.every = delay
		}
		return r.vm.ToValue(r.add(t))
	}
}

func (r *run) add(t *timer) int64 {
	r.nextID++
	t.id = r.nextID
	r.timerIDs[t.id] = t
	heap.Push(&r.timers, t)
	return t.id
}

func (r *run) immediate(c goja.FunctionCall) goja.Value {
	fn, ok := goja.AssertFunction(c.Argument(0))
	if !ok {
		panic(r.vm.NewTypeError("The argument of setImmediate is a function."))
	}
	t := &timer{at: time.Time{}, fn: fn}
	if len(c.Arguments) > 1 {
		t.args = c.Arguments[1:]
	}
	return r.vm.ToValue(r.add(t))
}

func (r *run) clearTimer(c goja.FunctionCall) goja.Value {
	id := c.Argument(0).ToInteger()
	if t := r.timerIDs[id]; t != nil {
		delete(r.timerIDs, id)
		if t.index >= 0 {
			heap.Remove(&r.timers, t.index)
		}
	}
	return goja.Undefined()
}

// fire runs a timer that is due; what it throws ends the run.
func (r *run) fire(t *timer) {
	if t.every > 0 {
		t.at = time.Now().Add(t.every)
		heap.Push(&r.timers, t)
	} else {
		delete(r.timerIDs, t.id)
	}
	if _, err := t.fn(goja.Undefined(), t.args...); err != nil {
		panic(err)
	}
}

func (r *run) microtask(c goja.FunctionCall) goja.Value {
	fn, ok := goja.AssertFunction(c.Argument(0))
	if !ok {
		panic(r.vm.NewTypeError("The argument of queueMicrotask is a function."))
	}
	promise, resolve, _ := r.vm.NewPromise()
	then, _ := goja.AssertFunction(r.vm.ToValue(promise).ToObject(r.vm).Get("then"))
	_, _ = then(r.vm.ToValue(promise), r.vm.ToValue(func(goja.FunctionCall) goja.Value {
		if _, err := fn(goja.Undefined()); err != nil {
			r.tasks = append(r.tasks, func() { panic(err) })
		}
		return goja.Undefined()
	}))
	_ = resolve(goja.Undefined())
	return goja.Undefined()
}

// require explains why there is nothing to require.
func (r *run) require(c goja.FunctionCall) goja.Value {
	panic(r.vm.ToValue(r.errorValue(errors.New("require(" + c.Argument(0).String() + ") is not available: an agent is one file."))))
}

func (r *run) errorValue(err error) *goja.Object {
	made, failed := r.vm.New(r.vm.GlobalObject().Get("Error"), r.vm.ToValue(err.Error()))
	if failed != nil {
		return r.vm.NewGoError(err)
	}
	return made
}
