package builtin

import (
	_ "embed"
	"math/big"
	"reflect"
	"sync"
	"time"

	"github.com/dop251/goja"
)

//go:embed clone.js
var cloneSource string

//go:embed events.js
var eventsSource string

//go:embed headers.js
var headersSource string

var (
	cloneProgram   = sync.OnceValue(func() *goja.Program { return goja.MustCompile("builtin", cloneSource, true) })
	eventsProgram  = sync.OnceValue(func() *goja.Program { return goja.MustCompile("builtin", eventsSource, true) })
	headersProgram = sync.OnceValue(func() *goja.Program { return goja.MustCompile("builtin", headersSource, true) })
)

// installWeb gives the small classes of the web that are all JavaScript.
func installWeb(vm *goja.Runtime, _ Options) error {
	clone := func() natives {
		return natives{"kind": func(c goja.FunctionCall) goja.Value { return vm.ToValue(kindOf(c.Argument(0))) }}
	}
	none := func() natives { return nil }
	if err := group(vm, cloneProgram, []string{"structuredClone", "DOMException"}, clone); err != nil {
		return err
	}
	if err := group(vm, eventsProgram, []string{"Event", "EventTarget", "AbortController", "AbortSignal"}, none); err != nil {
		return err
	}
	if err := group(vm, headersProgram, []string{"Headers"}, none); err != nil {
		return err
	}
	began := time.Now()
	return lazy(vm, "performance", func() goja.Value {
		object := vm.NewObject()
		_ = object.Set("timeOrigin", float64(began.UnixMicro())/1000)
		_ = method(vm, object, "now", 0, func(goja.FunctionCall) goja.Value {
			return vm.ToValue(float64(time.Since(began).Microseconds()) / 1000)
		})
		return object
	})
}

// kindOf is what an object is, whatever it says of itself.
func kindOf(value goja.Value) string {
	object, ok := value.(*goja.Object)
	if !ok {
		return ""
	}
	switch object.ExportType() {
	case reflect.TypeFor[goja.Proxy]():
		return "Proxy"
	case reflect.TypeFor[*goja.Promise]():
		return "Promise"
	case reflect.TypeFor[goja.ArrayBuffer]():
		return "ArrayBuffer"
	case reflect.TypeFor[[][2]any]():
		return "Map"
	case reflect.TypeFor[*big.Int]():
		return "BigInt"
	case reflect.TypeFor[string]():
		if object.ClassName() != "String" {
			return "Symbol"
		}
	case reflect.TypeFor[[]any]():
		if object.ClassName() != "Array" {
			return "Set"
		}
	}
	return object.ClassName()
}
