package builtin

import "github.com/dop251/goja"

func installRegExp(*goja.Runtime, Options) error { return nil }
