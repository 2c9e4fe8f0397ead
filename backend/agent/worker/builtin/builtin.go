// Package builtin gives a runtime the globals that agent code expects beside the
// language itself: JSON that cannot be used as a bomb, texts and bytes, addresses,
// random numbers, numbers and dates in the forms of a language, and what newer
// versions of the language have added.
//
// Everything is bounded and nothing reaches outside of the process. What needs an
// event loop or the host (timers, console, requests) is the worker's own. The
// classes are written in JavaScript, in the .js files here; what they compute is
// Go. Programs are compiled once for each process, and run when a global of
// theirs is first used.
package builtin

import (
	"errors"
	"fmt"
	"time"

	"github.com/dop251/goja"
)

// Options of Install.
type Options struct {
	TimeZone *time.Location // of dates and their texts; nil is UTC
}

var errNoLanguage = errors.New("the runtime lacks a part of the language")

// Install gives vm, which must be new, the globals. They can be replaced by the
// code, as in a browser; what the host itself uses does not go through them.
func Install(vm *goja.Runtime, o Options) error {
	if o.TimeZone == nil {
		o.TimeZone = time.UTC
	}
	for _, part := range []func(*goja.Runtime, Options) error{
		installJSON, installBytes, installText, installURL, installWeb, installCrypto, installIntl, installRegExp, installPrelude,
	} {
		if err := part(vm, o); err != nil {
			return err
		}
	}
	return nil
}

// define sets a property that does not show when properties are listed.
func define(vm *goja.Runtime, object *goja.Object, name string, value any) error {
	if err := object.DefineDataProperty(name, vm.ToValue(value), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
		return fmt.Errorf("defining %s: %w", name, err)
	}
	return nil
}

// method defines a function with the name and length that the code can see.
func method(vm *goja.Runtime, object *goja.Object, name string, length int, fn func(goja.FunctionCall) goja.Value) error {
	made := vm.ToValue(fn).ToObject(vm)
	if err := made.DefineDataProperty("name", vm.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
		return fmt.Errorf("naming %s: %w", name, err)
	}
	if err := made.DefineDataProperty("length", vm.ToValue(length), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
		return fmt.Errorf("naming %s: %w", name, err)
	}
	return define(vm, object, name, made)
}

// lazy defines a global that is made when it is first used.
func lazy(vm *goja.Runtime, name string, build func() goja.Value) error {
	global := vm.GlobalObject()
	getter := func(goja.FunctionCall) goja.Value {
		value := build()
		_ = define(vm, global, name, value)
		return value
	}
	setter := func(c goja.FunctionCall) goja.Value {
		_ = define(vm, global, name, c.Argument(0))
		return goja.Undefined()
	}
	if err := global.DefineAccessorProperty(name, vm.ToValue(getter), vm.ToValue(setter), goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
		return fmt.Errorf("defining %s: %w", name, err)
	}
	return nil
}

// natives are the functions that a program of this package calls.
type natives map[string]func(goja.FunctionCall) goja.Value

// group defines globals that come from one program, which runs when the first of
// them is used. The program is a function of its natives that returns an object.
func group(vm *goja.Runtime, program func() *goja.Program, names []string, calls func() natives) error {
	var made *goja.Object
	build := func(name string) goja.Value {
		if made == nil {
			made = run(vm, program(), calls())
		}
		return made.Get(name)
	}
	for _, name := range names {
		if err := lazy(vm, name, func() goja.Value { return build(name) }); err != nil {
			return err
		}
	}
	return nil
}

// run runs a program of this package; what it throws is thrown on.
func run(vm *goja.Runtime, program *goja.Program, calls natives) *goja.Object {
	value, err := vm.RunProgram(program)
	if err != nil {
		panic(err)
	}
	fn, ok := goja.AssertFunction(value)
	if !ok {
		panic(vm.NewTypeError("a program of the worker is no function"))
	}
	object := vm.NewObject()
	for name, call := range calls {
		if err := method(vm, object, name, 0, call); err != nil {
			panic(err)
		}
	}
	made, err := fn(goja.Undefined(), object)
	if err != nil {
		panic(err)
	}
	return made.ToObject(vm)
}

// newError makes an error of one of the language's own kinds.
func newError(vm *goja.Runtime, kind, message string) goja.Value {
	constructor, ok := goja.AssertConstructor(vm.GlobalObject().Get(kind))
	if ok {
		if made, err := constructor(nil, vm.ToValue(message)); err == nil {
			return made
		}
	}
	return vm.NewTypeError("%s", message)
}
