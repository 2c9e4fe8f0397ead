package cli

import (
	"github.com/spf13/cobra"

	"pie/app"
	"pie/backend/system"
)

func (f *face) backgroundInstall() *cobra.Command {
	return &cobra.Command{
		Use: "install", Short: "Start pie background at log-in",
		Long: `Writes what the platform reads at log-in: a unit of your own systemd (or a desktop
file of the session where there is none), an agent of launchd, or a task of the
Task Scheduler. It carries the home in use.`,
		Example: "  pie background install",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			return show(f, "", "Automations.InstallService", nil, f.service)
		},
	}
}

func (f *face) backgroundUninstall() *cobra.Command {
	return &cobra.Command{
		Use: "uninstall", Short: "No longer start it at log-in",
		Long:    "Removes what install has written. A pie background that runs goes on.",
		Example: "  pie background uninstall",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			return show(f, "", "Automations.UninstallService", nil, f.service)
		},
	}
}

func (f *face) backgroundStatus() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show whether it starts at log-in",
		Long:    "Shows whether pie background starts at log-in, and whether closing the window keeps\nthe program running.",
		Example: "  pie background status",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			return show(f, "", "Automations.Background", nil, func(b app.Background) {
				f.service(b.Service)
				if b.InTray {
					f.print("Closing the window keeps it running, where there is a tray.")
				}
			})
		},
	}
}

func (f *face) service(s system.Service) {
	switch {
	case !s.Installed:
		f.print("It does not start at log-in.")
	case !s.Ours:
		f.print("Another copy or another home starts at log-in: %s", cell(s.Path))
	default:
		f.print("It starts at log-in: %s", cell(s.Path))
		f.say("%s", cell(s.Hint))
	}
}
