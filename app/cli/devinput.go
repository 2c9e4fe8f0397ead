package cli

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"pie/backend"
	"pie/backend/fault"
)

// saved is one input of the folder.
type saved struct {
	name, function string
	input          json.RawMessage
}

// inputs are what to run with. Faults: invalid, not_found.
func (s *studio) inputs() ([]saved, error) {
	text := s.options.input
	if text != "" && (strings.ContainsAny(text[:1], "{[@\"") || text == "-" || json.Valid([]byte(text))) {
		raw, err := s.readInput(text)
		return []saved{{name: "default", input: raw}}, err
	}
	var out []saved
	dir := filepath.Join(s.folder, backend.InputsFolder)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, fault.Denied, "The saved inputs cannot be read.", "Check who may read them.")
	}
	for _, entry := range entries {
		base, isJSON := strings.CutSuffix(entry.Name(), ".json")
		if !isJSON || !entry.Type().IsRegular() || text != "" && base != text {
			continue
		}
		raw, err := s.readInput("@" + filepath.Join(dir, entry.Name()))
		if err != nil {
			problem := fault.Public(err)
			return nil, fault.Wrap(err, fault.Invalid, backend.InputsFolder+"/"+cell(entry.Name())+": "+problem.Message, "Correct the file.")
		}
		_, function, _ := strings.Cut(base, ".")
		out = append(out, saved{name: base, function: function, input: raw})
	}
	if len(out) == 0 && text != "" {
		return nil, fault.New(fault.NotFound, "There is no saved input "+cell(text)+".", "Save it as "+backend.InputsFolder+"/"+cell(text)+".json")
	}
	if len(out) == 0 {
		out = []saved{{name: "default", input: json.RawMessage("{}")}}
	}
	return out, nil
}
