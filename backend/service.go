package backend

import "pie/backend/system"

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

// ServiceState tells whether this program starts at log-in.
func (b *Backend) ServiceState() (system.Service, error) {
	return b.desktop.ServiceState(system.Options{Home: b.options.Paths.Home})
}
