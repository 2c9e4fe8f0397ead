package builtin_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
)

// nodeScript evaluates the expressions on standard input, one after the other.
const nodeScript = `
const show = ` + show + `;
(async () => {
  const out = [];
  for (const script of JSON.parse(require('fs').readFileSync(0, 'utf8'))) {
    try { out.push(show(await (0, eval)('(' + script + ')'))); } catch (e) { out.push('throws ' + (e && e.name || e)); }
  }
  process.stdout.write(JSON.stringify(out));
})();`

// TestNode holds the tables to Node: what they say it gives, it gives.
func TestNode(t *testing.T) {
	t.Parallel()
	var shared []row
	var scripts []string
	for _, r := range rows(t) {
		if !r.ours {
			shared, scripts = append(shared, r), append(scripts, r.script)
		}
	}
	input, err := json.Marshal(scripts)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "--no-warnings", "-e", nodeScript)
	command.Env = append(os.Environ(), "TZ=UTC")
	command.Stdin = bytes.NewReader(input)
	raw, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := json.Unmarshal(raw, &got); err != nil || len(got) != len(shared) {
		t.Fatalf("%d of %d answers: %v", len(got), len(shared), err)
	}
	for i, r := range shared {
		if got[i] != r.want {
			t.Errorf("%s/%s: %s\nNode gives %s\nthe table   %s", r.table, r.name, r.script, got[i], r.want)
		}
	}
}
