package builtin

import (
	_ "embed"
	"sync"

	"github.com/dop251/goja"
)

//go:embed url.js
var urlSource string

var urlProgram = sync.OnceValue(func() *goja.Program { return goja.MustCompile("builtin", urlSource, true) })

// installURL gives URL and URLSearchParams.
func installURL(vm *goja.Runtime, _ Options) error {
	return group(vm, urlProgram, []string{"URL", "URLSearchParams"}, func() natives { return urlNatives(vm) })
}

// record is an address in a private field of its URL.
type record struct{ address *address }

func addressOf(vm *goja.Runtime, value goja.Value) *address {
	if object, ok := value.(*goja.Object); ok {
		if r, ok := object.Export().(*record); ok {
			return r.address
		}
	}
	panic(vm.NewTypeError("Illegal invocation"))
}

func urlNatives(vm *goja.Runtime) natives {
	return natives{
		// parse(text, base) is a record, or null.
		"parse": func(c goja.FunctionCall) goja.Value {
			var base *address
			if from := c.Argument(1); !goja.IsUndefined(from) {
				var err error
				if base, err = parseAddress(textOf(from), nil); err != nil {
					return goja.Null()
				}
			}
			made, err := parseAddress(textOf(c.Argument(0)), base)
			if err != nil {
				return goja.Null()
			}
			return vm.ToValue(&record{made})
		},
		"get": func(c goja.FunctionCall) goja.Value {
			return vm.ToValue(addressOf(vm, c.Argument(0)).get(c.Argument(1).String()))
		},
		"set": func(c goja.FunctionCall) goja.Value {
			addressOf(vm, c.Argument(0)).set(c.Argument(1).String(), textOf(c.Argument(2)))
			return goja.Undefined()
		},
		"text": func(c goja.FunctionCall) goja.Value { return vm.ToValue(textOf(c.Argument(0))) },
		"split": func(c goja.FunctionCall) goja.Value {
			parts := parseForm(textOf(c.Argument(0)))
			items := make([]any, len(parts))
			for i, part := range parts {
				items[i] = part
			}
			return vm.NewArray(items...)
		},
		// join(names and values by turns) is the text of a form.
		"join": func(c goja.FunctionCall) goja.Value {
			var out []byte
			for i, part := range c.Arguments {
				switch {
				case i%2 == 1:
					out = append(out, '=')
				case i > 0:
					out = append(out, '&')
				}
				out = formPart(out, textOf(part))
			}
			return vm.ToValue(string(out))
		},
	}
}
