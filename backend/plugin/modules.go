package plugin

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"pie/backend/fault"
)

const (
	maxModules = 4000
	maxDepth   = 16 // folders
)

// hasModules tells code that may take in other files of its folder.
var hasModules = regexp.MustCompile(`\bimport\b|\brequire\b|\bfrom\b`)

// leftOut are files beside the code that are no part of it.
var leftOut = []string{"manifest.json", "manifest.schema.json", "input.json", "package-lock.json", "tsconfig.json", "jsconfig.json"}

// leftOutFolders are for trying the agent out.
var leftOutFolders = []string{"inputs", "cassettes"}

// readModules takes the folder's modules into the package. Hidden files are left
// out; links are refused, for they name what the person did not look at.
func (p *Package) readModules(folder fs.FS) error {
	total := 0
	for _, text := range p.files {
		total += len(text)
	}
	return fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fault.Wrap(err, fault.Invalid, fmt.Sprintf("%s cannot be read.", name), "Check who may read it.")
		}
		if strings.HasPrefix(entry.Name(), ".") && name != "." {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			if slices.Contains(leftOutFolders, name) {
				return fs.SkipDir
			}
			if strings.Count(name, "/") >= maxDepth {
				return wrong("%s lies too deep in folders.", name)
			}
			return nil
		}
		if p.files[name] != nil || !isModule(name) {
			return nil
		}
		if entry.Type()&fs.ModeSymlink != 0 {
			return wrong("%s is a link; an agent's folder must hold its files itself.", name)
		}
		text, err := readFile(folder, name)
		if err != nil {
			return err
		}
		if total += len(text); total > maxPackage || len(p.files) > maxModules {
			return fault.New(fault.Limited, "The agent's folder holds more than 4 MB or 4,000 files of code.", "Take what it does not need out of it.")
		}
		p.files[name] = text
		p.findHosts(string(text))
		return nil
	})
}

func isModule(name string) bool {
	if slices.Contains(leftOut, name) || strings.HasSuffix(name, ".d.ts") || !cleanPath(name) {
		return false
	}
	return slices.Contains([]string{".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".json"}, path.Ext(name))
}
