package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/app/door"
	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/history"
	"pie/backend/outbox"
)

func (f *face) outboxCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "outbox", Short: "Look at, send or drop what waits for you",
		Long: `The outbox keeps what agents wanted to change and did not: in a dry run, through a
connection that asks before each write, or in the background at a host where
the agent never wrote before. Nothing of it is sent until you say so, and nothing
twice.`,
		Example: "  pie outbox list\n  pie outbox show ID\n  pie outbox send ID\n  pie outbox drop ID",
		Args:    cobra.ArbitraryArgs,
		RunE:    unknown,
	}
	c.AddCommand(f.outboxList(), f.outboxShow(), f.outboxSend(), f.outboxDrop())
	return c
}

func (f *face) outboxList() *cobra.Command {
	q := app.OutboxList{}
	c := &cobra.Command{
		Use: "list [AGENT]", Short: "List what waits",
		Long:    "Lists what waits, the oldest first, and why it waits.",
		Example: "  pie outbox list\n  pie outbox list gmail-inbox --json",
		Args:    atMost(1),
		RunE: func(_ *cobra.Command, args []string) error {
			q.Agent = first(args)
			return show(f, "", "Outbox.List", q, func(list []outbox.Item) {
				if len(list) == 0 {
					f.say("Nothing waits in the outbox.")
					return
				}
				f.writes(list)
			})
		},
	}
	c.Flags().StringVar(&q.Run, "run", "", "only what the run with this `ID` left")
	return c
}

func (f *face) writes(list []outbox.Item) {
	rows := [][]string{}
	for _, item := range list {
		rows = append(rows, []string{item.ID, when(&item.CreatedAt), item.Agent, whyWaiting(item), item.Method + " " + item.URL})
	}
	f.table([]string{"ID", "SINCE", "AGENT", "WHY", "REQUEST"}, rows)
}

func whyWaiting(item outbox.Item) string {
	switch {
	case item.State == outbox.Asking:
		return "a run asks"
	case item.State == outbox.Sending:
		return "being sent"
	case item.State == outbox.Unsure:
		return "may have been sent"
	case item.Status != 0:
		return fmt.Sprintf("refused (%d)", item.Status)
	}
	switch item.Reason {
	case outbox.DryRun:
		return "dry run"
	case outbox.NewHost:
		return "new host"
	}
	return "asks first"
}

func (f *face) outboxShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show the exact request",
		Long:    "Shows what will be sent, whole: address, headers and body. Your access is added\nwhen it is sent.",
		Example: "  pie outbox show ID\n  pie outbox show ID --json",
		Args:    exactly("ID"),
		RunE: func(_ *cobra.Command, args []string) error {
			return show(f, "", "Outbox.Get", app.OutboxRef{ID: args[0]}, f.oneWrite)
		},
	}
}

func (f *face) oneWrite(w app.OutboxWrite) {
	f.print("%s wants to send this (%s, since %s):", cell(w.Agent), whyWaiting(w.Item), when(&w.CreatedAt))
	f.print("")
	f.print("%s %s", cell(w.Method), cell(w.URL))
	for _, name := range slices.Sorted(maps.Keys(w.Headers)) {
		f.print("%s: %s", cell(name), cell(w.Headers[name]))
	}
	f.print("")
	switch {
	case w.Bytes == 0:
		f.print("without a body")
	case w.BodyEncoding == "utf8":
		f.print("%s", w.Body)
	default:
		f.print("%d bytes that are no text; --json has them", w.Bytes)
	}
}

func (f *face) outboxSend() *cobra.Command {
	again := false
	c := &cobra.Command{
		Use: "send ID...", Short: "Send what waits",
		Long: `Sends a write as it was kept, with your access as it is now. What the agent and the
connection may do is checked again first. A write that may have been sent
already goes out once more only with --again.`,
		Example: "  pie outbox send ID\n  pie outbox send ID ID --json",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(cmd, "name what to send")
			}
			refused := false
			for _, id := range args {
				q := app.OutboxSend{Op: newOp(), ID: id, Again: again}
				ok, err := f.sendOne(q)
				if err != nil {
					return err
				}
				refused = refused || !ok
			}
			if refused {
				return &ended{1}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&again, "again", false, "also what may have been sent before")
	return c
}

