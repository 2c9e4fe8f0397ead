package builtin

import (
	_ "embed"
	"encoding/json"
	"sync"

	"github.com/dop251/goja"
)

// How languages count, list and speak of time, as the Unicode CLDR has it.
//
//go:embed phrases.json
var phrasesData []byte

//go:embed phrases.js
var phrasesSource string

var (
	phrasesProgram = sync.OnceValue(func() *goja.Program { return goja.MustCompile("builtin", phrasesSource, true) })
	phrases        = sync.OnceValue(func() map[string]json.RawMessage {
		var out map[string]json.RawMessage
		if err := json.Unmarshal(phrasesData, &out); err != nil {
			panic(err) // a test reads it
		}
		return out
	})
)

// phrasesOf makes Intl.PluralRules, ListFormat and RelativeTimeFormat, which
// write numbers with the class they are given.
func phrasesOf(vm *goja.Runtime, numbers goja.Value, supported func(goja.FunctionCall) goja.Value) *goja.Object {
	return run(vm, phrasesProgram(), natives{
		"numbers":   func(goja.FunctionCall) goja.Value { return numbers },
		"supported": supported,
		"locale":    func(c goja.FunctionCall) goja.Value { return vm.ToValue(localeFor(vm, c.Argument(0)).tag) },
		"phrases": func(c goja.FunctionCall) goja.Value {
			value, err := ParseJSON(vm, string(phrases()[c.Argument(0).String()]))
			if err != nil {
				panic(err)
			}
			return value
		},
	})
}
