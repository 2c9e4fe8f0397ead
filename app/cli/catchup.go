package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/backend"
	"pie/backend/fault"
)

// agreeTo says what an automation may do before it is turned on, and asks where a
// person is there. Fault: denied.
func (f *face) agreeTo(id string, yes bool) error {
	var sheet app.AutomationSheet
	if err := f.call("", "Automations.Preview", app.AutomationRef{ID: id}, &sheet); err != nil {
		return err
	}
	for _, line := range sheet.Says {
		f.say("%s", cell(line))
	}
	if yes || !f.asks() {
		return nil
	}
	if f.confirm("Turn it on?") {
		return nil
	}
	return fault.New(fault.Denied, "It was not turned on.", "")
}

func (f *face) automationCatchUp() *cobra.Command {
	var read bool
	c := &cobra.Command{
		Use: "catchup", Short: "Show what was missed and what will make up for it",
		Long: `Shows what became of the times that passed while the computer slept or PIE Desktop
was closed: which were missed, which run will stand for them, which were skipped,
and what waits for you. A run that makes up for others begins half a minute after
waking; until then, pie automation decide changes it.`,
		Example: "  pie automation catchup\n  pie automation catchup --read",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			if err := show(f, "", "Automations.CatchUp", nil, f.catchUp); err != nil || !read {
				return err
			}
			return f.call("", "Automations.CaughtUp", nil, nil)
		},
	}
	c.Flags().BoolVar(&read, "read", false, "then take missed and skipped times off the list")
	return c
}

func (f *face) catchUp(c app.CatchUp) {
	if len(c.Missed)+len(c.WillRunOnce)+len(c.Skipped)+len(c.Ask)+len(c.Queued) == 0 {
		f.say("Nothing was missed, and nothing waits.")
		return
	}
	rows := [][]string{}
	for _, g := range c.Missed {
		rows = append(rows, []string{g.ID, "missed", fmt.Sprint(g.Count), when(&g.Last), g.Reason + " One run makes up for them."})
	}
	for _, w := range c.WillRunOnce {
		rows = append(rows, []string{w.ID, "will run", fmt.Sprint(w.StandsFor), when(&w.Due), orDash(waitText(w))})
	}
	for _, g := range c.Skipped {
		rows = append(rows, []string{g.ID, "skipped", fmt.Sprint(g.Count), when(&g.Last), g.Reason})
	}
	for _, q := range c.Queued {
		rows = append(rows, []string{q.ID, "queued", fmt.Sprint(q.Count), "-", "They run one after the other."})
	}
	for _, a := range c.Ask {
		rows = append(rows, []string{a.ID, "asks", "1", when(&a.Due), askText(a)})
	}
	f.table([]string{"AUTOMATION", "WHAT", "TIMES", "LAST", "WHY"}, rows)
}

func waitText(w app.WillRun) string {
	switch w.Waits {
	case "vault":
		return "It waits until you unlock the vault."
	case "network":
		return "It waits for the network."
	case "battery":
		return "It waits until the battery is not being saved."
	case "person":
		return "It waits for you: pie automation decide " + w.ID + " run"
	}
	if w.Attempt > 1 && w.At != nil {
		return fmt.Sprintf("Attempt %d at %s.", w.Attempt, w.At.Local().Format("15:04:05"))
	}
	if w.At != nil {
		return "It begins at " + w.At.Local().Format("15:04:05") + "."
	}
	return ""
}

func askText(a app.AskAgain) string {
	var text strings.Builder
	fmt.Fprintf(&text, "It ended as %s and may have changed something.", a.Status)
	for _, q := range a.Sent {
		fmt.Fprintf(&text, " It sent %s %s%s (%d).", q.Method, q.Host, q.Path, q.Status)
	}
	fmt.Fprintf(&text, " Run it again? pie automation decide %s run, or skip.", a.ID)
	return text.String()
}

func (f *face) automationDecide() *cobra.Command {
	return &cobra.Command{
		Use: "decide AUTOMATION DECISION", Short: "Say what becomes of a run that is due",
		Long: `Changes what becomes of a run that is due and has not begun: run it at once, skip
it, or hold it until you say so. For a run that may have changed something before
it stopped, run lets it run again and skip lets it be.`,
		Example: "  pie automation decide daily-weather skip",
		Args:    exactly("AUTOMATION", "DECISION"),
		RunE: func(_ *cobra.Command, args []string) error {
			return show(f, "", "Automations.Decide", app.DecideRequest{ID: args[0], Decision: args[1]}, f.catchUp)
		},
	}
}

func (f *face) automationWebhook() *cobra.Command {
	q := app.WebhookRequest{}
	c := &cobra.Command{
		Use: "webhook AUTOMATION", Short: "Show the address of a webhook",
		Long: `Shows the address at which a webhook takes what programs on this computer send, up
to 256 KB with POST. Whoever knows it may use it. It is answered while the window
or pie background is open and the automation is on.`,
		Example: "  pie automation webhook email-labeler\n  pie automation webhook email-labeler --new",
		Args:    exactly("AUTOMATION"),
		RunE: func(_ *cobra.Command, args []string) error {
			q.ID = args[0]
			return show(f, "", "Automations.Webhook", q, func(h backend.Webhook) {
				f.print("%s", cell(h.URL))
				switch {
				case h.Problem != "":
					f.say("%s", cell(h.Problem))
				case !h.Listening:
					f.say("Nothing listens there now: turn it on, and open the window or pie background.")
				}
			})
		},
	}
	c.Flags().BoolVar(&q.Renew, "new", false, "make a new address; the old one is worth nothing then")
	return c
}

func (f *face) automationQuiet() *cobra.Command {
	return &cobra.Command{
		Use: "quiet [FROM TO]", Short: "Show or set the hours without notifications",
		Long:    "Between these times of the day no notification is shown; all of it is in the inbox,\nand one notification sums it up afterwards. With off there are no such hours.",
		Example: "  pie automation quiet 22:00 07:00\n  pie automation quiet off",
		Args:    atMost(2),
		RunE: func(_ *cobra.Command, args []string) error {
			method, q := "Automations.SetQuiet", app.QuietHours{}
			switch {
			case len(args) == 0:
				method = "Automations.Quiet"
			case len(args) == 2:
				q.From, q.To = args[0], args[1]
			case args[0] != "off":
				q.From = args[0]
			}
			return show(f, "", method, q, func(q app.QuietHours) {
				if q.From == "" {
					f.print("There are no quiet hours.")
					return
				}
				f.print("No notifications from %s to %s.", cell(q.From), cell(q.To))
			})
		},
	}
}
