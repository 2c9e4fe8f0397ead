package cli_test

import (
	"strings"
	"testing"
)

// TestOwnAppAtATerminal: id and secret are typed without echo, an agent is offered
// the app when it is installed, and what takes access away asks first.
func TestOwnAppAtATerminal(t *testing.T) {
	t.Setenv("PIE_KEY_SOURCE", "keyfile")
	atHome(t)
	for _, command := range [][]string{{"client", "add", "google", "--no-check"}, {"connect", "github-repos", "--token"}} {
		if code, _, _ := (person{}).at(t, command...); code != 130 {
			t.Errorf("%v with nothing typed: exit code %d", command, code)
		}
	}
	code, out, said := person{hidden: "typed-in-value"}.at(t, "client", "add", "google", "--no-check")
	if code != 0 || !strings.Contains(said, "Client id of your app at google: ") || strings.Contains(out+said, "typed-in-value") ||
		!strings.Contains(out, "/api/oauth/client/google/callback") {
		t.Fatalf("%d\n%s%s", code, out, said)
	}
	code, out, said = person{types: "y\nn\n"}.at(t, "agent", "install", "sample:gmail-inbox")
	if code != 0 || !strings.Contains(said, "use it? [y/N]") || !strings.Contains(out, "pie client grant google gmail-inbox") {
		t.Errorf("a no: %d\n%s%s", code, out, said)
	}
	if code, out, said = (person{types: "y\ny\n"}).at(t, "agent", "install", "sample:gmail-inbox"); code != 0 || strings.Contains(out, "pie client grant") {
		t.Errorf("a yes: %d\n%s%s", code, out, said)
	}
	if _, out, _ = (person{}).at(t, "client", "list", "--json"); !strings.Contains(out, `"agents":[{"agent":"gmail-inbox","connected":0}]`) {
		t.Error(out)
	}
	for command, question := range map[string]string{
		"client revoke google gmail-inbox": "Take it back? [y/N]", "client remove google": "Remove it? [y/N]", "panic": "Take everything back? [y/N]",
	} {
		code, _, said := person{types: "n\n"}.at(t, strings.Fields(command)...)
		if code != 1 || !strings.Contains(said, question) || !strings.Contains(said, "Nothing was") {
			t.Errorf("%s: %d %s", command, code, said)
		}
	}
	if code, out, said := (person{types: "y\n"}).at(t, "client", "remove", "google"); code != 0 || !strings.Contains(out, "Stopped: gmail-inbox") {
		t.Errorf("%d\n%s%s", code, out, said)
	}
	if code, out, said := (person{types: "y\n"}).at(t, "panic"); code != 0 || !strings.Contains(out, "0 taken back") {
		t.Errorf("%d\n%s%s", code, out, said)
	}
}
