package builtin

import (
	_ "embed"
	"sync"
	"unicode/utf8"

	"github.com/dop251/goja"
)

//go:embed buffer.js
var bufferSource string

//go:embed prelude.js
var preludeSource string

//go:embed web.js
var webSource string

// Programs are compiled once for each process; a program never changes.
var (
	bufferProgram  = sync.OnceValue(func() *goja.Program { return goja.MustCompile("builtin", bufferSource, true) })
	preludeProgram = sync.OnceValue(func() *goja.Program { return goja.MustCompile("builtin", preludeSource, true) })
	webProgram     = sync.OnceValue(func() *goja.Program { return goja.MustCompile("builtin", webSource, true) })
)

// group defines several globals that come from one program, which runs when the
// first of them is used.
func group(vm *goja.Runtime, program func() *goja.Program, names []string, arguments func() []goja.Value) error {
	var made *goja.Object
	build := func(name string) goja.Value {
		if made == nil {
			value, err := vm.RunProgram(program())
			if err != nil {
				panic(err)
			}
			fn, _ := goja.AssertFunction(value)
			if value, err = fn(goja.Undefined(), arguments()...); err != nil {
				panic(err)
			}
			made = value.ToObject(vm)
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

func installText(vm *goja.Runtime, _ Options) error {
	return group(vm, bufferProgram, []string{"Buffer", "TextEncoder", "TextDecoder"}, func() []goja.Value {
		codec := vm.NewObject()
		_ = codec.Set("encode", func(c goja.FunctionCall) goja.Value {
			raw := toBytes(c.Argument(0).String(), c.Argument(1).String())
			if len(raw) > mostBytes {
				panic(vm.NewTypeError("The text is larger than 64 MB."))
			}
			return vm.ToValue(vm.NewArrayBuffer(raw))
		})
		_ = codec.Set("decode", func(c goja.FunctionCall) goja.Value {
			return toText(part(vm, c), c.Argument(3).String())
		})
		_ = codec.Set("valid", func(c goja.FunctionCall) goja.Value { return vm.ToValue(utf8.Valid(part(vm, c))) })
		return []goja.Value{codec}
	})
}

// part is the slice (buffer, offset, length) of a call.
func part(vm *goja.Runtime, c goja.FunctionCall) []byte {
	buffer, ok := c.Argument(0).Export().(goja.ArrayBuffer)
	from, size := c.Argument(1).ToInteger(), c.Argument(2).ToInteger()
	if !ok || from < 0 || size < 0 || from+size > int64(len(buffer.Bytes())) {
		panic(vm.NewTypeError("Bytes were expected."))
	}
	return buffer.Bytes()[from : from+size]
}
