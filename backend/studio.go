package backend

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"pie/backend/agent"
	"pie/backend/fault"
	"pie/backend/plugin"
)

const longestInput = 4 << 20 // bytes of a saved input

// SavedInput is one input with which the author of a folder tries it out.
type SavedInput struct {
	Name     string          `json:"name"`
	Function string          `json:"function"` // "" for the usual one
	Input    json.RawMessage `json:"input"`
}

// Studio is a folder in which somebody writes an agent.
type Studio struct {
	Folder      string       `json:"folder"` // absolute
	Agent       string       `json:"agent"`  // "" while the folder cannot be read
	DisplayName string       `json:"display_name"`
	InPlace     bool         `json:"in_place"` // it runs from here, as agreed
	Services    []string     `json:"services"` // keys of those it uses
	Inputs      []SavedInput `json:"inputs"`
	Recordings  []string     `json:"recordings"` // their names
}

// LookAtFolder tells what a folder holds for its author. That it is no agent yet
// is no fault: checking it says why. Faults: not_found, invalid (a saved
// input), denied.
func (b *Backend) LookAtFolder(folder string) (Studio, error) {
	out := Studio{Folder: folder, DisplayName: filepath.Base(folder), Services: []string{}, Inputs: []SavedInput{}, Recordings: []string{}}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return out, fault.New(fault.NotFound, "There is no folder "+quote(folder)+".", "Begin one in a terminal: pie agent new NAME")
	}
	if p, err := plugin.Load(folder, b.known); err == nil {
		out.Agent, out.DisplayName = p.Name, p.DisplayName
		out.Services = append(out.Services, p.ServiceKeys()...)
		_, err := b.inPlace(p, folder)
		out.InPlace = err == nil
	}
	var err error
	if out.Inputs, err = SavedInputs(folder); err != nil {
		return out, err
	}
	out.Recordings, err = jsonFiles(folder, CassettesFolder)
	return out, err
}

// SavedInputs are the inputs that a folder keeps, by name: inputs/NAME.json, or
// inputs/NAME.FUNCTION.json for another function. Faults: invalid, denied.
func SavedInputs(folder string) ([]SavedInput, error) {
	names, err := jsonFiles(folder, InputsFolder)
	if err != nil {
		return nil, err
	}
	out := []SavedInput{}
	for _, base := range names {
		raw, err := readSaved(folder, base)
		if err == nil {
			err = agent.CheckInput(raw)
		}
		if err != nil {
			problem := fault.Public(err)
			return nil, fault.Wrap(err, fault.Invalid, InputsFolder+"/"+base+".json: "+problem.Message, "Correct the file.")
		}
		_, function, _ := strings.Cut(base, ".")
		out = append(out, SavedInput{base, function, raw})
	}
	return out, nil
}

// jsonFiles are the names, without .json, of the ordinary files in dir; there need
// not be such a folder. Fault: denied.
func jsonFiles(folder, dir string) ([]string, error) {
	out := []string{}
	entries, err := os.ReadDir(filepath.Join(folder, dir))
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Denied, "The folder "+dir+" cannot be read.", "Check who may read it.")
	}
	for _, entry := range entries {
		if base, isJSON := strings.CutSuffix(entry.Name(), ".json"); isJSON && entry.Type().IsRegular() {
			out = append(out, base)
		}
	}
	return out, nil
}

func readSaved(folder, base string) (json.RawMessage, error) {
	raw, err := readKept(folder, InputsFolder+"/"+base+".json", longestInput)
	if errors.Is(err, errNotKept) {
		return nil, fault.New(fault.Invalid, "The input is larger than 4 MB.", "")
	}
	if raw = bytes.TrimSpace(raw); err == nil && len(raw) == 0 {
		raw = []byte("{}")
	}
	if err == nil && !json.Valid(raw) {
		err = fault.New(fault.Invalid, "This is no JSON.", "")
	}
	return raw, err
}

// KeepInput keeps an input in the folder, in place of one of that name. Faults:
// invalid, denied.
func KeepInput(folder, name string, input json.RawMessage) error {
	if !cassetteName.MatchString(name) {
		return fault.New(fault.Invalid, "A saved input's name is letters, digits, dots, hyphens and underscores.", "For example: first-page")
	}
	if !json.Valid(input) {
		return fault.New(fault.Invalid, "The input is no JSON.", `Write it like {"name": "value"}.`)
	}
	if err := agent.CheckInput(input); err != nil {
		return err
	}
	if err := writeSaved(folder, name, input); err != nil {
		return fault.Wrap(err, fault.Denied, "The input cannot be kept in the agent's folder.", "Check who may write it.")
	}
	return nil
}

func writeSaved(folder, name string, input json.RawMessage) error {
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, input, "", "  "); err != nil {
		return fmt.Errorf("writing input: %w", err)
	}
	pretty.WriteByte('\n')
	return writeKept(folder, InputsFolder, name+".json", pretty.Bytes())
}
