package plugin_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"pie/backend/plugin"
)

type object = map[string]any

// told is what the schema says of a field beside its kind: words for a person and
// bounds. Fields are named by their path from the manifest object on.
func told() map[string]object {
	said := func(text string, more ...any) object {
		out := object{"description": text}
		for i := 0; i+1 < len(more); i += 2 {
			out[more[i].(string)] = more[i+1]
		}
		return out
	}
	hosts := "Host names, with a port where it is not the usual one: api.example.com, *.example.com, http://127.0.0.1:8080."
	secretKey := "^[A-Za-z_][A-Za-z0-9_]{0,127}$"
	return map[string]object{
		"trigger":                           said("When the tool is called: always, auto (the model decides) or manual.", "enum", []any{"always", "auto", "manual"}),
		"tool":                              said("What the agent does when it is called.", "required", []any{"name", "description"}),
		"tool.name":                         said("A name for a model, such as list_repos."),
		"tool.description":                  said("Tells a model when to use it."),
		"tool.parameters":                   said("JSON Schema of the input.", "type", "object"),
		"oauth":                             said("The service that the agent uses as the person: context.oauth.", "$ref", "#/$defs/oauth"),
		"oauthConnections":                  said("Several services: context.oauthConnection(key).", "propertyNames", object{"pattern": "^[A-Za-z][A-Za-z0-9_-]{0,63}$", "not": object{"const": "callback"}}),
		"developerSecrets":                  said("Values that the author supplies, such as the id and secret of an OAuth app. Never the values themselves.", "propertyNames", object{"pattern": secretKey}),
		"userSecrets":                       said("Values that each person supplies, such as API keys: context.secrets.", "propertyNames", object{"pattern": secretKey}),
		"userFields":                        said("Settings that are no secret: context.userConfig."),
		"automation":                        said("When the agent runs by itself, once the person turns that on."),
		"automation.timeout":                said("Seconds that a run may take.", "exclusiveMinimum", 0, "maximum", 900),
		"automation.onWebhook":              said("Whether the code exports onWebhook."),
		"automation.triggers":               said("The occasions."),
		"automation.triggers.*.type":        said("The kind of occasion.", "enum", []any{"cron", "interval", "start", "connect", "webhook", "plugin_event"}),
		"automation.triggers.*.default":     said("Of cron: five fields, such as 0 7 * * *. Of interval: a time such as 15m."),
		"automation.triggers.*.description": said("The occasion in words, such as Daily at 7am."),
		"automation.triggers.*.plugin":      said("Of plugin_event: the agent it comes from."),
		"automation.triggers.*.event":       said("Of plugin_event: run.ok, run.failed, or the agent's own."),
		"network":                           said("Where context.fetch may go."),
		"network.hosts":                     said(hosts),
		"calls":                             said("Names of agents whose tools this one calls: context.callTool."),
		"timeout":                           said("Seconds that a run may take, 30 when missing.", "exclusiveMinimum", 0, "maximum", 900),
		"oauth.provider":                    said("A service of the catalogue (pie provider list), or custom.", "minLength", 1),
		"oauth.providerName":                said("Of custom: the service's name for people."),
		"oauth.authorizationUrl":            said("Of custom: where a person agrees."),
		"oauth.tokenUrl":                    said("Of custom: where tokens come from."),
		"oauth.userInfoUrl":                 said("Of custom: tells whose account it is."),
		"oauth.revokeUrl":                   said("Of custom: where tokens are given back."),
		"oauth.clientIdSecret":              said("The name of a key of developerSecrets; its value is the OAuth app's client id."),
		"oauth.clientSecretSecret":          said("The name of a key of developerSecrets; its value is the OAuth app's client secret."),
		"oauth.scopes":                      said("What the agent asks for. May be empty."),
		"oauth.apiHosts":                    said("Of custom: further hosts that may receive the token. " + hosts),
		"oauth.pkce":                        said("off where the service refuses PKCE."),
		"oauth.tokenAuth":                   said("How the client shows itself to the token address.", "enum", []any{"", "none", "post", "basic", "basic-json"}),
		"oauth.issuer":                      said("Of custom: the issuer, where the service names itself."),
		"oauth.deviceAuthorizationUrl":      said("Of custom: where codes to type elsewhere come from."),
		"oauth.authorizationParams":         said("Further parameters of the authorization address."),
		"secret.description":                said("What it is and where to find it."),
		"secret.required":                   said("Whether the agent needs it to run."),
	}
}

