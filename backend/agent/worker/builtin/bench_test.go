package builtin_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"

	"pie/backend/agent/worker/builtin"
)

// megabyte is JSON as an API answers it.
func megabyte() string {
	var b strings.Builder
	b.WriteByte('[')
	for i := 0; b.Len() < 1<<20; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"name":"user number %d","email":"user%d@example.com","active":%v,"score":%d.25,"tags":["a","bb","ccc"],"nested":{"x":1,"y":null,"text":"line one\nline two \u00e9"}}`, i, i, i, i%2 == 0, i)
	}
	b.WriteByte(']')
	return b.String()
}

// BenchmarkJSONParse reads the same text with the engine's own parser and with
// ours, by turns, and reports how many times as fast ours is.
func BenchmarkJSONParse(b *testing.B) {
	text := megabyte()
	parser := func(vm *goja.Runtime) func() time.Duration {
		parse, _ := goja.AssertFunction(vm.Get("JSON").ToObject(vm).Get("parse"))
		value := vm.ToValue(text)
		return func() time.Duration {
			began := time.Now()
			if _, err := parse(goja.Undefined(), value); err != nil {
				b.Fatal(err)
			}
			return time.Since(began)
		}
	}
	engine, ours := parser(goja.New()), parser(newRuntime(b))
	least := [2]time.Duration{time.Hour, time.Hour}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		least = [2]time.Duration{min(least[0], engine()), min(least[1], ours())}
	}
	b.ReportMetric(float64(least[0])/float64(least[1]), "times")
	b.ReportMetric(float64(least[1].Microseconds())/1000, "ms")
}

func BenchmarkInstall(b *testing.B) {
	least := time.Hour
	for b.Loop() {
		began := time.Now()
		if err := builtin.Install(goja.New(), builtin.Options{}); err != nil {
			b.Fatal(err)
		}
		least = min(least, time.Since(began))
	}
	b.ReportMetric(float64(least.Microseconds()), "µs-least")
}

func BenchmarkFirstUse(b *testing.B) {
	for _, script := range []string{"Buffer", "URL", "Intl", "crypto", "structuredClone", "Headers", "AbortSignal", "TextDecoder"} {
		b.Run(script, func(b *testing.B) {
			least := time.Hour
			for b.Loop() {
				vm := newRuntime(b)
				began := time.Now()
				if _, err := vm.RunString(script); err != nil {
					b.Fatal(err)
				}
				least = min(least, time.Since(began))
			}
			b.ReportMetric(float64(least.Microseconds()), "µs-least")
		})
	}
}