func (f *face) sendOne(q app.OutboxSend) (ok bool, err error) {
	var raw json.RawMessage
	if err := f.call("Sending…", "Outbox.Send", q, &raw); err != nil {
		return false, err
	}
	var d connection.Delivered
	if err := json.Unmarshal(raw, &d); err != nil {
		return false, fault.Wrap(err, fault.Internal, "The answer of PIE Desktop cannot be read.", "Look at: pie audit")
	}
	if f.json {
		f.value(raw)
	} else {
		f.sent(q.ID, d)
	}
	return d.OK, nil
}

func (f *face) sent(id string, d connection.Delivered) {
	if d.Status == http.StatusAccepted && d.Write.State == outbox.Sending {
		f.print("The run that asked sends it now.")
		return
	}
	f.print("%s: the service answered %d.", cell(id), d.Status)
}

func (f *face) outboxDrop() *cobra.Command {
	all := false
	c := &cobra.Command{
		Use: "drop [ID...]", Short: "Forget what waits",
		Long:    "Forgets writes without sending them.",
		Example: "  pie outbox drop ID\n  pie outbox drop --all",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) > 0) {
				return usage(cmd, "name what to forget, or give --all")
			}
			if all {
				var list []outbox.Item
				if err := f.call("", "Outbox.List", app.OutboxList{}, &list); err != nil {
					return err
				}
				for _, item := range list {
					args = append(args, item.ID)
				}
			}
			for _, id := range args {
				err := show(f, "", "Outbox.Drop", app.OutboxRef{ID: id}, func(item outbox.Item) {
					f.print("Forgotten: %s %s", cell(item.Method), cell(item.URL))
				})
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&all, "all", false, "all that waits")
	return c
}

// left lists what a run has left in the outbox.
func (f *face) left(run history.Run) {
	held := slices.ContainsFunc(run.Requests, func(q history.Request) bool {
		return q.Status == http.StatusAccepted && q.Method != http.MethodGet && q.Method != http.MethodHead
	})
	var list []outbox.Item
	if !held || f.call("", "Outbox.List", app.OutboxList{Run: run.ID}, &list) != nil || len(list) == 0 {
		return
	}
	f.say("")
	f.say("Not sent, but kept in the outbox:")
	for _, item := range list {
		f.say("  %s  %s %s (%s)", item.ID, cell(item.Method), cell(item.URL), whyWaiting(item))
	}
	f.say("Look at one: pie outbox show ID. Send it: pie outbox send ID")
}

// questions asks the person at this terminal what a run of the agent asks, until
// life ends. pause stops whatever is drawn meanwhile.
func (f *face) questions(life context.Context, d *door.Door, agent string, pause func()) error {
	events, err := d.Events(life)
	if err != nil {
		return err
	}
	go func() {
		asked := map[string]bool{}
		for event := range events {
			var list []outbox.Item
			if event.Kind != "outbox" || d.Call(life, "Outbox.List", app.OutboxList{Agent: agent}, &list) != nil {
				continue
			}
			for _, item := range list {
				if item.State == outbox.Asking && !asked[item.ID] {
					asked[item.ID] = true
					pause()
					f.question(life, d, item)
				}
			}
		}
	}()
	return nil
}

func (f *face) question(life context.Context, d *door.Door, item outbox.Item) {
	var w app.OutboxWrite
	if d.Call(life, "Outbox.Get", app.OutboxRef{ID: item.ID}, &w) != nil {
		return
	}
	var b strings.Builder
	if w.BodyEncoding == "utf8" {
		b.WriteString(w.Body[:min(len(w.Body), 2000)])
	} else {
		fmt.Fprintf(&b, "(%d bytes that are no text)", w.Bytes)
	}
	f.say("%s wants to send:\n\n  %s %s\n\n%s\n", cell(w.Agent), cell(w.Method), cell(w.URL), strings.ToValidUTF8(b.String(), ""))
	err := d.Call(life, "Outbox.Answer", app.OutboxAnswer{ID: item.ID, Send: f.confirm("Send it?")}, nil)
	if err != nil && life.Err() == nil {
		f.say("%s", fault.Public(err).Message)
	}
}

// attended performs a call while the person answers what its run asks.
func (f *face) attended(ctx context.Context, d *door.Door, method, agent string, q any) (raw json.RawMessage, err error) {
	life, stop := context.WithCancel(ctx)
	defer stop()
	done := f.busy("Running " + cell(agent) + "…")
	once := make(chan struct{}, 1)
	pause := func() {
		select {
		case once <- struct{}{}:
			done()
		default:
		}
	}
	defer pause()
	if err := f.questions(life, d, agent, pause); err != nil {
		return nil, err
	}
	err = d.Call(ctx, method, q, &raw)
	return raw, err
}
