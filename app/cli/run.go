package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/app/door"
	"pie/backend"
	"pie/backend/fault"
	"pie/backend/history"
)

// mostInput is the longest input that is read, in bytes. The backend has a lower
// limit of its own and says which.
const mostInput = 8 << 20

func (f *face) runCommand() *cobra.Command {
	q := app.RunRequest{}
	var input string
	var timeout time.Duration
	c := &cobra.Command{
		Use: "run AGENT", Short: "Run an agent",
		Long: `Runs one function of an agent and prints its result; what the agent logs goes to
standard error. Every run is kept: see pie history.

The exit code says how it ended: 0 ok, 3 the agent failed, 4 it needs to be
connected first, 1 a limit stopped it, 130 you stopped it.`,
		Example: `  pie run practice-notes
  pie run practice-notes --input '{"action":"add","text":"milk"}'
  pie run daily-weather --input @input.json --json
  echo '{}' | pie run practice-notes --input -`,
		Args: exactly("AGENT"),
		RunE: func(_ *cobra.Command, args []string) error {
			var err error
			q.Agent, q.TimeoutMS, q.Op = args[0], timeout.Milliseconds(), newOp()
			if timeout < 0 {
				return fault.New(fault.Invalid, "A run cannot take less than no time.", "Give --timeout a time such as 30s.")
			}
			if q.Input, err = f.readInput(input); err != nil {
				return err
			}
			q.Attended = f.asks() && !f.json && input != "-"
			return f.perform("Runs.Run", q.Agent, q.Op, q)
		},
	}
	c.Flags().StringVar(&input, "input", "{}", "the input: `JSON`, @FILE, or - for standard input")
	c.Flags().StringVar(&q.Function, "function", "", "`NAME` of the function, handler when not given")
	c.Flags().StringVar(&q.Account, "account", "", "`LABEL` of the account, where you have several")
	c.Flags().DurationVar(&timeout, "timeout", 0, "how long it may run, such as 30s (15m at most)")
	c.Flags().BoolVar(&q.DryRun, "dry-run", false, "send what reads; keep what would change something in the outbox")
	return c
}

// readInput is the JSON that --input names. Faults: invalid, not_found, limited.
func (f *face) readInput(input string) (json.RawMessage, error) {
	raw := []byte(input)
	var err error
	if name, isFile := strings.CutPrefix(input, "@"); isFile {
		raw, err = readFile(name)
	} else if input == "-" {
		raw, err = io.ReadAll(io.LimitReader(f.io.In, mostInput+1))
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.NotFound, "The input cannot be read.", "Check the name behind --input.")
	}
	if len(raw) > mostInput {
		return nil, fault.New(fault.Limited, "The input is too large.", "Give less than 4 MB.")
	}
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return json.RawMessage("{}"), nil
	}
	var any json.RawMessage
	if err := json.Unmarshal(raw, &any); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "The input is no JSON: "+clean(err.Error())+".", `Write it like this: --input '{"name":"value"}'`)
	}
	return raw, nil
}

func readFile(name string) ([]byte, error) {
	file, err := os.Open(name) // #nosec G304 -- the person names it
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, mostInput+1))
}

// perform runs agent by method and prints the run however it ended. Ctrl-C
// cancels it and still prints what came of it.
func (f *face) perform(method, agent, op string, q any) error {
	d, err := f.door()
	if err != nil {
		return err
	}
	life, stop := context.WithCancel(context.WithoutCancel(f.ctx))
	defer stop()
	unhook := context.AfterFunc(f.ctx, func() {
		time.AfterFunc(stopTime, stop)
		_ = d.Call(life, "Operations.Cancel", app.OpRef{Op: op}, nil)
	})
	defer unhook()
	raw, err := f.runOnce(life, d, method, agent, q)
	if fault.Is(err, fault.Locked) {
		if err = f.unlock(d, err); err == nil {
			raw, err = f.runOnce(life, d, method, agent, q)
		}
	}
	if err != nil {
		return err
	}
	var run history.Run
	if err := json.Unmarshal(raw, &run); err != nil {
		return fault.Wrap(err, fault.Internal, "The answer of PIE Desktop cannot be read.", "Look at: pie history")
	}
	if f.json {
		f.value(raw)
	} else {
		f.printRun(run)
		f.left(run)
	}
	if code, known := runCodes[run.Status]; known && code == 0 {
		return nil
	} else if known {
		return &ended{code}
	}
	return &ended{1}
}

func (f *face) runOnce(ctx context.Context, d *door.Door, method, agent string, q any) (raw json.RawMessage, err error) {
	if run, ok := q.(app.RunRequest); ok && run.Attended {
		return f.attended(ctx, d, method, agent, q)
	}
	defer f.busy("Running " + cell(agent) + "…")()
	err = d.Call(ctx, method, q, &raw)
	return raw, err
}

