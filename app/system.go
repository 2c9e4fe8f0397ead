package app

import (
	"context"

	"pie/backend"
	"pie/backend/fault"
	"pie/backend/settings"
	"pie/backend/vault"
)

// System is the service of the program and the desktop round it.
type System struct{ backend *backend.Backend }

// Info is what Settings shows.
type Info struct {
	Version      string       `json:"version"`
	Home         string       `json:"home"` // PIE_HOME, "" for the platform's own folders
	Config       string       `json:"config"`
	Data         string       `json:"data"`
	State        string       `json:"state"`
	Log          string       `json:"log"`
	Display      bool         `json:"display"`
	Scheme       Scheme       `json:"scheme"`
	LoopbackPort int          `json:"loopback_port"`
	Theme        string       `json:"theme"` // "" | light | dark
	Vault        vault.Status `json:"vault"`
	FirstRun     bool         `json:"first_run"` // no agent was ever installed and no run kept
}

// Scheme is who holds the custom URL scheme of this program.
type Scheme struct {
	Name       string `json:"name"`
	Registered bool   `json:"registered"`
	Ours       bool   `json:"ours"`
	Executable string `json:"executable"`
	Home       string `json:"home"`
	Problem    string `json:"problem"`
}

// Doctor is the result of all checks.
type Doctor struct {
	Checks []backend.Check `json:"checks"`
}

// DoctorRequest asks for the checks; Fix mends what can be mended without asking.
type DoctorRequest struct {
	Fix bool `json:"fix"`
}

// ThemeRequest sets the colours: "" follows the system.
type ThemeRequest struct {
	Theme string `json:"theme"`
}

// PortRequest sets the port of the loopback redirect address; 0 is the default.
type PortRequest struct {
	Port int `json:"port"`
}

// LinkRequest names a page to open.
type LinkRequest struct {
	URL string `json:"url"`
}

// Info tells where everything is and in which state.
func (s *System) Info() (Info, error) {
	p := s.backend.Paths()
	first, err := s.backend.FirstRun()
	if err != nil {
		return Info{}, err
	}
	return Info{
		Version: Version, Home: p.Home, Config: p.Config, Data: p.Data, State: p.State, Log: p.Log(),
		Display: s.backend.Env().Display != "", Scheme: s.scheme(), LoopbackPort: s.backend.LoopbackPort(),
		Theme: s.backend.Settings().Theme, Vault: s.backend.Vault.Status(context.Background()), FirstRun: first,
	}, nil
}

func (s *System) scheme() Scheme {
	h := s.backend.SchemeHolder()
	return Scheme(h)
}

// Doctor looks at everything that can be wrong.
func (s *System) Doctor(q DoctorRequest) (Doctor, error) {
	return Doctor{s.backend.Doctor(context.Background(), q.Fix)}, nil
}

// RegisterScheme makes this program the one that opens its links.
func (s *System) RegisterScheme() (Scheme, error) {
	if err := s.backend.RegisterScheme(); err != nil {
		return Scheme{}, err
	}
	return s.scheme(), nil
}

// FirstStart makes links come to this program where they come to nobody yet. A
// scheme that somebody else holds is left to the person to decide.
func (s *System) FirstStart() error {
	if holder := s.backend.SchemeHolder(); holder.Registered || holder.Problem != "" {
		return nil
	}
	return s.backend.RegisterScheme()
}

// SetTheme changes the colours. Fault: invalid.
func (s *System) SetTheme(q ThemeRequest) error {
	if q.Theme != "" && q.Theme != "light" && q.Theme != "dark" {
		return fault.New(fault.Invalid, "There is no such theme.", "Use light, dark, or nothing to follow the system.")
	}
	return s.backend.Change(func(p *settings.Settings) { p.Theme = q.Theme })
}

// SetLoopbackPort changes the port; it counts from the next start. Fault: invalid.
func (s *System) SetLoopbackPort(q PortRequest) error {
	if q.Port < 0 || q.Port > 65535 {
		return fault.New(fault.Invalid, "This is no port.", "Use a number from 1 to 65535, or 0 for the default.")
	}
	return s.backend.Change(func(p *settings.Settings) { p.LoopbackPort = q.Port })
}

// OpenLink opens a page that the catalogue names (a provider's documentation,
// console or list of connected apps). Every other address is denied: what an
// agent writes must not lead a person anywhere.
func (s *System) OpenLink(q LinkRequest) error {
	return s.backend.OpenKnown(context.Background(), q.URL)
}
