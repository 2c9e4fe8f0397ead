package cli_test

import (
	"strings"
	"testing"

	"pie/app/cli"
	"pie/backend/fault"
)

func TestReadClient(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text, id, secret string
		bad              bool
	}{
		"both":             {text: `{"client_id":"a","client_secret":"b"}`, id: "a", secret: "b"},
		"no secret":        {text: `{"client_id":"a"}`, id: "a"},
		"installed":        {text: `{"installed":{"client_id":"a","client_secret":"b","project_id":"p","redirect_uris":["x"]}}`, id: "a", secret: "b"},
		"web":              {text: `{"web":{"client_id":"a","client_secret":"b"}}`, id: "a", secret: "b"},
		"null inside":      {text: `{"client_id":"a","web":null}`, bad: true},
		"both forms":       {text: `{"client_id":"a","web":{"client_id":"c"}}`, bad: true},
		"two inside":       {text: `{"installed":{"client_id":"a"},"web":{"client_id":"c"}}`, bad: true},
		"empty":            {text: ``, bad: true},
		"no JSON":          {text: `client_id=canary-secret`, bad: true},
		"cut":              {text: `{"client_id":"canary-secret`, bad: true},
		"an array":         {text: `["a","canary-secret"]`, bad: true},
		"another type":     {text: `{"client_id":"a","client_secret":{"canary-secret":1}}`, bad: true},
		"a slip":           {text: `{"client_id":"a","secret":"canary-secret"}`, bad: true},
		"two values":       {text: `{"client_id":"a"}{"client_id":"canary-secret"}`, bad: true},
		"no id":            {text: `{"client_secret":"canary-secret"}`, bad: true},
		"installed string": {text: `{"installed":"canary-secret"}`, bad: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id, secret, err := cli.ReadClient([]byte(c.text))
			if (err != nil) != c.bad || id != c.id || secret != c.secret {
				t.Errorf("got %q %q, %v", id, secret, err)
			}
			if err != nil && (!fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), "canary")) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// FuzzReadClient: whatever is handed in, there is an id or a fault that quotes
// nothing of it.
func FuzzReadClient(f *testing.F) {
	for _, text := range []string{`{"client_id":"a","client_secret":"b"}`, `{"installed":{"client_id":"a"}}`, `{`, `null`, "\xff", `{"client_id":"\u0000"}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		id, _, err := cli.ReadClient(raw)
		if (err == nil) == (id == "") {
			t.Errorf("id %q, %v", id, err)
		}
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("got %v", err)
		}
	})
}
