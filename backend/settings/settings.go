// Package settings owns the preferences, which are not secret: one JSON file.
package settings

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"pie/backend/fault"
	"pie/backend/paths"
)

// Settings are the preferences. The zero value is what a new home has.
type Settings struct {
	LoopbackPort int    `json:"loopback_port"` // 0: the default port
	Theme        string `json:"theme"`         // "" follows the system | light | dark
}

// Load reads the file; a missing one is the zero value. Fault: invalid.
func Load(file string) (Settings, error) {
	var s Settings
	raw, err := os.ReadFile(file) // #nosec G304 -- a file of the program's own
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &s)
	}
	if err != nil {
		return Settings{}, fault.Wrap(err, fault.Invalid, "The settings file cannot be read.", "Correct it, or remove it to begin with the defaults: "+file)
	}
	if s.LoopbackPort < 0 || s.LoopbackPort > 65535 {
		return Settings{}, fault.New(fault.Invalid, "loopback_port in the settings is no port.", "Use a number from 1 to 65535, or 0 for the default.")
	}
	return s, nil
}

// Save writes the file in one step.
func Save(file string, s Settings) error {
	raw, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fault.Wrap(err, fault.Internal, "The settings cannot be saved.", "")
	}
	return paths.WriteFile(file, append(raw, '\n'))
}
