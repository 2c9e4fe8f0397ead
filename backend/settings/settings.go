// Package settings owns the preferences, which are not secret: one JSON file.
package settings

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"

	"pie/backend/fault"
	"pie/backend/paths"
)

// Settings are the preferences. The zero value is what a new home has.
type Settings struct {
	LoopbackPort int      `json:"loopback_port"` // 0: the default port
	Relay        string   `json:"relay"`         // https address of the person's relay page; "" for none
	Theme        string   `json:"theme"`         // "" follows the system | light | dark
	AI           AI       `json:"ai"`
	QuietFrom    string   `json:"quiet_from"`   // no notifications from this time of the day, "22:00"; "" for none
	QuietTo      string   `json:"quiet_to"`     // until this one
	WebhookPort  int      `json:"webhook_port"` // 0 until a webhook was made
	KeepDays     int      `json:"keep_days"`    // of history; 0 for all
	KeepMB       int      `json:"keep_mb"`      // megabytes of runs; 0 for all
	NoResults    []string `json:"no_results"`   // agents whose inputs, results and logs are not kept
	InTray       bool     `json:"in_tray"`      // closing the window keeps the program running
	TrayAsked    bool     `json:"tray_asked"`   // whether the person was asked so
}

// Quiet tells whether the time of the day lies in the quiet hours.
func (s Settings) Quiet(now time.Time) bool {
	from, err := minuteOfDay(s.QuietFrom)
	to, wrong := minuteOfDay(s.QuietTo)
	if err != nil || wrong != nil || from == to {
		return false
	}
	at := now.Hour()*60 + now.Minute()
	if from < to {
		return from <= at && at < to
	}
	return at >= from || at < to
}

// CheckQuiet holds quiet hours to their form; both are empty or neither. Fault:
// invalid.
func CheckQuiet(from, to string) error {
	if from == "" && to == "" {
		return nil
	}
	_, err := minuteOfDay(from)
	_, wrong := minuteOfDay(to)
	if err != nil || wrong != nil {
		return fault.New(fault.Invalid, "The quiet hours have another form.", "Write both times like 22:00 and 07:00.")
	}
	return nil
}

func minuteOfDay(text string) (int, error) {
	t, err := time.Parse("15:04", text)
	return t.Hour()*60 + t.Minute(), err
}

// AI is the language model that agents may ask. An empty Address is the default,
// an empty Model the server's first.
type AI struct {
	Address string `json:"address"`
	Model   string `json:"model"`
	Off     bool   `json:"off"` // agents ask none
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
	if err := CheckQuiet(s.QuietFrom, s.QuietTo); err != nil {
		return Settings{}, err
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
