package worker

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/dop251/goja"

	"pie/backend/agent/wire"
	"pie/backend/agent/worker/builtin"
)

//go:embed prelude.js
var preludeSource string

// context makes the second argument of the agent's function.
func (r *run) context(input goja.Value) (goja.Value, error) {
	main, err := r.w.prelude()
	if err != nil {
		return nil, err
	}
	made, err := r.vm.RunProgram(main)
	if err != nil {
		return nil, err
	}
	build, _ := goja.AssertFunction(made)
	host := r.vm.NewObject()
	for name, fn := range map[string]func(goja.FunctionCall) goja.Value{"fetch": r.fetch, "connection": r.connection, "notify": r.notify, "call": r.further} {
		if err := host.Set(name, fn); err != nil {
			return nil, err
		}
	}
	secrets := r.vm.NewObject()
	for name, value := range r.job.Secrets {
		if err := secrets.Set(name, value); err != nil {
			return nil, err
		}
	}
	config, err := builtin.ParseJSON(r.vm, string(r.job.UserConfig))
	if err != nil {
		return nil, err
	}
	services := make([]any, len(r.job.Services))
	for i, key := range r.job.Services {
		services[i] = key
	}
	return build(goja.Undefined(), host, input, secrets, config, r.vm.NewArray(services...), r.vm.ToValue(r.job.TimeZone))
}

func (w *worker) prelude() (*goja.Program, error) {
	const key = "prelude"
	if w.programs[key] == nil {
		main, err := goja.Compile("context", preludeSource, true)
		w.programs[key] = &program{main: main, err: err}
	}
	return w.programs[key].main, w.programs[key].err
}

// fetch(service, url, method, headers, body) asks the host for a request.
func (r *run) fetch(c goja.FunctionCall) goja.Value {
	head := wire.Request{Op: "fetch", Service: c.Argument(0).String(), URL: c.Argument(1).String(), Method: c.Argument(2).String(), Headers: map[string]string{}}
	if head.Service != "" && !slices.Contains(r.job.Services, head.Service) {
		return r.rejected(&wire.Fault{Code: "invalid", Message: r.noService(head.Service), Hint: "Declare it in the manifest's oauth block."})
	}
	headers := c.Argument(3).ToObject(r.vm)
	for _, name := range headers.Keys() {
		head.Headers[name] = headers.Get(name).String()
	}
	body := bytesOf(c.Argument(4))
	if len(body) > wire.MaxBody {
		return r.rejected(&wire.Fault{Code: "limited", Message: "The body of the request is larger than 10 MB.", Hint: "Send less at a time."})
	}
	return r.ask(head, body)
}

// connection(key) asks the host what the code may know of a connection.
func (r *run) connection(c goja.FunctionCall) goja.Value {
	key := c.Argument(0).String()
	if !slices.Contains(r.job.Services, key) {
		return r.rejected(&wire.Fault{Code: "invalid", Message: r.noService(key), Hint: "Declare it in the manifest's oauth block."})
	}
	return r.ask(wire.Request{Op: "connection", Service: key}, nil)
}

func (r *run) noService(key string) string {
	if key == "default" {
		return "This agent has no oauth block, so context.oauth cannot be used."
	}
	return fmt.Sprintf("This agent declares no service named %s.", key)
}

// notify(text, title) shows a message.
func (r *run) notify(c goja.FunctionCall) goja.Value {
	text := c.Argument(0).String()
	head := wire.Request{Op: "notify", Title: wire.Cut(c.Argument(1).String(), maxTitle), Cut: len(text) > wire.MaxNotice}
	return r.ask(head, []byte(wire.Cut(text, wire.MaxNotice)))
}

func bytesOf(value goja.Value) []byte {
	switch v := value.Export().(type) {
	case string:
		return []byte(validText(v))
	case []byte:
		return slices.Clone(v)
	case goja.ArrayBuffer:
		return slices.Clone(v.Bytes())
	}
	if object, ok := value.(*goja.Object); ok {
		if buffer, ok := object.Get("buffer").Export().(goja.ArrayBuffer); ok {
			from, size := object.Get("byteOffset").ToInteger(), object.Get("byteLength").ToInteger()
			all := buffer.Bytes()
			if from >= 0 && size >= 0 && from+size <= int64(len(all)) {
				return slices.Clone(all[from : from+size])
			}
		}
	}
	return []byte(value.String())
}

