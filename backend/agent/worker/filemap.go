package worker

import (
	"encoding/json"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"pie/backend/agent/wire"
)

var requireCall = regexp.MustCompile(`\brequire\s*\(\s*['"]([^'"\n]+)['"]`)

// requires tells whether the entry takes in other files of its package.
func requires(source wire.Source) bool {
	for _, match := range requireCall.FindAllSubmatch(source.Files[source.Entry], -1) {
		if found := fileSet(source.Files).resolve(source.Entry, string(match[1])); found != "" {
			return true
		}
	}
	return false
}

// fileMap lets the compiler see the package's files and nothing else.
func fileMap(source wire.Source) api.Plugin {
	files := fileSet(source.Files)
	return api.Plugin{Name: namespace, Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: ".*"}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
			if a.Kind == api.ResolveEntryPoint {
				return api.OnResolveResult{Path: a.Path, Namespace: namespace}, nil
			}
			importer := a.Importer
			if a.Namespace != namespace {
				importer = source.Entry
			}
			if found := files.resolve(importer, a.Path); found != "" {
				return api.OnResolveResult{Path: found, Namespace: namespace}, nil
			}
			return api.OnResolveResult{Errors: []api.Message{{Text: notThere(a.Path), Detail: "import"}}}, nil
		})
		b.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: namespace}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
			text := string(source.Files[a.Path])
			if strings.HasPrefix(text, "#!") {
				text = "//" + text
			}
			if a.Path == source.Entry {
				text = strings.Repeat("\n", source.Line-1) + text
			}
			return api.OnLoadResult{Contents: &text, Loader: loader(a.Path)}, nil
		})
	}}
}

func notThere(name string) string {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "/") {
		return "The package has no file " + name
	}
	return "The package holds no module " + name + "; modules of Node.js do not exist here"
}

func loader(name string) api.Loader {
	switch path.Ext(name) {
	case ".ts", ".mts", ".cts", ".pie": // a .pie file is first tried as it is
		return api.LoaderTS
	case ".tsx":
		return api.LoaderTSX
	case ".jsx":
		return api.LoaderJSX
	case ".json":
		return api.LoaderJSON
	}
	return api.LoaderJS
}

// fileSet finds modules among the files of a package, as Node does among those
// of a disk.
type fileSet map[string][]byte

func (f fileSet) resolve(importer, name string) string {
	if strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") || name == "." || name == ".." {
		return f.file(path.Join(path.Dir(importer), name))
	}
	if strings.HasPrefix(name, "/") || strings.Contains(name, ":") {
		return ""
	}
	for dir := path.Dir(importer); ; dir = path.Dir(dir) {
		if found := f.module(path.Join(dir, "node_modules"), name); found != "" {
			return found
		}
		if dir == "." || dir == "/" {
			return ""
		}
	}
}

// file is name itself, with an extension, or as a folder.
func (f fileSet) file(name string) string {
	name = path.Clean(name)
	candidates := []string{name}
	for _, extension := range []string{".ts", ".js", ".mjs", ".cjs", ".mts", ".tsx", ".jsx", ".json"} {
		candidates = append(candidates, name+extension)
	}
	if before, ok := strings.CutSuffix(name, ".js"); ok { // TypeScript writes the name of what will be
		candidates = append(candidates, before+".ts", before+".tsx")
	}
	for _, extension := range []string{".ts", ".js", ".mjs", ".cjs", ".json"} {
		candidates = append(candidates, path.Join(name, "index"+extension))
	}
	for _, candidate := range candidates {
		if _, ok := f[candidate]; ok {
			return candidate
		}
	}
	return ""
}

// module is a package under folder, or a file of it.
func (f fileSet) module(folder, name string) string {
	parts := strings.SplitN(name, "/", 3)
	words := 1
	if strings.HasPrefix(name, "@") {
		words = 2
	}
	words = min(words, len(parts))
	root := path.Join(folder, path.Join(parts[:words]...))
	sub := "."
	if rest := strings.TrimPrefix(strings.TrimPrefix(name, path.Join(parts[:words]...)), "/"); rest != "" {
		sub = "./" + rest
	}
	raw, described := f[path.Join(root, "package.json")]
	if !described {
		return f.file(path.Join(root, sub))
	}
	var p struct {
		Main    string          `json:"main"`
		Module  string          `json:"module"`
		Exports json.RawMessage `json:"exports"`
	}
	_ = json.Unmarshal(raw, &p)
	if target := exported(p.Exports, sub); target != "" {
		return f.file(path.Join(root, target))
	}
	if sub != "." {
		return f.file(path.Join(root, sub))
	}
	for _, main := range []string{p.Module, p.Main, "index"} {
		if main != "" {
			if found := f.file(path.Join(root, main)); found != "" {
				return found
			}
		}
	}
	return ""
}

// exported reads what a package.json says of a path: a text, conditions, or a
// table of paths.
func exported(raw json.RawMessage, sub string) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if sub == "." {
			return text
		}
		return ""
	}
	var table map[string]json.RawMessage
	if json.Unmarshal(raw, &table) != nil {
		return ""
	}
	if entry, ok := table[sub]; ok {
		return exported(entry, ".")
	}
	if sub != "." {
		return wildcard(table, sub)
	}
	for _, condition := range []string{"import", "module", "browser", "default", "require"} {
		if target := exported(table[condition], "."); target != "" {
			return target
		}
	}
	return ""
}

// wildcard reads a table entry such as "./*".
func wildcard(table map[string]json.RawMessage, sub string) string {
	for _, pattern := range slices.Backward(slices.Sorted(maps.Keys(table))) { // longer ones first
		target := table[pattern]
		before, after, ok := strings.Cut(pattern, "*")
		if !ok || len(sub) < len(before)+len(after) || !strings.HasPrefix(sub, before) || !strings.HasSuffix(sub, after) {
			continue
		}
		if text := exported(target, "."); text != "" {
			return strings.ReplaceAll(text, "*", sub[len(before):len(sub)-len(after)])
		}
	}
	return ""
}
