package worker

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// place finds the first line of the author's files in a stack.
func (r *run) place(stack string) string {
	for line := range strings.SplitSeq(stack, "\n") {
		for _, name := range r.files {
			_, rest, found := strings.Cut(line, name+":")
			match := position.FindStringSubmatch(rest)
			if !found || match == nil {
				continue
			}
			row, _ := strconv.Atoi(match[1])
			col, _ := strconv.Atoi(match[2])
			return fmt.Sprintf("%s, line %d, column %d.", name, row, column(r.job, row, col))
		}
	}
	return ""
}

var position = regexp.MustCompile(`^(\d+):(\d+)`)

// inspect shows a value as console.log does: texts as they are, the rest as JSON.
func inspect(vm *goja.Runtime, value goja.Value) string {
	object, ok := value.(*goja.Object)
	if !ok {
		if value == nil {
			return "undefined"
		}
		return value.String()
	}
	switch object.ClassName() {
	case "Error":
		if stack := object.Get("stack"); stack != nil && !goja.IsUndefined(stack) {
			return stack.String()
		}
		return object.String()
	case "Function", "RegExp", "Symbol", "Promise":
		return object.String()
	}
	json := vm.GlobalObject().Get("JSON")
	if json == nil {
		return object.String()
	}
	stringify, ok := goja.AssertFunction(json.ToObject(vm).Get("stringify"))
	if !ok {
		return object.String()
	}
	text, err := stringify(goja.Undefined(), value)
	if err != nil || goja.IsUndefined(text) {
		return object.String()
	}
	return text.String()
}
