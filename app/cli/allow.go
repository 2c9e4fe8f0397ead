package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pie/app"
)

func (f *face) agentAllow() *cobra.Command {
	var remove bool
	c := &cobra.Command{
		Use: "allow AGENT CALLEE...", Short: "Let an agent call other agents",
		Long: `Lets an agent have others work for it. A called agent uses its own connections and
secrets, so what it can do, its caller can have it do. With --remove this ends.`,
		Example: "  pie agent allow morning-brief gmail-inbox daily-weather\n  pie agent allow morning-brief gmail-inbox --remove",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage(cmd, []string{"AGENT", "CALLEE"}[len(args)]+" is missing")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			var detail app.AgentDetail
			if err := f.call("", "Agents.Show", app.AgentRef{Agent: args[0]}, &detail); err != nil {
				return err
			}
			q := app.CallsRequest{Agent: args[0], Calls: union(detail.Calls, args[1:])}
			if remove {
				q.Calls = slices.DeleteFunc(detail.Calls, func(name string) bool { return slices.Contains(args[1:], name) })
			}
			return show(f, "", "Agents.AllowCalls", q, func(calls []string) {
				if len(calls) == 0 {
					f.print("%s may call no other agent.", cell(args[0]))
					return
				}
				f.print("%s may call %s.", cell(args[0]), cell(strings.Join(calls, ", ")))
			})
		},
	}
	c.Flags().BoolVar(&remove, "remove", false, "take this back")
	return c
}
