package cli

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/backend/fault"
)

func (f *face) doctorCommand() *cobra.Command {
	q := app.DoctorRequest{}
	c := &cobra.Command{
		Use: "doctor", Short: "Find out what is wrong, and mend it",
		Long: `Looks at everything that commonly goes wrong: folders, vault, links, browser,
providers, agents and connections. With --fix it mends what can be mended
without asking you. The exit code is 1 when something is not in order.`,
		Example: "  pie doctor\n  pie doctor --fix",
		Args:    exactly(),
		RunE:    func(*cobra.Command, []string) error { return f.doctor(q) },
	}
	c.Flags().BoolVar(&q.Fix, "fix", false, "mend what can be mended without asking")
	return c
}

func (f *face) doctor(q app.DoctorRequest) error {
	var raw json.RawMessage
	if err := f.call("Looking…", "System.Doctor", q, &raw); err != nil {
		return err
	}
	var found app.Doctor
	if err := json.Unmarshal(raw, &found); err != nil {
		return fault.Wrap(err, fault.Internal, "The answer of PIE Desktop cannot be read.", "Close every running PIE Desktop and try again.")
	}
	well := true
	for _, check := range found.Checks {
		well = well && check.OK
		if !f.json {
			f.check(check.OK, check.Fixed, check.Message, check.Hint)
		}
	}
	if f.json {
		f.value(raw)
	}
	if !well {
		return &ended{1}
	}
	return nil
}

func (f *face) check(ok, fixed bool, message, hint string) {
	mark := "ok     "
	if fixed {
		mark = "fixed  "
	} else if !ok {
		mark = "wrong  "
	}
	f.print("%s%s", mark, cell(message))
	if !ok && hint != "" {
		f.print("       %s", cell(hint))
	}
}
