// Package builtin gives a runtime the globals that agent code expects beside the
// language itself: JSON that cannot be used as a bomb, texts and bytes, addresses,
// random numbers, and what newer versions of the language have added.
//
// Everything is bounded and nothing reaches outside the process. What needs an
// event loop or the host (timers, console, requests) is the worker's own.
package builtin

import (
	"fmt"
	"time"

	"github.com/dop251/goja"
)

// Options of Install.
type Options struct {
	TimeZone *time.Location // of dates and their texts
}

// Install gives vm the globals. They can be replaced by the code, as in a
// browser; what the host itself uses does not go through them.
func Install(vm *goja.Runtime, o Options) error {
	if o.TimeZone == nil {
		o.TimeZone = time.UTC
	}
	for _, part := range []func(*goja.Runtime, Options) error{installJSON, installBytes, installText, installCrypto, installModules, installDates, installPrelude} {
		if err := part(vm, o); err != nil {
			return err
		}
	}
	return nil
}

// define sets a global that does not show when globals are listed.
func define(vm *goja.Runtime, object *goja.Object, name string, value any) error {
	if err := object.DefineDataProperty(name, vm.ToValue(value), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
		return fmt.Errorf("defining %s: %w", name, err)
	}
	return nil
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
