package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/backend/fault"
)

func (f *face) clientCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "client", Short: "Look after your own apps, for many agents at once",
		Long: `Most services want an app to be registered before anybody can sign in. Register
one, keep it here, and grant it to the agents that may use it. Its id and secret
are sealed on this computer; no agent uses it that you have not named.

pie provider show names the address to register.`,
		Example: "  pie client add google < client_secret.json\n  pie client grant google gmail-inbox\n  pie client list",
		Args:    cobra.ArbitraryArgs,
		RunE:    unknown,
	}
	c.AddCommand(f.clientList(), f.clientAdd(), f.clientCheck(), f.clientGrant(), f.clientRevoke(), f.clientRemove())
	return c
}

func (f *face) clientList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List your apps and who may use them",
		Long:    "Lists your apps, the agents that may use each, and what the service said about it\nwhen it was last asked. Ids and secrets are never shown.",
		Example: "  pie client list\n  pie client list --json",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			return show(f, "", "Clients.List", nil, func(list []app.Client) {
				if len(list) == 0 {
					f.say("You have no app of your own. Keep one with: pie client add PROVIDER")
					return
				}
				rows := [][]string{}
				for _, c := range list {
					rows = append(rows, []string{c.Provider, granted(c), orDash(strings.Join(c.Offers, ", ")), clientChecked(c)})
				}
				f.table([]string{"PROVIDER", "GRANTED TO", "COULD USE IT", "CHECKED"}, rows)
			})
		},
	}
}

func granted(c app.Client) string {
	names := []string{}
	for _, a := range c.Agents {
		name := a.Agent
		if a.Connected > 0 {
			name += " (connected)"
		}
		names = append(names, name)
	}
	return orDash(strings.Join(names, ", "))
}

func clientChecked(c app.Client) string {
	if c.Check == nil {
		return "never"
	}
	words := map[string]string{"accepted": "accepted", "refused": "refused", "unknown": "could not tell"}
	return words[c.Check.Verdict] + " " + when(&c.Check.At)
}

func (f *face) clientAdd() *cobra.Command {
	var noCheck bool
	c := &cobra.Command{
		Use: "add PROVIDER", Short: "Keep an app that you registered",
		Long: `Reads {"client_id":"…","client_secret":"…"} from standard input, or the file that
the service's console hands out; on a terminal it asks for both. They are never
arguments: those are visible to every program on the computer.

Then the service is asked whether it knows the app, with a code that is made up.
An app that it refuses is not kept. --no-check asks nothing.`,
		Example: "  pie client add google < client_secret.json\n  pie client add github --no-check < app.json",
		Args:    exactly("PROVIDER"),
		RunE: func(_ *cobra.Command, args []string) error {
			q, err := f.clientInput(args[0])
			if err != nil {
				return err
			}
			q.Provider, q.NoCheck = args[0], noCheck
			return show(f, "Asking the service…", "Clients.Add", q, func(c app.Client) {
				f.print("Your app for %s is kept.", cell(c.Name))
				f.verdict(c)
				for _, each := range c.Redirects[:min(1, len(c.Redirects))] {
					f.print("It must be registered with the address %s", cell(each.Address))
				}
				f.offers(c)
			})
		},
	}
	c.Flags().BoolVar(&noCheck, "no-check", false, "ask nothing of the service")
	return c
}

// clientInput reads an app from standard input, or asks a person for it.
func (f *face) clientInput(provider string) (clientParams, error) {
	if f.io.InIsTTY && f.io.ReadHidden != nil {
		id, err := f.hidden(fmt.Sprintf("Client id of your app at %s: ", cell(provider)))
		if err != nil {
			return clientParams{}, err
		}
		value, err := f.hidden("Client secret (Enter when it has none): ")
		return clientParams{ClientID: strings.TrimSpace(id.Reveal()), ClientSecret: strings.TrimSpace(value.Reveal())}, err
	}
	text, err := f.readSecret("")
	if err != nil {
		if fault.Is(err, fault.Invalid) {
			err = notAClient()
		}
		return clientParams{}, err
	}
	return readClient([]byte(text.Reveal()))
}

