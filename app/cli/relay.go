package cli

import (
	"github.com/spf13/cobra"

	"pie/app"
)

func (f *face) relayCommand() *cobra.Command {
	var remove, check bool
	c := &cobra.Command{
		Use: "relay [ADDRESS]", Short: "Use a page of your own for services that insist on https",
		Long: `Shows or sets the https address of a page of your own that hands sign-ins back.
Services that send the browser back to https alone then end with a button instead
of an address to copy. docs/relay says how to host it; redirect addresses change
with it, so register them anew.`,
		Example: "  pie relay\n  pie relay https://you.example/pie\n  pie relay --check\n  pie relay --remove",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if remove && (check || len(args) > 0) {
				return usage(cmd, "--remove takes nothing beside it")
			}
			if remove || len(args) > 0 {
				if err := f.call("", "System.SetRelay", app.RelayRequest{Address: first(args)}, nil); err != nil {
					return err
				}
			}
			if check {
				if err := f.call("Looking at the page…", "System.CheckRelay", nil, nil); err != nil {
					return err
				}
				f.say("The page is there.")
			}
			return f.relay()
		},
	}
	c.Flags().BoolVar(&check, "check", false, "look whether the page is shown there")
	c.Flags().BoolVar(&remove, "remove", false, "use none any more")
	return c
}

func (f *face) relay() error {
	return show(f, "", "System.Relay", nil, func(now app.RelayRequest) {
		if now.Address == "" {
			f.print("There is no relay page. Addresses of services that insist on https are copied by hand.")
			return
		}
		f.print("%s hands sign-ins back. See what to register: pie client list", cell(now.Address))
	})
}
