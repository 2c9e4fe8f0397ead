package app

import (
	"context"

	"pie/backend"
	"pie/backend/practice"
)

// Practice is the service of the provider that lives in the program itself.
type Practice struct{ backend *backend.Backend }

// PracticeStatus is the practice provider as people see it.
type PracticeStatus struct {
	Running bool             `json:"running"`
	URL     string           `json:"url"`
	Faults  []PracticeSwitch `json:"faults"`
	Stats   practice.Stats   `json:"stats"`
}

// PracticeSwitch is a fault that can be switched on.
type PracticeSwitch struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// SwitchRequest makes the next requests of a kind misbehave; 0 ends it.
type SwitchRequest struct {
	Fault string `json:"fault"`
	Times int    `json:"times"`
}

// Status tells whether it runs and what it has seen.
func (s *Practice) Status() (PracticeStatus, error) {
	status := PracticeStatus{Faults: []PracticeSwitch{}}
	for _, each := range practice.Faults() {
		status.Faults = append(status.Faults, PracticeSwitch{string(each), each.Title(), each.Sentence()})
	}
	if server := s.backend.RunningPractice(); server != nil {
		status.Running, status.URL, status.Stats = true, server.URL(), server.Stats()
	}
	return status, nil
}

// Start starts it.
func (s *Practice) Start() (PracticeStatus, error) {
	if _, err := s.backend.Practice(context.Background()); err != nil {
		return PracticeStatus{}, err
	}
	return s.Status()
}

// Switch makes it misbehave. Fault: invalid for an unknown name.
func (s *Practice) Switch(q SwitchRequest) error {
	server, err := s.backend.Practice(context.Background())
	if err != nil {
		return err
	}
	return server.Switch(practice.Fault(q.Fault), q.Times)
}

// Expire ends all its access tokens now.
func (s *Practice) Expire() error {
	server, err := s.backend.Practice(context.Background())
	if err != nil {
		return err
	}
	server.Expire()
	return nil
}
