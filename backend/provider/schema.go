package provider

import _ "embed"

//go:embed catalog/schema.json
var schemaFile string

// Schema is the JSON Schema (draft 2020-12) of a provider file, for editors and
// for whoever writes one.
func Schema() string { return schemaFile }
