package backend

import (
	"context"

	"pie/backend/system"
)

// InstallService starts this program at log-in without a window, for this home.
func (b *Backend) InstallService() (system.Service, error) {
	s, err := b.desktop.InstallService(system.Options{Home: b.options.Paths.Home})
	b.options.Notify("settings", "")
	return s, err
}

// UninstallService takes that back.
func (b *Backend) UninstallService() error {
	err := b.desktop.UninstallService()
	b.options.Notify("settings", "")
	return err
}

// HasTray tells whether an icon beside the clock would be shown.
func (b *Backend) HasTray(ctx context.Context) bool { return b.desktop.HasTray(ctx) }

// ServiceState tells whether this program starts at log-in.
func (b *Backend) ServiceState() (system.Service, error) {
	return b.desktop.ServiceState(system.Options{Home: b.options.Paths.Home})
}
