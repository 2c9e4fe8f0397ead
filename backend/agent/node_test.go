package agent_test

import (
	"bytes"
	"embed"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"pie/backend/history"
)

//go:embed testdata/handlers*.txt
var handlers embed.FS

// handlerInput is what every handler of the corpus gets.
const handlerInput = `{"text":"The quick brown fox jumps over the lazy dog, the end","title":"  Crème Brûlée: 5 Ideas! ","date":"2024-03-05T14:07:09.012Z",
"orders":[{"id":1,"customer":"Ada","price":19.9,"quantity":2},{"id":2,"customer":"Bob","price":5,"quantity":10},{"id":3,"customer":"Ada","price":0.1,"quantity":3}],
"csv":"id,name\r\n1,\"Smith, \"\"J\"\"\"\n2,Bo\n","html":"<p>Hi <b>you</b> &amp; <a href=\"https://a.test/x\">me</a></p><script>evil()</script>",
"mail":"From: ada@example.test\nTo: bob.x+y@sub.example.test\nSubject: Hi\n\nBody","user":{"name":"Ada","age":36,"tags":["x"]}}`

type handler struct{ name, body string }

func corpus(t *testing.T) []handler {
	t.Helper()
	entries, err := handlers.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	var out []handler
	for _, entry := range entries {
		text, err := handlers.ReadFile("testdata/" + entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		for block := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
			name, body, ok := strings.Cut(block, "\n")
			if !ok || !strings.HasPrefix(name, "# ") {
				t.Fatalf("%s: not a handler: %q", entry.Name(), block)
			}
			out = append(out, handler{name[2:], body})
		}
	}
	if len(out) < 150 {
		t.Fatalf("only %d handlers", len(out))
	}
	return out
}

// nodeHandlers runs every body as a handler and says what came of it: the result
// as JSON, or the text of what was thrown.
const nodeHandlers = `
const { bodies, input } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
(async () => {
  const out = [];
  for (const body of bodies) {
    try {
      const handler = new Function('return async function handler(input, context) {\n' + body + '\n}')();
      const result = JSON.stringify(await handler(JSON.parse(input), {}));
      out.push(result === undefined ? 'null' : result.isWellFormed ? result.toWellFormed() : result);
    } catch (e) {
      out.push('throws ' + (e instanceof Error ? (e.name === 'Error' ? '' : e.name + ': ') + e.message : String(e)));
    }
  }
  process.stdout.write(JSON.stringify(out));
})();`

// TestHandlersAsInNode runs a corpus of small handlers through the compiler and a
// worker, and through Node: what they return or throw is the same.
func TestHandlersAsInNode(t *testing.T) {
	t.Parallel()
	all := corpus(t)
	var bodies []string
	for _, h := range all {
		bodies = append(bodies, h.body)
	}
	question, err := json.Marshal(map[string]any{"bodies": bodies, "input": handlerInput})
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", "--no-warnings", "-e", nodeHandlers)
	node.Env, node.Stdin = append(node.Environ(), "TZ=UTC"), bytes.NewReader(question)
	raw, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	if err := json.Unmarshal(raw, &want); err != nil || len(want) != len(all) {
		t.Fatalf("%d of %d answers: %v", len(want), len(all), err)
	}
	r := runner(t)
	for i, h := range all {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			source := files("agent.js", "async function handler(input, context) {\n"+h.body+"\n}\nmodule.exports = { handler };")
			built, err := r.Compile(t.Context(), source)
			if err != nil {
				t.Fatal(err)
			}
			j := job("")
			j.Code, j.CodeMap, j.Input, j.TimeZone = built.Code, built.Map, json.RawMessage(handlerInput), "UTC"
			if built.Code == "" {
				j.Code = string(source.Files["agent.js"])
			}
			out := r.Run(t.Context(), j, newWorld())
			got := string(out.Result)
			if out.Error != nil {
				got = "throws " + out.Error.Message
			}
			if out.Status != history.OK && out.Error == nil || got != want[i] {
				t.Errorf("%s\ngot  %s\nNode %s", h.body, got, want[i])
			}
		})
	}
	t.Logf("%d handlers", len(all))
}
