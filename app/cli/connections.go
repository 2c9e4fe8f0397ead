package cli

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/backend/connection"
	"pie/backend/fault"
)

func (f *face) connectionsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "connections [AGENT]", Short: "List connections, and services not yet connected",
		Long: `Lists every service that an agent may use: as whom, how it stands, what the
connection may be used for and when it was last used.`,
		Example: "  pie connections\n  pie connections gmail-inbox --json",
		Args:    atMost(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return show(f, "", "Connections.List", app.AgentRef{Agent: first(args)}, func(list []connection.Connection) {
				if len(list) == 0 {
					f.say("No agent that uses a service is installed.")
					return
				}
				rows := [][]string{}
				for _, c := range list {
					rows = append(rows, []string{c.Agent, serviceName(c), accountName(c), standing(c), c.Access, when(c.LastUsedAt), problemOf(c)})
				}
				f.table([]string{"AGENT", "SERVICE", "ACCOUNT", "STATE", "MAY", "LAST USED", "PROBLEM"}, rows)
			})
		},
	}
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

func serviceName(c connection.Connection) string {
	if c.Service == "default" {
		return c.Provider
	}
	return c.Service + " (" + c.Provider + ")"
}

func accountName(c connection.Connection) string {
	name := ""
	if c.Account != nil {
		name = c.Account.Label
	}
	if c.Label != "" {
		name = strings.TrimSpace(c.Label + " " + name)
	}
	return orDash(name)
}

// standing is the state, and when it ends where the program cannot renew it.
func standing(c connection.Connection) string {
	state := strings.ReplaceAll(c.Status, "_", " ")
	if c.ExpiresAt != nil && !c.Renews && (c.Status == connection.Connected || c.Status == connection.NeedsMore) {
		state += ", ends " + when(c.ExpiresAt)
	}
	return state
}

func problemOf(c connection.Connection) string {
	if c.Problem == nil {
		return "-"
	}
	return c.Problem.Message
}

func (f *face) accessCommand() *cobra.Command {
	q := app.AccessRequest{}
	c := &cobra.Command{
		Use: "access AGENT full|ask|read", Short: "Say what a connection may be used for",
		Long: `full  everything that you allowed at the service
ask   reading; anything that changes something waits for you
read  reading only`,
		Example: "  pie access gmail-inbox read\n  pie access gmail-inbox full --account work",
		Args: func(cmd *cobra.Command, args []string) error {
			if err := exactly("AGENT", "The mode (full, ask or read)")(cmd, args); err != nil {
				return err
			}
			switch args[1] {
			case connection.AccessFull, connection.AccessAsk, connection.AccessRead:
				return nil
			}
			return usage(cmd, fmt.Sprintf("%q is no mode: it is full, ask or read", cell(args[1])))
		},
		RunE: func(_ *cobra.Command, args []string) error {
			q.Agent, q.Access = args[0], args[1]
			return show(f, "", "Connections.SetAccess", q, func(c connection.Connection) {
				does := map[string]string{
					connection.AccessFull: "do all that you allowed", connection.AccessAsk: "read, and asks you before it changes anything",
					connection.AccessRead: "read only",
				}
				f.print("%s may now %s at %s.", cell(c.Agent), does[c.Access], cell(c.Provider))
			})
		},
	}
	serviceFlags(c, &q.Service, &q.Account)
	return c
}

func (f *face) disconnectCommand() *cobra.Command {
	q := app.DisconnectRequest{}
	var yes bool
	c := &cobra.Command{
		Use: "disconnect AGENT", Short: "End a connection and take its access back",
		Long: `Asks the service to take the access back, deletes the tokens here and makes a new
key, so that they cannot be found in the file either. If the service cannot be
reached the connection is deleted here all the same and you are told so.`,
		Example: "  pie disconnect gmail-inbox\n  pie disconnect gmail-inbox --account work --forget",
		Args:    exactly("AGENT"),
		RunE: func(_ *cobra.Command, args []string) error {
			q.Agent = args[0]
			if f.asks() && !yes {
				if err := f.confirmDisconnect(q); err != nil {
					return err
				}
			}
			return show(f, "Taking back access…", "Connections.Disconnect", q, func(d connection.Disconnected) { f.disconnected(d) })
		},
	}
	serviceFlags(c, &q.Service, &q.Account)
	c.Flags().BoolVar(&q.Forget, "forget", false, "delete it here only, ask nothing of the service")
	c.Flags().BoolVar(&q.Everywhere, "everywhere", false, "take it back although other connections end with it")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func (f *face) confirmDisconnect(q app.DisconnectRequest) error {
	var sheet app.DisconnectSheet
	ref := app.ConnectionRef{Agent: q.Agent, Service: q.Service, Account: q.Account}
	if err := f.call("", "Connections.DisconnectPreview", ref, &sheet); err != nil {
		return err
	}
	f.say("Without it these stop working: %s.", cell(strings.Join(append(sheet.Stops, sheet.Callers...), ", ")))
	for _, a := range sheet.Automations {
		if !a.Shared || q.Everywhere {
			f.say("  - the automation %s (%s)", cell(a.ID), cell(cmp.Or(a.Description, a.Schedule)))
		}
	}
	for _, other := range sheet.Shared {
		f.say("It shares its access with the connection of %s.", cell(other.Agent))
	}
	if !f.confirm("Disconnect?") {
		return fault.New(fault.Denied, "Nothing was disconnected.", "")
	}
	return nil
}

func (f *face) disconnected(d connection.Disconnected) {
	f.print("%s is disconnected from %s.", cell(d.Connection.Agent), cell(d.Connection.Provider))
	if d.Detail != "" {
		f.print("%s", cell(d.Detail))
	} else if d.Revoked != nil && *d.Revoked {
		f.print("The service has taken the access back.")
	}
}
