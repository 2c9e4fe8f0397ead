package plugin

import _ "embed"

//go:embed manifest.schema.json
var schemaFile string

// SchemaName is what the schema is called in an agent's folder.
const SchemaName = "manifest.schema.json"

// Schema returns the JSON Schema (draft 2020-12) of manifest.json and of the
// frontmatter of a .pie file, for editors. It refuses keys that have no effect,
// of which Load only warns.
func Schema() string { return schemaFile }
