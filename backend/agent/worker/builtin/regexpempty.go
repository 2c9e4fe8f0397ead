package builtin

import (
	"github.com/dop251/goja"
)

// emptyMatches makes global patterns that can match nothing find what the
// language says: the engine's quick way leaves out an empty match that follows
// another at once, as in 'ab'.match(/b|$/g). A pattern with an exec of its own
// takes the way of the standard, step by step; it has one for a moment here.
func emptyMatches(vm *goja.Runtime, construct goja.Constructor, native, prototype *goja.Object) error {
	exec := prototype.Get("exec")
	run, ok := goja.AssertFunction(exec)
	if !ok {
		return errNoLanguage
	}
	known := map[string]bool{} // by flags and source
	mayBeEmpty := func(pattern *goja.Object) bool {
		source, flags := pattern.Get("source"), pattern.Get("flags")
		if source == nil || flags == nil {
			return false
		}
		key := flags.String() + "/" + source.String()
		empty, seen := known[key]
		if !seen {
			if fresh, err := construct(native, source, flags); err == nil {
				found, err := run(fresh, vm.ToValue(""))
				empty = err == nil && !goja.IsNull(found)
			}
			if len(known) < mostPatterns {
				known[key] = empty
			}
		}
		return empty
	}
	for _, symbol := range []*goja.Symbol{goja.SymMatch, goja.SymReplace} {
		old := prototype.GetSymbol(symbol)
		call, ok := goja.AssertFunction(old)
		if !ok {
			return errNoLanguage
		}
		name, length := old.ToObject(vm).Get("name"), old.ToObject(vm).Get("length")
		fresh := vm.ToValue(func(c goja.FunctionCall) goja.Value {
			if pattern, ok := c.This.(*goja.Object); ok && pattern.ClassName() == "RegExp" && pattern.Get("global").ToBoolean() &&
				pattern.Get("exec").SameAs(exec) && mayBeEmpty(pattern) {
				if pattern.DefineDataProperty("exec", exec, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE) == nil {
					_ = pattern.Delete("exec")
				}
			}
			out, err := call(c.This, c.Arguments...)
			if err != nil {
				panic(err)
			}
			return out
		}).ToObject(vm)
		for key, value := range map[string]goja.Value{"name": name, "length": length} {
			if err := fresh.DefineDataProperty(key, value, goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
				return err
			}
		}
		if err := prototype.DefineDataPropertySymbol(symbol, fresh, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
			return err
		}
	}
	return nil
}

const mostPatterns = 1000 // that a run is remembered for
