package worker

import (
	"container/heap"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/dop251/goja"

	"pie/backend/agent/wire"
	"pie/backend/agent/worker/builtin"
)

// interrupt is why a script was stopped.
type interrupt string

const (
	interruptTime   interrupt = wire.EndTime
	interruptMemory interrupt = wire.EndMemory
)

const (
	callDepth = 1500 // JavaScript frames
	maxNest   = 2000 // brackets in source, which the parser descends into
	maxTimers = 10_000
	maxQueued = 10_000 // host calls that wait for a place
)

// program is compiled code.
type program struct {
	main  *goja.Program
	files []string // of the author
	err   error
}

// run is one run: a runtime and its event loop, all on one goroutine.
type run struct {
	w         *worker
	vm        *goja.Runtime
	zone      string        // of its dates, an IANA name
	stringify goja.Callable // the engine's own, whatever the code makes of JSON
	job       wire.Job

	tasks    []func()
	timers   timers
	timerIDs map[int64]*timer
	nextID   int64
	calls    map[uint32]pending
	queued   []call
	faults   map[*goja.Object]*wire.Fault // errors that the host made
	logged   int
	logCut   bool
	files    []string // of the author, for places
}

// pending is a host call that waits for its answer.
type pending struct {
	op              string
	resolve, reject func(any) error
}

// call is a host call that waits for a place among those in flight.
type call struct {
	head    wire.Request
	body    []byte
	waiting pending
}

// newRun makes a runtime with all that does not depend on a job.
func newRun(w *worker, zone string) (*run, error) {
	r := &run{
		w: w, vm: goja.New(), zone: zone, timerIDs: map[int64]*timer{}, calls: map[uint32]pending{},
		faults: map[*goja.Object]*wire.Fault{},
	}
	r.vm.SetMaxCallStackSize(callDepth)
	location, err := time.LoadLocation(zone)
	if err != nil {
		location = time.UTC
	}
	if err := builtin.Install(r.vm, builtin.Options{TimeZone: location}); err != nil {
		return nil, fmt.Errorf("installing built-ins: %w", err)
	}
	if err := r.globals(); err != nil {
		return nil, fmt.Errorf("installing globals: %w", err)
	}
	object := r.vm.GlobalObject().Get("JSON").ToObject(r.vm)
	r.stringify, _ = goja.AssertFunction(object.Get("stringify"))
	return r, nil
}

func (r *run) close() {
	r.vm.ClearInterrupt()
	clear(r.job.Secrets)
	r.tasks, r.timers, r.queued, r.calls, r.timerIDs = nil, nil, nil, nil, nil
}

func (r *run) perform(code []byte) (wire.Outcome, []byte) {
	main, err := r.w.compile(r.job, code)
	if err != nil {
		return r.failed(err)
	}
	r.files = main.files
	value, err := r.call(main.main)
	if err == nil {
		value, err = r.settle(value)
	}
	if err != nil {
		return r.failed(err)
	}
	return r.result(value)
}

// result writes the value as JSON while the limits still hold: a getter in it is
// code too.
func (r *run) result(value goja.Value) (wire.Outcome, []byte) {
	if value == nil || goja.IsUndefined(value) {
		return wire.Outcome{End: wire.EndOK}, []byte("null")
	}
	text, err := r.stringify(goja.Undefined(), value)
	if err != nil {
		return r.failed(err)
	}
	if goja.IsUndefined(text) {
		return wire.Outcome{End: wire.EndOK}, []byte("null")
	}
	out := []byte(validText(text.String()))
	if len(out) > wire.MaxResult {
		return wire.Outcome{End: wire.EndResult}, nil
	}
	return wire.Outcome{End: wire.EndOK}, out
}

// call finds the function that the job names and calls it.
func (r *run) call(main *goja.Program) (goja.Value, error) {
	wrapper, err := r.vm.RunProgram(main)
	if err != nil {
		return nil, err
	}
	enter, _ := goja.AssertFunction(wrapper)
	module := r.vm.NewObject()
	exports := r.vm.NewObject()
	if err := module.Set("exports", exports); err != nil {
		return nil, err
	}
	found, err := enter(goja.Undefined(), module, exports, r.vm.ToValue(r.require))
	if err != nil {
		return nil, err
	}
	if err := r.await(module); err != nil {
		return nil, err
	}
	fn, err := r.function(module, found)
	if err != nil {
		return nil, err
	}
	input, err := builtin.ParseJSON(r.vm, string(r.job.Input))
	if err != nil {
		return nil, err
	}
	context, err := r.context(input)
	if err != nil {
		return nil, err
	}
	return fn(goja.Undefined(), input, context)
}

