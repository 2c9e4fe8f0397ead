package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/backend"
	"pie/backend/receipt"
)

func (f *face) receiptsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "receipts [AGENT]", Short: "Say in plain words what your access was used for",
		Long: `Says for each connection how often it read and wrote, where and when last, and
which of the things that you allowed nothing was seen to need. Where that cannot be
told from the requests, it says so. pie audit lists the requests themselves.`,
		Example: "  pie receipts\n  pie receipts gmail-inbox --json",
		Args:    atMost(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return show(f, "", "Connections.Receipts", app.AgentRef{Agent: first(args)}, func(list []backend.ConnectionReceipt) {
				if len(list) == 0 {
					f.say("Nothing is connected.")
				}
				for _, r := range list {
					f.receipt(r)
				}
			})
		},
	}
}

func (f *face) receipt(r backend.ConnectionReceipt) {
	f.print("%s, %s as %s", cell(r.Connection.Agent), cell(serviceName(r.Connection)), cell(accountName(r.Connection)))
	f.print("  %s", cell(r.Text))
	if r.Partial {
		f.print("  Older requests than the last 50,000 are not counted.")
	}
	f.receiptScopes("Allowed, and not needed so far", r.Unused)
	f.receiptScopes("Allowed for more, and only read so far", r.ReadOnly)
	f.receiptScopes("Whether it was needed cannot be told", r.CannotSay)
	if r.Nudge != "" {
		f.print("  %s", cell(r.Nudge))
	}
}

func (f *face) receiptScopes(title string, scopes []receipt.Scope) {
	if len(scopes) == 0 {
		return
	}
	labels := make([]string, len(scopes))
	for i, s := range scopes {
		labels[i] = cell(s.Label)
	}
	f.print("  %s: %s", title, strings.Join(labels, "; "))
}
