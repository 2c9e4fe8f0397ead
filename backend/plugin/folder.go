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
		return LoadFolder(os.DirFS(name), filepath.Base(abs), known)
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

// LoadFolder reads a package from manifest.json and agent.js. A manifest
// without a name takes the folder's. Fault: invalid.
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
	code, err := readFile(folder, "agent.js")
	if err != nil {
		if _, tsErr := fs.Stat(folder, "agent.ts"); tsErr == nil {
			return nil, wrong("This version runs JavaScript only, and the folder holds agent.ts.")
		}
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
	p.CodeName, p.CodeLine = "agent.js", 1
	p.files = map[string][]byte{"manifest.json": manifest, "agent.js": code}
	p.Hash = hash(p.files)
	return p, nil
}

func readFile(folder fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(folder, name)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, fmt.Sprintf("The folder holds no %s.", name), "An agent's folder needs manifest.json and agent.js.")
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