// schemaOf makes the schema of a type. path is where it stands in told.
func schemaOf(t reflect.Type, path string, words map[string]object) object {
	out := object{}
	switch t.Kind() { //nolint:exhaustive // the kinds that a manifest has
	case reflect.Pointer:
		return schemaOf(t.Elem(), path, words)
	case reflect.String:
		out["type"] = "string"
	case reflect.Bool:
		out["type"] = "boolean"
	case reflect.Float64:
		out["type"] = "number"
	case reflect.Map:
		out["type"], out["additionalProperties"] = "object", schemaOf(t.Elem(), path+".*", words)
	case reflect.Slice:
		if t == reflect.TypeFor[json.RawMessage]() {
			break // any value
		}
		out["type"], out["items"] = "array", schemaOf(t.Elem(), path+".*", words)
	case reflect.Struct:
		switch t {
		case reflect.TypeFor[plugin.OAuth]():
			if path != "oauth!" {
				return object{"$ref": "#/$defs/oauth"}
			}
			path = "oauth"
		case reflect.TypeFor[plugin.SecretSpec]():
			path = "secret"
		}
		return structOf(t, path, words)
	}
	return out
}

func structOf(t reflect.Type, path string, words map[string]object) object {
	properties := object{}
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		at := strings.TrimPrefix(path+"."+name, ".")
		one := schemaOf(field.Type, at, words)
		maps.Copy(one, words[at])
		properties[name] = one
	}
	return object{"type": "object", "properties": properties, "additionalProperties": false}
}

