package cli

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/backend/fault"
	"pie/backend/history"
)

func (f *face) historyExport() *cobra.Command {
	q := app.ExportRequest{}
	c := &cobra.Command{
		Use: "export [AGENT]", Short: "Write runs to a file, or show what it would hold",
		Long: `Writes runs to a file, one JSON object a line, the newest first. Without --file it
only says what the file would hold. Secrets are in no run and addresses have no
queries; inputs, results and logs are left out unless --results asks for them.`,
		Example: "  pie history export\n  pie history export daily-weather --days 30 --file weather.jsonl",
		Args:    atMost(1),
		RunE: func(_ *cobra.Command, args []string) error {
			q.Agent = first(args)
			if q.File != "" {
				var err error
				if q.File, err = filepath.Abs(q.File); err != nil {
					return fault.Wrap(err, fault.Invalid, "The name of the file cannot be used.", "Give its whole path.")
				}
			}
			return show(f, "Exporting…", "Runs.Export", q, func(c history.Contents) {
				verb := "It would hold"
				if q.File != "" {
					verb = "It holds"
				}
				f.print("%s %d runs (%d bytes), from %s to %s.", verb, c.Runs, c.Bytes, when(c.From), when(c.To))
				for _, agent := range slices.Sorted(maps.Keys(c.Agents)) {
					f.print("  %s: %d", cell(agent), c.Agents[agent])
				}
				f.print("Of each run: %s", cell(fmt.Sprint(c.Fields)))
			})
		},
	}
	c.Flags().StringVar(&q.File, "file", "", "the `FILE` to make; it must not be there yet")
	c.Flags().IntVar(&q.Days, "days", 0, "only of the last days")
	c.Flags().BoolVar(&q.Results, "results", false, "with inputs, results and logs")
	return c
}

func (f *face) historyKeep() *cobra.Command {
	q := app.KeepRequest{}
	var without, with string
	c := &cobra.Command{
		Use: "keep", Short: "Show or set how much history is kept",
		Long: `Shows how much history is kept. --days and --megabytes set it and remove at once
what is too old or too much; 0 keeps all. --no-results AGENT keeps of an agent's
runs from now on that they ran and how they ended, and nothing else.`,
		Example: "  pie history keep --days 90 --megabytes 200\n  pie history keep --no-results email-labeler",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if without != "" || with != "" {
				return show(f, "", "Runs.Results", app.ResultsRequest{Agent: without + with, Kept: with != ""}, f.kept)
			}
			if !cmd.Flags().Changed("days") && !cmd.Flags().Changed("megabytes") {
				return show(f, "", "Runs.Kept", nil, f.kept)
			}
			return show(f, "", "Runs.Keep", q, func(t history.Trimmed) {
				f.print("%d runs and %d rows of the audit were removed.", t.Runs, t.Audit)
			})
		},
	}
	c.Flags().IntVar(&q.Days, "days", 0, "how many days")
	c.Flags().IntVar(&q.Megabytes, "megabytes", 0, "how many megabytes of runs")
	c.Flags().StringVar(&without, "no-results", "", "`AGENT` whose inputs, results and logs are not kept")
	c.Flags().StringVar(&with, "results", "", "`AGENT` whose inputs, results and logs are kept again")
	c.MarkFlagsMutuallyExclusive("no-results", "results", "days")
	c.MarkFlagsMutuallyExclusive("no-results", "results", "megabytes")
	return c
}

func (f *face) kept(k app.Kept) {
	bound := func(n int, unit string) string {
		if n == 0 {
			return "all"
		}
		return fmt.Sprintf("%d %s", n, unit)
	}
	f.print("Kept: %s by age, %s by size.", bound(k.Days, "days"), bound(k.Megabytes, "megabytes"))
	for _, agent := range k.NoResults {
		f.print("Without results: %s", cell(agent))
	}
}