func (f *face) verdict(c app.Client) {
	if c.Check != nil {
		f.print("%s: %s", clientChecked(c), cell(c.Check.Detail))
	}
}

func (f *face) offers(c app.Client) {
	for _, agent := range c.Offers {
		f.print("Let %s use it: pie client grant %s %s", cell(agent), cell(c.Provider), cell(agent))
	}
}

func (f *face) clientCheck() *cobra.Command {
	return &cobra.Command{
		Use: "check PROVIDER", Short: "Ask the service whether it knows your app",
		Long:    "Asks the service with a code that is made up: it answers one way when it knows the\napp, and another when it does not. Some answer the same to everybody.",
		Example: "  pie client check google",
		Args:    exactly("PROVIDER"),
		RunE: func(_ *cobra.Command, args []string) error {
			return show(f, "Asking the service…", "Clients.Check", app.ClientRef{Provider: args[0]}, f.verdict)
		},
	}
}

func (f *face) clientGrant() *cobra.Command {
	return &cobra.Command{
		Use: "grant PROVIDER AGENT", Short: "Let an agent use your app",
		Long:    "Lets an agent sign in with your app. It never sees the id or the secret. An agent\nwith an app of its own goes on using that.",
		Example: "  pie client grant google gmail-inbox",
		Args:    exactly("PROVIDER", "AGENT"),
		RunE: func(_ *cobra.Command, args []string) error {
			return show(f, "", "Clients.Grant", app.GrantRef{Provider: args[0], Agent: args[1]}, func(c app.Client) {
				f.print("%s may use your app for %s. Next: pie connect %s", cell(args[1]), cell(c.Name), cell(args[1]))
			})
		},
	}
}

func (f *face) clientRevoke() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "revoke PROVIDER AGENT", Short: "Take your app back from an agent",
		Long:    "Takes the grant back and ends what the agent has connected with your app.",
		Example: "  pie client revoke google gmail-inbox",
		Args:    exactly("PROVIDER", "AGENT"),
		RunE: func(_ *cobra.Command, args []string) error {
			if f.asks() && !yes {
				f.say("What %s has connected with your app for %s ends.", cell(args[1]), cell(args[0]))
				if !f.confirm("Take it back?") {
					return fault.New(fault.Denied, "Nothing was taken back.", "")
				}
			}
			return show(f, "Taking back access…", "Clients.Revoke", app.GrantRef{Provider: args[0], Agent: args[1]}, f.clientEnded)
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func (f *face) clientRemove() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "remove PROVIDER", Short: "Delete your app here, and end what was connected with it",
		Long: `Takes back at the service what was connected with your app, deletes its id and
secret here, and makes a new key, so that they cannot be found in the file either.
The app itself stays registered at the service until you delete it there.`,
		Example: "  pie client remove google",
		Args:    exactly("PROVIDER"),
		RunE: func(_ *cobra.Command, args []string) error {
			if f.asks() && !yes {
				if err := f.confirmRemove(args[0]); err != nil {
					return err
				}
			}
			return show(f, "Taking back access…", "Clients.Remove", app.ClientRef{Provider: args[0]}, f.clientEnded)
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func (f *face) confirmRemove(provider string) error {
	var list []app.Client
	if err := f.call("", "Clients.List", nil, &list); err != nil {
		return err
	}
	for _, c := range list {
		if c.Provider == provider && len(c.Agents) > 0 {
			f.say("Without it these stop: %s.", cell(granted(c)))
		}
	}
	if !f.confirm("Remove it?") {
		return fault.New(fault.Denied, "Nothing was removed.", "")
	}
	return nil
}

func (f *face) clientEnded(e app.ClientEnded) {
	if e.Removed {
		f.print("Your app for %s is removed.", cell(e.Provider))
	}
	if len(e.Stopped) > 0 {
		f.print("Stopped: %s.", cell(strings.Join(e.Stopped, ", ")))
	}
	for _, d := range e.Disconnected {
		f.disconnected(d)
	}
}
