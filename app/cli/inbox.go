package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/backend/fault"
	"pie/backend/inbox"
)

func (f *face) inboxCommand() *cobra.Command {
	q := app.ListRequest{}
	c := &cobra.Command{
		Use: "inbox [AGENT]", Short: "Read what agents told you",
		Long: `Lists the newest messages of agents, the latest first; those you have not read have
a star. Messages stay, in full, until you remove them.`,
		Example: "  pie inbox\n  pie inbox daily-weather --limit 5\n  pie inbox show ID\n  pie inbox remove --all",
		Args:    atMost(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := limitFlag(q.Limit); err != nil {
				return err
			}
			q.Agent = first(args)
			return show(f, "", "Inbox.List", q, f.messages)
		},
	}
	c.Flags().IntVar(&q.Limit, "limit", 20, "how many at most, up to 1000")
	c.AddCommand(f.inboxShow(), f.inboxRead(), f.inboxRemove())
	return c
}

func (f *face) messages(list []inbox.Message) {
	if len(list) == 0 {
		f.say("No agent has told you anything.")
		return
	}
	rows := [][]string{}
	for _, m := range list {
		star := ""
		if !m.Read {
			star = "*"
		}
		words := m.Title
		if words == "" {
			words, _, _ = strings.Cut(m.Text, "\n")
		}
		rows = append(rows, []string{star, when(&m.At), m.Agent, m.ID, orDash(words)})
	}
	f.table([]string{"", "AT", "AGENT", "ID", "MESSAGE"}, rows)
}

func (f *face) inboxShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show one message in full, and mark it as read",
		Long:    "Shows one message in full and marks it as read. With --json it is one of the list.",
		Example: "  pie inbox show ID",
		Args:    exactly("ID"),
		RunE: func(_ *cobra.Command, args []string) error {
			var list []inbox.Message
			if err := f.call("", "Inbox.List", app.ListRequest{Limit: 1000}, &list); err != nil {
				return err
			}
			at := slices.IndexFunc(list, func(m inbox.Message) bool { return m.ID == args[0] })
			if at < 0 {
				return fault.New(fault.NotFound, "There is no such message among the newest 1,000.", "Run pie inbox to see the messages.")
			}
			if err := f.call("", "Inbox.Read", app.ReadRequest{IDs: args}, nil); err != nil {
				return err
			}
			m := list[at]
			m.Read = true
			if f.json {
				f.value(m)
				return nil
			}
			f.print("%s, %s", cell(m.Agent), when(&m.At))
			if m.Title != "" {
				f.print("%s", cell(m.Title))
			}
			f.print("\n%s", m.Text)
			if m.Cut {
				f.say("The agent wrote more than the 16 KB of a message.")
			}
			return nil
		},
	}
}

// chosen are the ids of the arguments, or everything with --all.
func chosen(cmd *cobra.Command, ids []string, all bool, agent string) error {
	switch {
	case all && len(ids) > 0:
		return usage(cmd, "give IDs or --all, not both")
	case !all && agent != "":
		return usage(cmd, "--agent goes with --all")
	case !all && len(ids) == 0:
		return usage(cmd, "ID is missing, or --all")
	}
	return nil
}

func (f *face) inboxRead() *cobra.Command {
	var all bool
	q := app.ReadRequest{}
	c := &cobra.Command{
		Use: "read [ID]...", Short: "Mark messages as read",
		Long:    "Marks messages as read, or with --unread as not read.",
		Example: "  pie inbox read ID\n  pie inbox read --all",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := chosen(cmd, args, all, q.Agent); err != nil {
				return err
			}
			q.IDs = args
			return show(f, "", "Inbox.Read", q, func(c app.MessagesChanged) { f.print("Messages marked: %d.", c.Changed) })
		},
	}
	c.Flags().BoolVar(&all, "all", false, "all messages")
	c.Flags().StringVar(&q.Agent, "agent", "", "with --all: only those of `AGENT`")
	c.Flags().BoolVar(&q.Unread, "unread", false, "mark them as not read")
	return c
}

func (f *face) inboxRemove() *cobra.Command {
	var all bool
	q := app.MessagesRequest{}
	c := &cobra.Command{
		Use: "remove [ID]...", Short: "Delete messages",
		Long:    "Deletes messages for good.",
		Example: "  pie inbox remove ID\n  pie inbox remove --all --agent daily-weather",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := chosen(cmd, args, all, q.Agent); err != nil {
				return err
			}
			q.IDs = args
			return show(f, "", "Inbox.Remove", q, func(c app.MessagesChanged) { f.print("Messages removed: %d.", c.Changed) })
		},
	}
	c.Flags().BoolVar(&all, "all", false, "all messages")
	c.Flags().StringVar(&q.Agent, "agent", "", "with --all: only those of `AGENT`")
	return c
}
