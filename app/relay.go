package app

import (
	"context"
	"net/url"
	"strings"

	"pie/backend/fault"
	"pie/backend/provider"
	"pie/backend/settings"
)

// RelayRequest names the page of the person's own that hands callbacks back, by
// the address that redirect paths are added to; "" takes it away.
type RelayRequest struct {
	Address string `json:"address"`
}

// Relay returns the page's address, "" when there is none.
func (s *System) Relay() (RelayRequest, error) {
	return RelayRequest{s.backend.Settings().Relay}, nil
}

// SetRelay keeps the page's address. Redirect addresses of the kind paste begin
// with it from then on, and must be registered so. Fault: invalid.
func (s *System) SetRelay(q RelayRequest) error {
	address := strings.TrimRight(strings.TrimSpace(q.Address), "/")
	if address != "" {
		u, err := url.Parse(address)
		if err != nil || provider.CheckAddress(address) != "" || u.Scheme != "https" || u.RawQuery != "" || u.ForceQuery ||
			provider.IsLoopback(u.Hostname()) || strings.Contains(u.Path, "/api/oauth") || u.EscapedPath() != u.Path {
			return fault.New(fault.Invalid, "This cannot be the address of a relay page.", "Give the https address that it is hosted below, such as https://you.example/pie.")
		}
	}
	return s.backend.Change(func(p *settings.Settings) { p.Relay = address })
}

// CheckRelay looks whether the relay page is shown where a service would send the
// browser. Faults: offline (no answer), not_found (another page, or none is set).
func (s *System) CheckRelay() error {
	return s.backend.CheckRelay(context.Background())
}
