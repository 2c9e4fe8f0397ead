package cli

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pie/app"
)

func (f *face) automationCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "automation", Short: "Let agents run by themselves",
		Long: `Agents say when they would like to run; nothing starts until you turn it on. What
is turned on runs while the window or pie background is open. A time that passed
meanwhile is made up for as you chose, and stands in pie history where it is not.

An automation is named AGENT/N, or AGENT for its first. AGENT/tasks is all that an
agent plans for itself while it runs, and AGENT/task-… one of that: nothing of it
runs until you turn AGENT/tasks on.`,
		Example: "  pie automation list\n  pie automation enable daily-weather --schedule \"0 7 * * 1-5\"\n  pie automation next daily-weather",
		Args:    cobra.ArbitraryArgs,
		RunE:    unknown,
	}
	c.AddCommand(f.automationList(), f.automationEnable(), f.automationDisable(), f.automationRun(), f.automationNext(),
		f.automationCatchUp(), f.automationDecide(), f.automationWebhook(), f.automationQuiet())
	return c
}

func (f *face) automationList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List what may run by itself",
		Long:    "Lists the automations of all installed agents: when they run, whether they are on,\nand how the last run ended.",
		Example: "  pie automation list --json",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			return show(f, "", "Automations.List", nil, func(list []app.Automation) {
				if len(list) == 0 {
					f.say("No installed agent wants to run by itself.")
					return
				}
				rows, waiting := [][]string{}, ""
				for _, a := range list {
					rows = append(rows, automationRow(a))
					if !a.Allowed {
						waiting = a.Agent
					}
				}
				f.table([]string{"AUTOMATION", "STATE", "SCHEDULE", "NEXT", "LAST", "WHAT"}, rows)
				if waiting != "" {
					f.say("What an agent plans waits until you turn it on: pie automation enable %s/tasks", cell(waiting))
				}
			})
		},
	}
}

func automationRow(a app.Automation) []string {
	state, last, what := "off", "-", orDash(a.Description)
	switch {
	case a.Enabled && !a.Allowed:
		state = "waits"
	case a.Enabled:
		state = "on"
	}
	if a.LastRun != nil {
		last = a.LastRun.Status + " " + when(&a.LastRun.Due)
	}
	if a.By == "agent" {
		what += " (planned by the agent)"
	}
	return []string{a.ID, state, orDash(a.Schedule), when(a.Next), last, what}
}

func (f *face) automationEnable() *cobra.Command {
	q := app.EnableRequest{}
	var jitter time.Duration
	var yes bool
	c := &cobra.Command{
		Use: "enable AUTOMATION", Short: "Turn an automation on",
		Long: `Turns an automation on, at the author's times or at yours. A schedule is a cron
expression (minute, hour, day, month, day of the week) on the clock of your time
zone, an interval such as 15m, or start for whenever PIE Desktop starts. First it
says what the agent may do and as whom; on a terminal it asks, unless --yes.

A webhook, an event of another agent and a new connection have no times.`,
		Example: "  pie automation enable daily-weather\n  pie automation enable daily-weather --schedule \"30 6 * * *\" --missed skip\n  pie automation enable daily-weather --every 2h --network wait",
		Args:    exactly("AUTOMATION"),
		RunE: func(_ *cobra.Command, args []string) error {
			q.ID, q.JitterS = args[0], int(jitter.Seconds())
			if err := f.agreeTo(q.ID, yes); err != nil {
				return err
			}
			return show(f, "", "Automations.Enable", q, f.oneAutomation)
		},
	}
	c.Flags().StringVar(&q.Schedule, "schedule", "", "when, instead of the author's `TIMES`")
	c.Flags().StringVar(&q.Every, "every", "", "how often, such as `15m`, in place of a schedule")
	c.Flags().StringVar(&q.Zone, "zone", "", "the clock that the schedule is about, such as `Europe/Berlin`; this computer's when not given")
	c.Flags().StringVar(&q.Network, "network", "", "without a network: wait or ignore; wait for agents that need one")
	c.Flags().StringVar(&q.Battery, "battery", "", "while the battery is being saved: wait or ignore (the default)")
	c.Flags().DurationVar(&jitter, "jitter", 0, "put each run off by up to that much, such as 5m (1h at most)")
	c.Flags().BoolVar(&yes, "yes", false, "turn it on without asking")
	c.Flags().StringVar(&q.Missed, "missed", "", "what of missed times: skip, once (the default) or all of the last day")
	c.Flags().StringVar(&q.Overlap, "overlap", "", "when the run before still goes on: skip (the default) or queue")
	c.Flags().StringVar(&q.Retry, "retry", "", "when a run failed for a reason that may pass: later (the default) or never")
	c.Flags().StringVar(&q.Account, "account", "", "`LABEL` of the account, where you have several")
	return c
}

