package cli

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"pie/backend"
	"pie/backend/connection"
	"pie/backend/fault"
)

func (f *face) panicCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "panic", Short: "Take back every access, at every service, now",
		Long: `Ends all sign-ins under way, takes every connection back at its service, deletes
its tokens here and destroys the keys they were sealed with. A service that cannot
be reached holds up none of the others; its connection is deleted here all the
same, and you are told where to remove the access by hand.

A receipt without any secret is kept. The exit code is 1 when a service did not
confirm. With --json there is one line for each connection, and then one with the
receipt.`,
		Example: "  pie panic\n  pie panic --yes --json",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			if f.asks() && !yes {
				if err := f.confirmPanic(); err != nil {
					return err
				}
			}
			return f.panicked()
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func (f *face) confirmPanic() error {
	var list []connection.Connection
	if err := f.call("", "Connections.List", map[string]string{}, &list); err != nil {
		return err
	}
	n := 0
	for _, c := range list {
		if c.Status != connection.NotConnected {
			f.say("  - %s, %s as %s", cell(c.Agent), serviceName(c), accountName(c))
			n++
		}
	}
	f.say("All of it (%d) is taken back, and no agent can reach an account until you connect it again.", n)
	if !f.confirm("Take everything back?") {
		return fault.New(fault.Denied, "Nothing was taken back.", "")
	}
	return nil
}

func (f *face) panicked() error {
	var done backend.Panicked
	if err := f.call("Taking everything back…", "Connections.Panic", nil, &done); err != nil {
		return err
	}
	open := false
	for _, row := range done.Rows {
		open = open || row.Revoked != nil && !*row.Revoked
		if f.json {
			f.value(row)
		} else {
			f.disconnected(row)
		}
	}
	if f.json {
		f.receiptLine(done)
	} else {
		f.print("%d taken back at their service, %d not confirmed. Receipt: %s", done.Revoked, done.Open, cell(done.Receipt))
		for _, kept := range done.Kept {
			f.print("%s", cell(kept))
		}
	}
	if open {
		return &ended{exitCode(fault.New(fault.Denied, "", ""))}
	}
	return nil
}

// receiptLine is the last line: the receipt without its rows.
func (f *face) receiptLine(done backend.Panicked) {
	raw, err := json.Marshal(done)
	if err != nil {
		return
	}
	var line map[string]json.RawMessage
	if json.Unmarshal(raw, &line) == nil {
		delete(line, "rows")
		f.value(line)
	}
}