// written is the whole schema as make gen writes it.
func written(t *testing.T) []byte {
	t.Helper()
	words := told()
	manifest := structOf(reflect.TypeFor[plugin.Manifest](), "", words)
	known := manifest["properties"].(object)
	for name := range strings.FieldsSeq("runtime database widget machineCapabilities workflowPreview heartbeatEvents dataConnectors dataConnectorTriggers") {
		known[name] = object{"description": "Of the platform; it has no effect on the desktop."}
	}
	oauth := schemaOf(reflect.TypeFor[plugin.OAuth](), "oauth!", words)
	oauth["required"] = []any{"provider"}
	client := object{"if": object{"properties": object{"tokenAuth": object{"const": "none"}}, "required": []any{"tokenAuth"}}, "then": object{"required": []any{"clientIdSecret"}}, "else": object{"required": []any{"clientIdSecret", "clientSecretSecret"}}}
	oauth["allOf"] = []any{
		object{"if": object{"properties": object{"provider": object{"const": "custom"}}}, "then": object{"required": []any{"authorizationUrl", "tokenUrl"}}},
		object{"if": object{"properties": object{"provider": object{"const": "practice"}}}, "else": client},
	}
	metadata := object{
		"$schema":     object{"type": "string"},
		"name":        object{"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 64, "description": "Small letters, digits and single hyphens; unique on the computer. In a folder it may be missing: the folder's name counts."},
		"displayName": object{"type": "string", "description": "The name for people."},
		"description": object{"type": "string", "description": "What the agent does, in a sentence."},
		"tier":        object{"type": "string", "description": "A label: skill, tool, connector or automation."},
		"version":     object{"type": []any{"string", "number"}, "pattern": `^\d{1,6}(\.\d{1,6}){0,2}([-+][0-9A-Za-z.-]{1,40})?$`, "description": "Such as 1.0.0."},
		"manifest":    object{"$ref": "#/$defs/manifest"},
	}
	flat := object{}
	for name := range known {
		flat[name] = object{"$ref": "#/$defs/manifest/properties/" + name}
	}
	for name, value := range metadata {
		flat[name] = value
		if name != "manifest" {
			known[name] = object{"$ref": "#/properties/" + name}
		}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(object{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "The manifest of an agent", "type": "object",
		"properties": flat, "additionalProperties": false, "$defs": object{"manifest": manifest, "oauth": oauth},
	}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestSchemaIsWritten holds the file to the structs; UPDATE=1 writes it again.
func TestSchemaIsWritten(t *testing.T) {
	t.Parallel()
	want := written(t)
	if os.Getenv("UPDATE") != "" { //nolint:forbidigo // set by make gen
		if err := os.WriteFile(plugin.SchemaName, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if plugin.Schema() != string(want) {
		t.Error(plugin.SchemaName + " is not what make gen writes")
	}
}

// TestEveryFieldIsTold: a field of the manifest without words for an author is an
// oversight.
func TestEveryFieldIsTold(t *testing.T) {
	t.Parallel()
	words := told()
	var walk func(t2 reflect.Type, path string)
	walk = func(t2 reflect.Type, path string) {
		for t2.Kind() == reflect.Pointer || t2.Kind() == reflect.Map || t2.Kind() == reflect.Slice && t2.Elem().Kind() == reflect.Struct {
			if t2.Kind() == reflect.Slice {
				path += ".*"
			}
			t2 = t2.Elem()
		}
		if t2.Kind() != reflect.Struct {
			return
		}
		path = cmp.Or(map[reflect.Type]string{reflect.TypeFor[plugin.OAuth](): "oauth", reflect.TypeFor[plugin.SecretSpec](): "secret"}[t2], path)
		for field := range t2.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			at := strings.TrimPrefix(path+"."+name, ".")
			if words[at] == nil {
				t.Errorf("%s has no words", at)
			}
			if at != "oauth" || path == "" {
				walk(field.Type, at)
			}
		}
	}
	walk(reflect.TypeFor[plugin.Manifest](), "")
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(plugin.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("manifest.json", value); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fits tells whether JSON or YAML fits the schema.
func fits(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	raw, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(value)
}

func TestSamplesFitTheSchema(t *testing.T) {
	t.Parallel()
	all, err := plugin.Samples()
	if err != nil {
		t.Fatal(err)
	}
	s, count := compiled(t), 0
	err = fs.WalkDir(all, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".pie") && !strings.HasSuffix(name, "manifest.json") {
			return err
		}
		raw, err := fs.ReadFile(all, name)
		if err != nil {
			return err
		}
		text := string(raw)
		if strings.HasSuffix(name, ".pie") {
			text = strings.Split(text, "---\n")[1]
		}
		if err := fits(t, s, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		count++
		return nil
	})
	if err != nil || count < 6 {
		t.Errorf("%d samples, %v", count, err)
	}
	if err := fits(t, s, strings.Split(good, "---\n")[1]); err != nil {
		t.Error(err)
	}
	// What new agents begin with, and the platform's own samples.
	for _, pattern := range []string{"../../app/cli/templates/*.json", "../testdata/platform/*.pie"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) < 3 {
			t.Errorf("%s: %v, %v", pattern, names, err)
		}
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			text := string(raw)
			if strings.HasSuffix(name, ".pie") {
				text = strings.Split(text, "---\n")[1]
			}
			if err := fits(t, s, text); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestTheSchemaRefuses: what Load refuses or warns of, an editor marks, as far as
// one file can show it.
func TestTheSchemaRefuses(t *testing.T) {
	t.Parallel()
	client := `"clientIdSecret": "A", "clientSecretSecret": "B"`
	for name, text := range map[string]string{
		"a list":                 `[]`,
		"bad name":               `{"name": "My_Agent"}`,
		"bad version":            `{"version": "one"}`,
		"unknown key":            `{"colour": "red"}`,
		"unknown key inside":     `{"manifest": {"colour": "red"}}`,
		"bad trigger":            `{"trigger": "often"}`,
		"tool without a name":    `{"tool": {"description": "x"}}`,
		"parameters of a text":   `{"tool": {"name": "x", "description": "x", "parameters": "x"}}`,
		"no provider":            `{"oauth": {"scopes": [], ` + client + `}}`,
		"no client id":           `{"oauth": {"provider": "github", "scopes": [], "clientSecretSecret": "B"}}`,
		"no client secret":       `{"oauth": {"provider": "github", "scopes": [], "clientIdSecret": "A"}}`,
		"custom without address": `{"oauth": {"provider": "custom", "scopes": [], "tokenUrl": "https://a.test/token", ` + client + `}}`,
		"scopes of a text":       `{"oauth": {"provider": "github", "scopes": "repo", ` + client + `}}`,
		"bad token auth":         `{"oauth": {"provider": "github", "tokenAuth": "magic", ` + client + `}}`,
		"unknown key of oauth":   `{"oauth": {"provider": "github", "secret": "x", ` + client + `}}`,
		"bad service key":        `{"oauthConnections": {"1x": {"provider": "practice"}}}`,
		"callback":               `{"oauthConnections": {"callback": {"provider": "practice"}}}`,
		"a secret's value":       `{"userSecrets": {"KEY": "value"}}`,
		"bad name of a secret":   `{"userSecrets": {"a key": {}}}`,
		"bad occasion":           `{"automation": {"triggers": [{"type": "sometimes"}]}}`,
		"occasions of an object": `{"automation": {"triggers": {}}}`,
		"hosts of a text":        `{"network": {"hosts": "a.test"}}`,
		"timeout of a text":      `{"timeout": "30"}`,
		"no time":                `{"timeout": 0}`,
		"too much time":          `{"timeout": 901}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := fits(t, compiled(t), text); err == nil {
				t.Error("it fits")
			}
		})
	}
	for name, text := range map[string]string{
		"nothing":  `{}`,
		"practice": `{"$schema": "./manifest.schema.json", "oauth": {"provider": "practice", "scopes": ["notes.read"]}}`,
		"public":   `{"manifest": {"oauth": {"provider": "custom", "authorizationUrl": "https://a.test/a", "tokenUrl": "https://a.test/t", "tokenAuth": "none", "clientIdSecret": "A"}}}`,
		"several":  `{"version": 1, "oauthConnections": {"googleSheets": {"provider": "google", "scopes": [], ` + client + `}}}`,
		"occasion": `{"name": "a-b", "automation": {"triggers": [{"type": "interval", "default": "15m"}], "timeout": 1.5}, "userFields": {"x": [1]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := fits(t, compiled(t), text); err != nil {
				t.Error(err)
			}
		})
	}
	if !slices.Contains(strings.Split(plugin.Schema(), "\n"), `  "title": "The manifest of an agent",`) {
		t.Error("the schema has no title")
	}
}
