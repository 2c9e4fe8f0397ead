package app

import (
	"context"

	"pie/backend/settings"
	"pie/backend/system"
)

// Background is how the program goes on without its window.
type Background struct {
	Ask     bool           `json:"ask"`     // something is on, and the person was not asked yet: keep running?
	InTray  bool           `json:"in_tray"` // closing the window keeps the program running, where there is a tray
	Service system.Service `json:"service"` // starts it at log-in without a window
	Tray    bool           `json:"tray"`    // icons beside the clock are shown, so that a closed window can come back
}

// KeepRunningRequest is the person's answer.
type KeepRunningRequest struct {
	InTray  bool `json:"in_tray"`
	AtLogin bool `json:"at_login"`
}

// Background tells how the program goes on without its window, and whether the
// person is to be asked.
func (s *Automations) Background() (Background, error) {
	all, err := s.backend.Automations.All()
	if err != nil {
		return Background{}, err
	}
	known := s.backend.Settings()
	out := Background{InTray: known.InTray, Tray: s.backend.HasTray(context.Background())}
	for _, r := range all {
		out.Ask = out.Ask || r.Enabled && r.Under == "" && !known.TrayAsked
	}
	// A session without a home for such files just has no service.
	out.Service, _ = s.backend.ServiceState()
	return out, nil
}

// KeepRunning is the answer to whether the program keeps running: in the tray
// when its window is closed, and from log-in on. Faults: invalid, denied.
func (s *Automations) KeepRunning(q KeepRunningRequest) (Background, error) {
	err := s.backend.Change(func(p *settings.Settings) { p.InTray, p.TrayAsked = q.InTray, true })
	if err != nil {
		return Background{}, err
	}
	known, err := s.backend.ServiceState()
	switch {
	case err == nil && q.AtLogin && !known.Ours:
		_, err = s.backend.InstallService()
	case err == nil && !q.AtLogin && known.Ours: // another copy's stays
		err = s.backend.UninstallService()
	}
	if err != nil && q.AtLogin {
		return Background{}, err
	}
	return s.Background()
}

// InstallService starts the program at log-in without a window. Faults: invalid,
// denied, not_found.
func (s *Automations) InstallService() (system.Service, error) { return s.backend.InstallService() }

// UninstallService takes that back.
func (s *Automations) UninstallService() (system.Service, error) {
	if err := s.backend.UninstallService(); err != nil {
		return system.Service{}, err
	}
	return s.backend.ServiceState()
}
