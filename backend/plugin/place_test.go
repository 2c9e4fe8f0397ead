package plugin_test

import (
	"strings"
	"testing"

	"pie/backend/plugin"
)

func TestPlaceIn(t *testing.T) {
	t.Parallel()
	const flat = "{\n  \"version\": \"1\",\n  \"oauth\": {\"scopes\": [],\n    \"provider\": \"x\"},\n  \"automation\": {\"triggers\": [{\"type\": \"a\"},\n    {\"type\": \"b\"}]}\n}"
	nested := strings.Replace(flat, "{\n", "{\"manifest\": {\n", 1) + "}"
	const yaml = "---\nname: a\n\"version\": 1\nmanifest:\n  oauth:\n    provider: x\n  automation:\n    triggers:\n      - type: a\n      - type: b\n---\noauth:\n"
	for name, c := range map[string]struct {
		file, text, key string
		line, column    int
	}{
		"top":              {"manifest.json", flat, "version", 2, 3},
		"inside":           {"manifest.json", flat, "oauth.provider", 4, 5},
		"in a list":        {"manifest.json", flat, "automation.triggers[1].type", 6, 6},
		"nested":           {"manifest.json", nested, "oauth.provider", 4, 5},
		"missing":          {"manifest.json", flat, "oauth.clientIdSecret", 3, 3},
		"missing wholly":   {"manifest.json", flat, "tool", 1, 1},
		"broken":           {"manifest.json", "{\"a\": ", "a.b", 1, 2},
		"yaml, top":        {"x.pie", yaml, "version", 3, 1},
		"yaml, inside":     {"x.pie", yaml, "oauth.provider", 6, 5},
		"yaml, in a list":  {"x.pie", yaml, "automation.triggers[1].type", 10, 9},
		"yaml, missing":    {"x.pie", yaml, "oauth.tokenUrl", 5, 3},
		"yaml, a return":   {"x.pie", strings.ReplaceAll(yaml, "\n", "\r\n"), "oauth.provider", 6, 5},
		"yaml, broken":     {"x.pie", "---\na: [\n---\n", "a", 1, 1},
		"yaml, not closed": {"x.pie", "---\na: 1", "a", 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if line, column := plugin.PlaceIn(c.file, []byte(c.text), c.key); line != c.line || column != c.column {
				t.Errorf("%d:%d", line, column)
			}
		})
	}
}

func FuzzPlaceIn(f *testing.F) {
	f.Add("manifest.json", `{"a": [{"b": 1}]}`, "a[0].b")
	f.Add("x.pie", "---\na:\n  - b: 1\n---\n", "a[0].b")
	f.Fuzz(func(t *testing.T, name, text, key string) {
		if line, column := plugin.PlaceIn(name, []byte(text), key); line < 1 || column < 1 {
			t.Fatalf("%d:%d", line, column)
		}
	})
}
