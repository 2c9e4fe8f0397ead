package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pie/backend/provider"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func schema(t *testing.T) map[string]any {
	t.Helper()
	var s map[string]any
	if err := json.Unmarshal([]byte(provider.Schema()), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFilesFitTheSchema validates every built-in file as an editor would.
func TestFilesFitTheSchema(t *testing.T) {
	t.Parallel()
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", any(schema(t))); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob("catalog/*.yaml")
	if err != nil || len(names) < 120 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	for _, name := range names {
		if err := compiled.Validate(document(t, name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := document(t, "catalog/github.yaml").(map[string]any)
	bad["colour"] = "red"
	if compiled.Validate(bad) == nil {
		t.Error("an unknown field fits the schema")
	}
}

// document reads a file as plain values.
func document(t *testing.T, name string) any {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	content, err := yaml.YAMLToJSON(raw)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(content)))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// TestSchemaNamesTheFields: the schema and the struct have the same fields of
// the same kinds, all the way down.
func TestSchemaNamesTheFields(t *testing.T) {
	t.Parallel()
	compare(t, "", reflect.TypeFor[provider.Provider](), schema(t))
}

func compare(t *testing.T, at string, typ reflect.Type, s map[string]any) {
	t.Helper()
	properties, _ := s["properties"].(map[string]any)
	var fields []string
	for _, field := range reflect.VisibleFields(typ) {
		name := field.Tag.Get("yaml")
		if name == "-" {
			continue
		}
		fields = append(fields, name)
		property, ok := properties[name].(map[string]any)
		if !ok {
			t.Errorf("%s/%s is not in the schema", at, name)
			continue
		}
		deeper := at + "/" + name
		switch field.Type.Kind() { //nolint:exhaustive // the kinds that the struct has
		case reflect.Struct:
			compare(t, deeper, field.Type, property)
		case reflect.Slice:
			if field.Type.Elem().Kind() == reflect.Struct {
				items, _ := property["items"].(map[string]any)
				compare(t, deeper, field.Type.Elem(), items)
			}
		}
	}
	for name := range properties {
		if !slices.Contains(fields, name) {
			t.Errorf("%s/%s is in the schema and not in the struct", at, name)
		}
	}
	if s["additionalProperties"] != false {
		t.Errorf("%s takes unknown fields", at)
	}
}

// TestSchemaKnowsTheWords: what the schema lists for a field is what Load takes.
func TestSchemaKnowsTheWords(t *testing.T) {
	t.Parallel()
	paths := []string{
		"status", "effort", "client/auth", "client/body", "pkce/mode", "pkce/method", "redirect/loopback/port", "redirect/loopback/host",
		"redirect/prefer", "endpoints/revocation/method", "lifetime/refresh", "checked", "scopes/items/risk",
	}
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			words := wordsOf(t, path)
			if len(words) < 2 {
				t.Fatalf("the schema lists %v", words)
			}
			for _, word := range words {
				if err := loadWith(t, path, word); err != nil {
					t.Errorf("%q: %v", word, err)
				}
			}
			if loadWith(t, path, "nonsense") == nil {
				t.Error("nonsense is taken")
			}
		})
	}
}

func wordsOf(t *testing.T, path string) []string {
	t.Helper()
	at := schema(t)
	for part := range strings.SplitSeq(path, "/") {
		if items, ok := at["items"].(map[string]any); ok {
			at = items
		}
		next, ok := at["properties"].(map[string]any)[part].(map[string]any)
		if !ok {
			t.Fatalf("%s is not in the schema", path)
		}
		at = next
	}
	if items, ok := at["items"].(map[string]any); ok {
		at = items
	}
	var words []string
	for _, word := range at["enum"].([]any) {
		words = append(words, fmt.Sprint(word))
	}
	return words
}

// loadWith loads a provider that has word at path and is good otherwise.
func loadWith(t *testing.T, path, word string) error {
	t.Helper()
	file := map[string]any{
		"schema": 1, "id": "mine", "name": "Mine", "note": "A note.", "checked": "listed",
		"endpoints": map[string]any{
			"authorization": "https://a.example/auth", "token": "https://a.example/token",
			"revocation": map[string]any{"url": "https://a.example/revoke", "method": "rfc7009"},
		},
		"client": map[string]any{"auth": []any{"none"}}, "pkce": map[string]any{"mode": "required"},
		"redirect": map[string]any{"custom_scheme": true, "loopback": map[string]any{"port": "no"}},
		"scopes":   map[string]any{"items": map[string]any{}}, "api": map[string]any{"hosts": []any{"a.example"}},
		"lifetime": map[string]any{"refresh": "none"}, "token": map[string]any{"steps": []any{"Open the page."}},
	}
	if word == "unreachable" {
		file["redirect"], file["token"] = map[string]any{}, map[string]any{}
	}
	parts := strings.Split(path, "/")
	at := file
	for _, part := range parts[:len(parts)-1] {
		at = at[part].(map[string]any)
	}
	at[parts[len(parts)-1]] = word
	file["client"].(map[string]any)["auth"] = list(file["client"].(map[string]any)["auth"])
	scope := map[string]any{"id": "a", "label": "Read", "risk": "read"}
	if risk, ok := file["scopes"].(map[string]any)["items"].(map[string]any)["risk"]; ok {
		scope["risk"] = risk
	}
	file["scopes"] = map[string]any{"items": []any{scope}}
	raw, err := yaml.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = provider.Load(fstest.MapFS{"mine.yaml": {Data: raw}})
	return err
}

func list(value any) any {
	if text, ok := value.(string); ok {
		return []any{text}
	}
	return value
}
