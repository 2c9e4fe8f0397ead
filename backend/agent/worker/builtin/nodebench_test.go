package builtin_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"
)

// nodeParse reads the text on standard input as often as a second allows and says
// how long the quickest took, in milliseconds.
const nodeParse = `
const text = require('fs').readFileSync(0, 'utf8');
let least = Infinity;
for (const end = Date.now() + 1000; Date.now() < end;) {
  const began = process.hrtime.bigint();
  JSON.parse(text);
  least = Math.min(least, Number(process.hrtime.bigint() - began) / 1e6);
}
process.stdout.write(JSON.stringify(least));`

// BenchmarkJSONParseAgainstNode reads a megabyte here and in Node, and reports how
// many times as long it takes here.
func BenchmarkJSONParseAgainstNode(b *testing.B) {
	text := megabyte()
	command := exec.CommandContext(b.Context(), "node", "-e", nodeParse)
	command.Stdin = strings.NewReader(text)
	raw, err := command.Output()
	if err != nil {
		b.Skipf("Node is not here: %v", err)
	}
	var node float64
	if err := json.Unmarshal(raw, &node); err != nil {
		b.Fatal(err)
	}
	vm := newRuntime(b)
	parse, _ := goja.AssertFunction(vm.Get("JSON").ToObject(vm).Get("parse"))
	value, least := vm.ToValue(text), time.Hour
	for b.Loop() {
		began := time.Now()
		if _, err := parse(goja.Undefined(), value); err != nil {
			b.Fatal(err)
		}
		least = min(least, time.Since(began))
	}
	ours := float64(least.Microseconds()) / 1000
	b.ReportMetric(ours/node, "ratio")
	b.ReportMetric(node, "node-ms")
	b.ReportMetric(ours, "ms")
}
