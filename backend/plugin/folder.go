package plugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"pie/backend/fault"
)

// Load reads the package at name, a .pie file or a folder. Faults: not_found,
// invalid.
func Load(name string, known Known) (*Package, error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, fault.NotFound, fmt.Sprintf("There is no file or folder %s.", name), "Check the path.")
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, fmt.Sprintf("%s cannot be read.", name), "Check who may read it.")
	}
	if info.IsDir() {
		abs, err := filepath.Abs(name)
		if err != nil {
			return nil, fmt.Errorf("finding folder: %w", err)
		}
		root, err := os.OpenRoot(name) // links out of the folder are not followed
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, fmt.Sprintf("%s cannot be read.", name), "Check who may read it.")
		}
		defer func() { _ = root.Close() }()
		return LoadFolder(root.FS(), filepath.Base(abs), known)
	}
	if info.Size() > maxPackage {
		return nil, fault.New(fault.Limited, "The agent's package is larger than 4 MB.", "Take large files out of it.")
	}
	raw, err := os.ReadFile(name) // #nosec G304 -- the person named it
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, fmt.Sprintf("%s cannot be read.", name), "Check who may read it.")
	}
	return Parse(filepath.Base(name), raw, known)
}

// LoadFolder reads a package from manifest.json, agent.js or agent.ts, and the
// modules beside it where the code has any. A manifest without a name takes the
// folder's. Fault: invalid.
func LoadFolder(folder fs.FS, folderName string, known Known) (*Package, error) {
	if raw, err := readFile(folder, "agent.pie"); err == nil {
		return Parse("agent.pie", raw, known)
	}
	manifest, err := readFile(folder, "manifest.json")
	if err != nil {
		return nil, err
	}
	if !json.Valid(manifest) {
		return nil, jsonFault(manifest)
	}
	entry := "agent.js"
	if _, err := fs.Stat(folder, "agent.ts"); err == nil {
		entry = "agent.ts"
		if _, err := fs.Stat(folder, "agent.js"); err == nil {
			return nil, wrong("The folder holds both agent.js and agent.ts.")
		}
	}
	code, err := readFile(folder, entry)
	if err != nil {
		return nil, err
	}
	object, err := withName(manifest, folderName)
	if err != nil {
		return nil, err
	}
	p, err := build("manifest.json", object, string(code), known)
	if err != nil {
		return nil, err
	}
	p.CodeName, p.CodeLine = entry, 1
	p.files = map[string][]byte{"manifest.json": manifest, entry: code}
	if hasModules.Match(code) {
		if err := p.readModules(folder); err != nil {
			return nil, err
		}
	}
	p.Hash = hash(p.files)
	return p, nil
}

func readFile(folder fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(folder, name)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, fmt.Sprintf("The folder holds no %s.", name), "An agent's folder needs manifest.json and agent.js or agent.ts.")
	}
	if info.Size() > maxPackage || !info.Mode().IsRegular() {
		return nil, wrong("%s is too large or not an ordinary file.", name)
	}
	raw, err := fs.ReadFile(folder, name)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, fmt.Sprintf("%s cannot be read.", name), "Check who may read it.")
	}
	return raw, nil
}

func jsonFault(raw []byte) error {
	err := json.Unmarshal(raw, new(any))
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		line := 1 + strings.Count(string(raw[:min(int(syntax.Offset), len(raw))]), "\n")
		return fault.Wrap(err, fault.Invalid, fmt.Sprintf("manifest.json, line %d: %s.", line, syntax.Error()), "Correct the JSON.")
	}
	return fault.Wrap(err, fault.Invalid, "manifest.json cannot be read.", "Correct the JSON.")
}

func withName(manifest []byte, folderName string) (json.RawMessage, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(manifest, &object); err != nil || object == nil {
		return nil, wrong("manifest.json must hold one object.")
	}
	if _, ok := object["name"]; !ok {
		name, err := json.Marshal(folderName)
		if err != nil {
			return nil, fmt.Errorf("naming agent: %w", err)
		}
		object["name"] = name
	}
	out, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("naming agent: %w", err)
	}
	return out, nil
}