// ask sends a call to the host, or lets it wait for a place among those in
// flight, and returns the promise of its answer.
func (r *run) ask(head wire.Request, body []byte) goja.Value {
	promise, resolve, reject := r.vm.NewPromise()
	c := call{head, body, pending{head.Op, resolve, reject}}
	switch {
	case len(r.calls) < wire.MaxCalls:
		r.dispatch(c)
	case len(r.queued) < maxQueued:
		r.queued = append(r.queued, c)
	default:
		_ = reject(r.hostError(&wire.Fault{Code: "limited", Message: "More than 10,000 calls wait at once.", Hint: "Await some of them before making more."}))
	}
	return r.vm.ToValue(promise)
}

func (r *run) rejected(f *wire.Fault) goja.Value {
	promise, _, reject := r.vm.NewPromise()
	_ = reject(r.hostError(f))
	return r.vm.ToValue(promise)
}

func (r *run) dispatch(c call) {
	r.w.lastCall++ // never used twice in a process: a late answer finds nobody
	id := r.w.lastCall
	r.calls[id] = c.waiting
	if err := r.w.send(wire.Call, id, c.head, c.body); err != nil {
		delete(r.calls, id)
		f := &wire.Fault{Code: "internal", Message: "The call could not be made."}
		if errors.Is(err, wire.ErrFrame) {
			f = &wire.Fault{Code: "limited", Message: "This is larger than what one call may carry.", Hint: "Send less at a time."}
		}
		_ = c.waiting.reject(r.hostError(f))
	}
}

// answered settles the promise that a frame answers.
func (r *run) answered(f wire.Frame) {
	waiting, known := r.calls[f.ID]
	if f.Kind != wire.Reply || !known {
		return
	}
	delete(r.calls, f.ID)
	if len(r.queued) > 0 {
		next := r.queued[0]
		r.queued = r.queued[1:]
		r.dispatch(next)
	}
	var answer wire.Answer
	if err := json.Unmarshal(f.Head, &answer); err != nil {
		answer.Fault = &wire.Fault{Code: "internal", Message: "The answer cannot be read."}
	}
	if answer.Fault != nil {
		passOn(waiting.reject(r.hostError(answer.Fault)))
		return
	}
	switch waiting.op {
	case "fetch":
		passOn(waiting.resolve(r.response(answer, f.Body)))
	case "connection":
		value, err := builtin.ParseJSON(r.vm, string(answer.Connection))
		if err != nil {
			value = goja.Null()
		}
		passOn(waiting.resolve(value))
	case "notify":
		passOn(waiting.resolve(goja.Undefined()))
	default:
		passOn(waiting.resolve(r.furtherValue(answer.Value, f.Body)))
	}
}

// passOn hands on what stopped the code that an answer woke: a limit.
func passOn(stopped error) {
	if stopped != nil {
		panic(stopped)
	}
}

// response is what fetch resolves to: ok, status and body as the platform has
// them, and beyond it headers, json(), text() and arrayBuffer().
func (r *run) response(a wire.Answer, body []byte) goja.Value {
	text := validText(unsafe.String(unsafe.SliceData(body), len(body))) // #nosec G103 -- nobody writes to a frame that was read
	headers := r.vm.NewObject()
	names := make([]string, 0, len(a.Headers))
	for name := range a.Headers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		_ = headers.Set(name, a.Headers[name])
	}
	out := r.vm.NewObject()
	_ = out.Set("ok", a.Status >= 200 && a.Status < 300)
	_ = out.Set("status", a.Status)
	_ = out.Set("body", text)
	_ = out.Set("headers", headers)
	_ = out.Set("text", func(goja.FunctionCall) goja.Value { return r.promised(r.vm.ToValue(text), nil) })
	_ = out.Set("json", func(goja.FunctionCall) goja.Value {
		var value goja.Value
		var err error
		thrown := r.vm.Try(func() { value, err = builtin.ParseJSON(r.vm, text) })
		if thrown != nil {
			return r.promised(nil, thrown.Value())
		}
		if inner, ok := errors.AsType[*goja.Exception](err); ok {
			return r.promised(nil, inner.Value())
		}
		if err != nil {
			return r.promised(nil, r.errorValue(err))
		}
		return r.promised(value, nil)
	})
	_ = out.Set("arrayBuffer", func(goja.FunctionCall) goja.Value {
		return r.promised(r.vm.ToValue(r.vm.NewArrayBuffer(slices.Clone(body))), nil)
	})
	return out
}

func (r *run) promised(value, reason goja.Value) goja.Value {
	promise, resolve, reject := r.vm.NewPromise()
	if reason != nil {
		_ = reject(reason)
	} else {
		_ = resolve(value)
	}
	return r.vm.ToValue(promise)
}

// validText is text with U+FFFD for what is no UTF-8. Most is valid, which is
// told quicker than it is mended.
func validText(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return strings.ToValidUTF8(text, string(utf8.RuneError))
}
