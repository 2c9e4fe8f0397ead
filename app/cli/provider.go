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
			Long:    "Lists all known services, and what stands between you and the first sign-in. Proven\nmeans that two sources agree on the addresses and none disagrees; listed, that they\nare taken from one, or that some disagree.",
			Example: "  pie provider list",
			Args:    exactly(),
			RunE: func(*cobra.Command, []string) error {
				return show(f, "", "Providers.List", nil, func(list []app.ProviderInfo) {
					rows := [][]string{}
					for _, p := range list {
						rows = append(rows, []string{p.ID, p.Name, effort(p.Effort), orDash(p.Checked), strings.Join(p.APIHosts, ", ")})
					}
					f.table([]string{"ID", "NAME", "EFFORT", "CHECKED", "HOSTS"}, rows)
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
	f.print("%s (%s), %s: %s", cell(p.Name), cell(p.ID), orDash(cell(p.Checked)), effort(p.Effort))
	if p.Note != "" {
		f.print("%s", cell(p.Note))
	}
	f.print("")
	lines := [][2]string{
		{"Authorization", p.Endpoints.Authorization},
		{"Token", p.Endpoints.Token},
		{"Device", orNone(p.Endpoints.Device)},
		{"Revocation", orNone(p.Endpoints.Revocation)},
		{"Registers itself at", orNone(p.Endpoints.Registration)},
		{"Comes back by", strings.Join(p.Redirect, ", ")},
		{"Hosts", strings.Join(p.APIHosts, ", ")},
		{"Brought in by your own file", strings.Join(p.AddedHosts, ", ")},
		{"Register an app at", orNone(p.ConsoleURL)},
		{"See your grants at", orNone(p.ManageURL)},
	}
	for _, line := range lines {
		if line[1] != "" {
			f.print("%-28s %s", line[0]+":", cell(line[1]))
		}
	}
	if len(p.Redirects) > 0 && len(p.Setup) > 0 {
		f.print("%-28s %s", "Address of your app:", cell(p.Redirects[0].Address))
	}
	for _, a := range p.Parameters {
		what := "such as " + a.Example + a.Suffix
		if len(a.Choices) > 0 {
			what = "one of " + strings.Join(a.Choices, ", ")
		}
		f.print("%-28s %s", "Asks for --param "+cell(a.Key)+":", cell(a.Label+", "+what))
	}
	f.steps("To register an app:", p.Setup)
	f.steps("To make a token to paste:", p.TokenSteps)
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

// effort is what a person has to do before the first sign-in.
func effort(code string) string {
	switch code {
	case "sign-in":
		return "sign in only"
	case "token":
		return "paste a token"
	case "setup":
		return "one-time set-up"
	case "unreachable":
		return "not from a laptop"
	}
	return orDash(cell(code))
}

// steps numbers what a person does at the service. {redirect_uri} is the address
// of the person's own app; an agent's own has another, which its set-up names.
func (f *face) steps(title string, steps []string) {
	if len(steps) == 0 {
		return
	}
	f.print("")
	f.print("%s", title)
	for i, step := range steps {
		f.print("%2d. %s", i+1, cell(strings.ReplaceAll(step, "{redirect_uri}", "the address of your app (an app for one agent alone: the one that pie agent show names)")))
	}
}

func orNone(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
