package builtin

import (
	"strconv"
	"sync"

	"github.com/dop251/goja"
)

// definerProgram defines members whose names only the language can hold.
var definerProgram = sync.OnceValue(func() *goja.Program {
	return goja.MustCompile("builtin", "((define)=>(o,k,value)=>{define(o,k,{value,writable:true,enumerable:true,configurable:true})})(Reflect.defineProperty)", true)
})

// installJSON replaces JSON.parse by one that is bounded and quicker; a reviver
// is applied as the standard says.
func installJSON(vm *goja.Runtime, _ Options) error {
	object, ok := vm.GlobalObject().Get("JSON").(*goja.Object)
	if !ok {
		return errNoLanguage
	}
	return method(vm, object, "parse", 2, func(c goja.FunctionCall) goja.Value {
		value, err := newJSONParser(vm, wideText(textArgument(vm, c.Argument(0)))).document()
		if err != nil {
			panic(newError(vm, "SyntaxError", err.Error()))
		}
		reviver, ok := goja.AssertFunction(c.Argument(1))
		if !ok {
			return value
		}
		holder := vm.NewObject()
		_ = holder.DefineDataProperty("", value, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
		r := reviving{vm: vm, call: reviver}
		return r.walk(holder, "", 0)
	})
}

// reviving is InternalizeJSONProperty (ECMA-262, section 25.5.1.1).
type reviving struct {
	vm   *goja.Runtime
	call goja.Callable
}

func (r reviving) walk(holder *goja.Object, name string, depth int) goja.Value {
	if depth > MaxDepth+1 { // the reviver has tied a knot
		panic(newError(r.vm, "RangeError", "The value that the reviver makes is nested too deeply."))
	}
	value := holder.Get(name)
	if value == nil {
		value = goja.Undefined()
	}
	if object, ok := value.(*goja.Object); ok {
		if object.ClassName() == "Array" {
			length := object.Get("length").ToInteger()
			for i := range length {
				r.member(object, strconv.FormatInt(i, 10), depth)
			}
		} else {
			for _, key := range object.Keys() {
				r.member(object, key, depth)
			}
		}
	}
	out, err := r.call(holder, r.vm.ToValue(name), value)
	if err != nil {
		panic(err)
	}
	return out
}

func (r reviving) member(object *goja.Object, key string, depth int) {
	inner := r.walk(object, key, depth+1)
	if goja.IsUndefined(inner) {
		_ = object.Delete(key)
		return
	}
	_ = object.DefineDataProperty(key, inner, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
}