// printRun prints the result, and round it what the agent said.
func (f *face) printRun(run history.Run) {
	for _, line := range run.Logs {
		f.say("[%s] %s", cell(line.Level), line.Text)
	}
	if run.Error == nil {
		if text := words(run.Result); text != "" {
			f.print("%s", text)
		} else {
			f.say("It ended well and returned nothing.")
		}
		return
	}
	f.say("pie: %s", run.Error.Message)
	if run.Error.Hint != "" {
		f.say("%s", run.Error.Hint)
	}
}

func (f *face) historyCommand() *cobra.Command {
	q := app.ListRequest{}
	var id string
	c := &cobra.Command{
		Use: "history [AGENT]", Short: "List runs and how they ended",
		Long:    "Lists the newest runs, the latest first. With --run it shows one of them with its\nlogs, its requests and its result.",
		Example: "  pie history\n  pie history practice-notes --limit 5\n  pie history --run ID",
		Args:    atMost(1),
		RunE: func(_ *cobra.Command, args []string) error {
			q.Agent = first(args)
			if id != "" {
				return show(f, "", "Runs.Get", app.RunRef{ID: id}, f.oneRun)
			}
			if err := limitFlag(q.Limit); err != nil {
				return err
			}
			return show(f, "", "Runs.List", q, f.runs)
		},
	}
	c.Flags().IntVar(&q.Limit, "limit", 20, "how many at most, up to 1000")
	c.Flags().StringVar(&id, "run", "", "show the run with this `ID`")
	c.AddCommand(f.historyExport(), f.historyKeep())
	return c
}

func limitFlag(n int) error {
	if n < 1 || n > 1000 {
		return fault.New(fault.Invalid, "The limit is out of range.", "Give --limit a number from 1 to 1000.")
	}
	return nil
}

// playedText marks a run in which nothing was really done.
func playedText(trigger string) string {
	return map[string]string{backend.ReplayTrigger: " (replayed)", backend.PracticeTrigger: " (practised)"}[trigger]
}

func (f *face) runs(list []history.Run) {
	if len(list) == 0 {
		f.say("Nothing has run yet.")
		return
	}
	rows := [][]string{}
	for _, r := range list {
		what := ""
		if r.Error != nil {
			what = r.Error.Message
		}
		rows = append(rows, []string{when(&r.StartedAt), r.Agent, strings.ReplaceAll(r.Status, "_", " ") + playedText(r.Trigger), took(r.DurationMS), r.ID, orDash(what)})
	}
	f.table([]string{"STARTED", "AGENT", "ENDED", "TOOK", "ID", "WHY"}, rows)
}

func took(ms int64) string {
	return (time.Duration(ms) * time.Millisecond).Round(time.Millisecond).String()
}

func (f *face) oneRun(r history.Run) {
	f.print("%s of %s, %s, started %s, took %s", cell(r.Function), cell(r.Agent), strings.ReplaceAll(r.Status, "_", " ")+playedText(r.Trigger), when(&r.StartedAt), took(r.DurationMS))
	for _, q := range r.Requests {
		f.print("%s %s %d (%d ms)", cell(q.Method), cell(q.URL), q.Status, q.MS)
	}
	f.printRun(r)
}

func (f *face) auditCommand() *cobra.Command {
	q := app.ListRequest{}
	c := &cobra.Command{
		Use: "audit [AGENT]", Short: "List every request made with your access",
		Long: `Lists the newest requests that agents made or that were blocked, with your access
or without: where they went and what came back. Addresses are kept without
their queries, and bodies not at all.`,
		Example: "  pie audit\n  pie audit practice-notes --json",
		Args:    atMost(1),
		RunE: func(_ *cobra.Command, args []string) error {
			q.Agent = first(args)
			if err := limitFlag(q.Limit); err != nil {
				return err
			}
			return show(f, "", "Runs.Audit", q, f.audit)
		},
	}
	c.Flags().IntVar(&q.Limit, "limit", 50, "how many at most, up to 1000")
	return c
}

func (f *face) audit(list []history.AuditRow) {
	if len(list) == 0 {
		f.say("No request was made yet.")
		return
	}
	rows := [][]string{}
	for _, r := range list {
		what := fmt.Sprintf("%s %s%s", r.Method, r.Host, r.Path)
		if r.Reason != "" {
			what += "  (" + r.Reason + ")"
		}
		rows = append(rows, []string{when(&r.At), r.Agent, r.Decision, fmt.Sprint(r.Status), what})
	}
	f.table([]string{"AT", "AGENT", "DECISION", "STATUS", "REQUEST"}, rows)
}
