package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"pie/app"
)

func (f *face) providerCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "provider", Short: "Look up the services that can be connected",
		Long: `The catalogue of services: their addresses, how their sign-in comes back, and what
each scope allows. A file in the providers folder adds one or replaces one.`,
		Example: "  pie provider list\n  pie provider show github",
		Args:    cobra.ArbitraryArgs,
		RunE:    unknown,
	}
	c.AddCommand(
		&cobra.Command{
			Use: "list", Short: "List the catalogue",
			Long:    "Lists all known services. Proven means that a sign-in was tried there; listed, that\nits documentation was read.",
			Example: "  pie provider list",
			Args:    exactly(),
			RunE: func(*cobra.Command, []string) error {
				return show(f, "", "Providers.List", nil, func(list []app.ProviderInfo) {
					rows := [][]string{}
					for _, p := range list {
						rows = append(rows, []string{p.ID, p.Name, orDash(p.Checked), strings.Join(p.Redirect, ","), strings.Join(p.APIHosts, ", ")})
					}
					f.table([]string{"ID", "NAME", "CHECKED", "COMES BACK BY", "HOSTS"}, rows)
				})
			},
		},
		&cobra.Command{
			Use: "show ID", Short: "Show one service",
			Long:    "Shows the addresses of a service, the hosts that may receive its tokens, and its\nscopes in words.",
			Example: "  pie provider show google",
			Args:    exactly("ID"),
			RunE: func(_ *cobra.Command, args []string) error {
				return show(f, "", "Providers.Show", app.ProviderRef{ID: args[0]}, f.provider)
			},
		},
	)
	return c
}

func (f *face) provider(p app.ProviderInfo) {
	f.print("%s (%s), %s", cell(p.Name), cell(p.ID), orDash(cell(p.Checked)))
	lines := [][2]string{
		{"Authorization", p.Endpoints.Authorization},
		{"Token", p.Endpoints.Token},
		{"Device", orNone(p.Endpoints.Device)},
		{"Revocation", orNone(p.Endpoints.Revocation)},
		{"Comes back by", strings.Join(p.Redirect, ", ")},
		{"Hosts", strings.Join(p.APIHosts, ", ")},
		{"Register an app at", orNone(p.ConsoleURL)},
		{"See your grants at", orNone(p.ManageURL)},
	}
	for _, line := range lines {
		if line[1] != "" {
			f.print("%-19s %s", line[0]+":", cell(line[1]))
		}
	}
	if len(p.Scopes) == 0 {
		return
	}
	f.print("")
	rows := [][]string{}
	for _, s := range p.Scopes {
		rows = append(rows, []string{s.ID, orDash(s.Risk), s.Label})
	}
	f.table([]string{"SCOPE", "RISK", "ALLOWS"}, rows)
}

func orNone(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
