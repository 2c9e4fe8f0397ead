package builtin

import (
	_ "embed"
	"fmt"
	"sync"

	"github.com/dop251/goja"
)

//go:embed prelude.js
var preludeSource string

//go:embed iterator.js
var iteratorSource string

var (
	preludeProgram  = sync.OnceValue(func() *goja.Program { return goja.MustCompile("builtin", preludeSource, true) })
	iteratorProgram = sync.OnceValue(func() *goja.Program { return goja.MustCompile("builtin", iteratorSource, true) })
)

// installPrelude adds what is found on objects of the language, where nothing can
// wait until it is first used.
func installPrelude(vm *goja.Runtime, _ Options) error {
	for _, program := range []*goja.Program{preludeProgram(), iteratorProgram()} {
		value, err := vm.RunProgram(program)
		if err != nil {
			return fmt.Errorf("running prelude: %w", err)
		}
		fn, ok := goja.AssertFunction(value)
		if !ok {
			return errNoLanguage
		}
		if _, err := fn(goja.Undefined()); err != nil {
			return fmt.Errorf("running prelude: %w", err)
		}
	}
	return nil
}
