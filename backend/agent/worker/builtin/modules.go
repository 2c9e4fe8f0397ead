package builtin

import (
	"fmt"

	"github.com/dop251/goja"
	"github.com/dop251/goja_nodejs/require"
	"github.com/dop251/goja_nodejs/url"
)

// installModules gives what is kept as modules elsewhere: URL and
// URLSearchParams, and the parts of the web written in JavaScript.
func installModules(vm *goja.Runtime, _ Options) error {
	var module *goja.Object
	load := func(name string) goja.Value {
		if module == nil {
			module = urlModule(vm)
		}
		return module.Get(name)
	}
	for _, name := range []string{"URL", "URLSearchParams"} {
		if err := lazy(vm, name, func() goja.Value { return load(name) }); err != nil {
			return err
		}
	}
	return group(vm, webProgram, []string{"structuredClone", "Headers", "AbortController", "AbortSignal"}, func() []goja.Value { return nil })
}

// urlModule loads the module through a registry whose loader finds no file: the
// default one reads the disk.
func urlModule(vm *goja.Runtime) *goja.Object {
	registry := require.NewRegistry(require.WithLoader(func(string) ([]byte, error) { return nil, require.ModuleFileDoesNotExistError }))
	global := vm.GlobalObject()
	before := global.Get("require")
	module := registry.Enable(vm)
	exports, err := module.Require(url.ModuleName)
	if before == nil {
		_ = global.Delete("require")
	} else {
		_ = global.Set("require", before)
	}
	if err != nil {
		panic(err)
	}
	return exports.ToObject(vm)
}

// installPrelude adds the small functions that are cheap enough to be there
// always.
func installPrelude(vm *goja.Runtime, _ Options) error {
	value, err := vm.RunProgram(preludeProgram())
	if err != nil {
		return fmt.Errorf("running prelude: %w", err)
	}
	fn, _ := goja.AssertFunction(value)
	if _, err := fn(goja.Undefined()); err != nil {
		return fmt.Errorf("running prelude: %w", err)
	}
	return nil
}
