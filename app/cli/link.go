package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/app/door"
	"pie/backend/connection"
	"pie/backend/paths"
)

func (f *face) linkCommand() *cobra.Command {
	return &cobra.Command{
		Use: "link LINK", Short: "Hand in the address that a sign-in came back to",
		Long: `The system starts PIE Desktop with such an address when a sign-in comes back from
the browser. A person may do the same with an address that was copied:
pie 'LINK', in quotes.`,
		Example: "  pie 'app.pie.desktop:/api/oauth/plugin/NAME/callback?code=…&state=…'",
		Hidden:  true,
		Args:    exactly("LINK"),
		RunE:    func(_ *cobra.Command, args []string) error { return f.link(args[0]) },
	}
}

// link finishes the sign-in that waits for an address, or brings a window to
// what the link names.
func (f *face) link(link string) error {
	if strings.HasPrefix(link, paths.AppID+":open/") {
		return f.activate(link)
	}
	return show(f, "Finishing the sign-in…", "Connections.Callback", app.CallbackRequest{Link: link}, func(c connection.Connection) {
		f.connected(c)
	})
}

func (f *face) activate(link string) error {
	if err := f.call("", door.Activate, map[string]string{"link": link}, nil); err != nil {
		return err
	}
	if f.json {
		f.value(map[string]bool{"activated": true})
	} else {
		f.print("The window has it.")
	}
	return nil
}