func (f *face) automationDisable() *cobra.Command {
	return &cobra.Command{
		Use: "disable AUTOMATION", Short: "Turn an automation off",
		Long:    "Turns an automation off. A run under way goes on to its end.",
		Example: "  pie automation disable daily-weather",
		Args:    exactly("AUTOMATION"),
		RunE: func(_ *cobra.Command, args []string) error {
			return show(f, "", "Automations.Disable", app.AutomationRef{ID: args[0]}, f.oneAutomation)
		},
	}
}

func (f *face) oneAutomation(a app.Automation) {
	if !a.Enabled {
		f.print("%s is off.", cell(a.ID))
		return
	}
	if strings.HasPrefix(a.Schedule, "when ") {
		f.print("%s is on: it runs %s, while the window or pie background is open.", cell(a.ID), cell(a.Schedule))
		return
	}
	f.print("%s is on: %s (%s).", cell(a.ID), cell(a.Schedule), cell(a.Zone))
	if a.Next != nil {
		f.print("It runs next at %s, while the window or pie background is open.", when(a.Next))
	}
}

func (f *face) automationRun() *cobra.Command {
	var payload string
	c := &cobra.Command{
		Use: "run AUTOMATION", Short: "Run an automation now",
		Long: `Runs an automation now with the input that its schedule would give it. It need not
be on. With --payload it gets what its webhook would get, to try it out. The exit
code is that of pie run.`,
		Example: "  pie automation run daily-weather\n  pie automation run email-labeler --payload @push.json",
		Args:    exactly("AUTOMATION"),
		RunE: func(_ *cobra.Command, args []string) error {
			q := app.RunAutomationRequest{Op: newOp(), ID: args[0]}
			if payload != "" {
				var err error
				if q.Payload, err = f.readInput(payload); err != nil {
					return err
				}
			}
			return f.perform("Automations.Run", q.ID, q.Op, q)
		},
	}
	c.Flags().StringVar(&payload, "payload", "", "what its webhook would get: `JSON`, @FILE, or - for standard input")
	return c
}

func (f *face) automationNext() *cobra.Command {
	q := app.NextRequest{}
	c := &cobra.Command{
		Use: "next AUTOMATION", Short: "Show the next times",
		Long:    "Shows when an automation runs next, or would run if it were on; with --schedule\nor --zone, when it would run by those. Nothing is changed.",
		Example: "  pie automation next daily-weather --count 10\n  pie automation next daily-weather --schedule \"0 7 * * 1-5\"",
		Args:    exactly("AUTOMATION"),
		RunE: func(_ *cobra.Command, args []string) error {
			q.ID = args[0]
			return show(f, "", "Automations.Next", q, func(times []time.Time) {
				if len(times) == 0 {
					f.say("It runs at no certain time.")
				}
				for _, at := range times {
					f.print("%s", when(&at))
				}
			})
		},
	}
	c.Flags().IntVar(&q.Count, "count", 5, "how many, up to 100")
	c.Flags().StringVar(&q.Schedule, "schedule", "", "try this `SCHEDULE` out")
	c.Flags().StringVar(&q.Zone, "zone", "", "try this clock out, such as `Europe/Berlin`")
	return c
}
