package worker

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/dop251/goja"

	"pie/backend/agent/wire"
	"pie/backend/agent/worker/builtin"
)

const maxTitle = 256 // bytes of a message's title

// further(op, params, body) asks the host for something beyond requests. params
// is any value that JSON can hold; body is text or bytes, or undefined.
func (r *run) further(c goja.FunctionCall) goja.Value {
	head := wire.Request{Op: c.Argument(0).String()}
	text, err := r.stringify(goja.Undefined(), c.Argument(1))
	if thrown, ok := errors.AsType[*goja.Exception](err); ok {
		return r.promised(nil, thrown.Value())
	}
	if err != nil {
		panic(err) // a limit: nothing in the script may catch it
	}
	if !goja.IsUndefined(text) {
		head.Params = json.RawMessage(validText(text.String()))
	}
	var body []byte
	if given := c.Argument(2); !goja.IsUndefined(given) {
		body = bytesOf(given)
	}
	if len(head.Params) > wire.MaxBody || len(body) > wire.MaxBody {
		return r.rejected(&wire.Fault{Code: "limited", Message: "This is larger than the 10 MB that one call may carry.", Hint: "Send less at a time."})
	}
	return r.ask(head, body)
}

// furtherValue is what such a call resolves to. Bytes stand in it as bytes.
func (r *run) furtherValue(encoded json.RawMessage, body []byte) goja.Value {
	if len(encoded) == 0 {
		return goja.Undefined()
	}
	value, err := builtin.ParseJSON(r.vm, string(encoded))
	if err != nil {
		return goja.Null()
	}
	if object, ok := value.(*goja.Object); ok && len(body) > 0 {
		_ = object.Set("bytes", r.vm.NewArrayBuffer(slices.Clone(body)))
	}
	return value
}