// await waits for exports that are a promise: code with await outside of
// functions has its exports only later.
func (r *run) await(module *goja.Object) error {
	exports, err := r.settle(module.Get("exports"))
	if err != nil {
		return err
	}
	return module.Set("exports", exports)
}

// function looks among the exports, then among the functions of the file: the
// platform's own example exports nothing.
func (r *run) function(module *goja.Object, found goja.Value) (goja.Callable, error) {
	name := r.job.Function
	if exports, ok := module.Get("exports").(*goja.Object); ok {
		if fn, ok := goja.AssertFunction(exports.Get(name)); ok {
			return fn, nil
		}
		if fn := byDefault(exports, name); fn != nil {
			return fn, nil
		}
		if fn, ok := goja.AssertFunction(exports); ok && name == "handler" {
			return fn, nil
		}
	}
	if list, ok := found.(*goja.Object); ok {
		if fn, ok := goja.AssertFunction(list.Get(name)); ok {
			return fn, nil
		}
	}
	return nil, scriptError{message: fmt.Sprintf("%s has no function %s.", r.job.Name, name), hint: "An agent exports it: module.exports = { " + name + " }."}
}

// byDefault looks at the default export: the handler itself, or an object of
// functions.
func byDefault(exports *goja.Object, name string) goja.Callable {
	chosen, ok := exports.Get("default").(*goja.Object)
	if !ok {
		return nil
	}
	if fn, ok := goja.AssertFunction(chosen); ok && name == "handler" {
		return fn
	}
	fn, _ := goja.AssertFunction(chosen.Get(name))
	return fn
}

// settle waits for a promise: tasks first, then timers and answers. A promise
// that nothing can settle any more is an error at once.
func (r *run) settle(value goja.Value) (goja.Value, error) {
	object, ok := value.(*goja.Object)
	if !ok || object.ExportType() != reflect.TypeFor[*goja.Promise]() {
		return value, nil
	}
	promise, ok := object.Export().(*goja.Promise)
	if !ok {
		return value, nil
	}
	for promise.State() == goja.PromiseStatePending {
		if err := r.turn(); err != nil {
			return nil, err
		}
	}
	if promise.State() == goja.PromiseStateRejected {
		return nil, rejection{promise.Result()}
	}
	return promise.Result(), nil
}

var errNever = scriptError{
	message: "The function never ends: it waits for something that cannot happen any more.",
	hint:    "A promise in it is never resolved, or an await is missing.",
}

// turn does one step of the event loop.
func (r *run) turn() error {
	if len(r.tasks) > 0 {
		task := r.tasks[0]
		r.tasks = r.tasks[1:]
		return r.protect(task)
	}
	var due <-chan time.Time
	if len(r.timers) > 0 {
		wait := time.NewTimer(time.Until(r.timers[0].at))
		defer wait.Stop()
		due = wait.C
	} else if len(r.calls) == 0 {
		return errNever
	}
	limit := time.NewTimer(time.Duration(r.job.WallMS) * time.Millisecond)
	defer limit.Stop()
	select {
	case frame := <-r.w.frames:
		return r.protect(func() { r.answered(frame) })
	case <-due:
		next, _ := heap.Pop(&r.timers).(*timer)
		return r.protect(func() { r.fire(next) })
	case <-limit.C:
		return interrupted(interruptTime)
	}
}

// interrupted is an interrupt that no script was running for.
type interrupted interrupt

func (i interrupted) Error() string { return string(i) }

// protect runs a step that may run JavaScript. As a call from outside, it ends
// with the engine's queue of promise jobs drained.
func (r *run) protect(step func()) error {
	fn, _ := goja.AssertFunction(r.vm.ToValue(func(goja.FunctionCall) goja.Value {
		step()
		return goja.Undefined()
	}))
	_, err := fn(goja.Undefined())
	return err
}

// failed turns an error of the engine into an outcome.
func (r *run) failed(err error) (wire.Outcome, []byte) {
	if stopped, ok := errors.AsType[*goja.InterruptedError](err); ok {
		if why, ok := stopped.Value().(interrupt); ok {
			return wire.Outcome{End: string(why)}, nil
		}
	}
	if late, ok := errors.AsType[interrupted](err); ok {
		return wire.Outcome{End: string(late)}, nil
	}
	return wire.Outcome{End: wire.EndThrown, Fault: r.faultOf(err)}, nil
}
