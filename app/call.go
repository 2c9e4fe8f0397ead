package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"pie/backend/fault"
)

// method is one bound method. in is nil when it takes nothing.
type method struct {
	fn  reflect.Value
	in  reflect.Type
	out bool
}

func methodsOf(services []any) map[string]method {
	methods := map[string]method{}
	for _, service := range services {
		value := reflect.ValueOf(service)
		name := value.Elem().Type().Name()
		for i := range value.NumMethod() {
			fn := value.Method(i)
			m := method{fn: fn, out: fn.Type().NumOut() == 2}
			if fn.Type().NumIn() == 1 {
				m.in = fn.Type().In(0)
			}
			methods[name+"."+value.Type().Method(i).Name] = m
		}
	}
	return methods
}

// Call calls a method such as "Connections.List" with its argument as JSON (may
// be empty). When ctx ends the call's op is canceled. Faults: not_found for an
// unknown method, invalid for params of another form, and the method's own.
func (a *App) Call(ctx context.Context, name string, params json.RawMessage) (json.RawMessage, error) {
	m, ok := a.methods[name]
	if !ok {
		return nil, fault.New(fault.NotFound, fmt.Sprintf("There is no method %q.", name), "Use the version of the program that belongs to this one.")
	}
	var args []reflect.Value
	if m.in != nil {
		arg := reflect.New(m.in)
		if err := decode(params, arg.Interface()); err != nil {
			return nil, err
		}
		args = append(args, arg.Elem())
	}
	stop := context.AfterFunc(ctx, func() { a.cancelOf(params) })
	defer stop()
	results := m.fn.Call(args)
	if err, failed := reflect.TypeAssert[error](results[len(results)-1]); failed && err != nil {
		return nil, err
	}
	if !m.out {
		return json.RawMessage("null"), nil
	}
	raw, err := json.Marshal(results[0].Interface())
	if err != nil {
		return nil, fmt.Errorf("encoding answer of %s: %w", name, err)
	}
	return raw, nil
}

func decode(params json.RawMessage, into any) error {
	if len(bytes.TrimSpace(params)) == 0 || string(params) == "null" {
		return nil
	}
	if err := json.Unmarshal(params, into); err != nil {
		// The library's text quotes values, which may be secret.
		var wrong *json.UnmarshalTypeError
		what := "The call has another form than this version understands."
		if errors.As(err, &wrong) && wrong.Field != "" {
			what = fmt.Sprintf("The field %s of the call has the wrong form.", wrong.Field)
		}
		return fault.New(fault.Invalid, what, "Use the version of the program that belongs to this one.")
	}
	return nil
}

func (a *App) cancelOf(params json.RawMessage) {
	var q OpRef
	if json.Unmarshal(params, &q) == nil && q.Op != "" {
		_ = a.Operations.Cancel(q)
	}
}
