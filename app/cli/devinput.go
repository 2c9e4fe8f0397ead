package cli

import (
	"encoding/json"
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
	kept, err := backend.SavedInputs(s.folder)
	if err != nil {
		return nil, err
	}
	var out []saved
	for _, each := range kept {
		if text == "" || each.Name == text {
			out = append(out, saved{name: each.Name, function: each.Function, input: each.Input})
		}
	}
	if len(out) == 0 && text != "" {
		return nil, fault.New(fault.NotFound, "There is no saved input "+cell(text)+".", "Save it as "+backend.InputsFolder+"/"+cell(text)+".json")
	}
	if len(out) == 0 {
		out = []saved{{name: "default", input: json.RawMessage("{}")}}
	}
	return out, nil
}
