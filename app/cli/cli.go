// Package cli is the terminal's face: commands over the services of package app,
// reached through the door, so that any number of them work side by side.
//
// What goes where: the answer of a command goes to standard output, everything
// said about it (progress, questions, logs of an agent, faults in prose) to
// standard error. With --json the answer is the value of the service itself, one
// a line, and a fault is {"error":{code,message,hint}} on standard output. Text
// that comes from an agent or a server never reaches a terminal with control
// characters in it. Nothing depends on colour.
//
// Each noun has a file. Main runs one command line; exit.go has the exit codes.
package cli

import (
	"context"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pie/app/door"
	"pie/backend/fault"
	"pie/backend/paths"
)

// IO is where a command reads and writes. The Is funcs say whether that end is a
// person's terminal; Columns is the width of Out, 0 for any; ReadHidden reads a
// line without echo. All funcs may be nil: then there is no terminal.
type IO struct {
	In         io.Reader
	Out, Err   io.Writer
	InIsTTY    bool
	OutIsTTY   bool
	ErrIsTTY   bool
	Columns    func() int
	ReadHidden func() ([]byte, error)
}

// IsCommand tells whether the arguments ask for the terminal's face: any do.
func IsCommand(args []string) bool { return len(args) > 0 }

// IsLink tells whether text is an address handed in by the system or a person,
// of the custom scheme or of http and https.
func IsLink(text string) bool {
	u, err := url.Parse(text)
	if err != nil {
		return strings.HasPrefix(text, paths.AppID+":") || strings.Contains(text, "://")
	}
	return u.Scheme == paths.AppID || u.Scheme == "http" || u.Scheme == "https"
}

// face is one command line on its way.
type face struct {
	io     IO
	ctx    context.Context //nolint:containedctx // ends with Ctrl-C, for all that this one command does
	json   bool
	enter  func(context.Context) (*door.Door, error)
	opened *door.Door
}

// Main runs one command line and returns the exit code. It stops what is under
// way when ctx ends.
func Main(ctx context.Context, streams IO, args []string) int {
	f := &face{io: streams, ctx: ctx, enter: Enter, json: slices.Contains(args, "--json")}
	root := f.root()
	root.SetArgs(withLink(args))
	err := root.ExecuteContext(ctx)
	return f.finish(err)
}

// HandIn is the command pie LINK over a door that is entered already, which it
// closes.
func HandIn(ctx context.Context, streams IO, d *door.Door, link string) int {
	f := &face{io: streams, ctx: ctx, opened: d}
	return f.finish(f.link(link))
}

// finish leaves the home, says what went wrong and gives the exit code.
func (f *face) finish(err error) int {
	f.tell(err)
	if closing := f.leave(); closing != nil && err == nil {
		f.tell(closing)
		err = closing
	}
	return exitCode(err)
}

// tell prints a fault, unless the command has already said it.
func (f *face) tell(err error) {
	if _, said := errors.AsType[*ended](err); said || err == nil {
		return
	}
	problem := fault.Public(err)
	if f.json {
		f.value(map[string]any{"error": problem})
	}
	f.say("pie: %s", problem.Message)
	if problem.Hint != "" {
		f.say("%s", problem.Hint)
	}
}

// withLink turns `pie LINK` into the hidden command that takes it.
func withLink(args []string) []string {
	for i, arg := range args {
		if strings.HasPrefix(arg, "-") {
			continue
		}
		if IsLink(arg) {
			return slices.Insert(slices.Clone(args), i, "link")
		}
		break
	}
	return args
}

func (f *face) root() *cobra.Command {
	quietMousetrap()
	root := &cobra.Command{
		Use:   "pie",
		Short: "Run agents that reach your accounts, on your own computer",
		Long: `PIE Desktop runs agents on your own computer and connects them to your accounts.

An agent is a small program with a manifest that says what it may reach. You sign
in at the service itself; the tokens stay sealed on this computer, and an agent
never sees them.

Start with:  pie demo
Then:        pie agent samples`,
		Example:           "  pie demo\n  pie agent install sample:practice-notes\n  pie connect practice-notes\n  pie run practice-notes",
		SilenceUsage:      true,
		SilenceErrors:     true,
		Args:              cobra.ArbitraryArgs,
		RunE:              func(cmd *cobra.Command, args []string) error { return unknown(cmd, args) },
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
	}
	root.SetIn(f.io.In)
	root.SetOut(f.io.Out)
	root.SetErr(f.io.Err)
	root.PersistentFlags().BoolVar(&f.json, "json", false, "print the answer as JSON")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(cmd, err.Error()) })
	root.AddGroup(&cobra.Group{ID: "use", Title: "Use agents:"}, &cobra.Group{ID: "look", Title: "Look and look after:"})
	f.group(root, "use", f.demoCommand(), f.agentCommand(), f.secretCommand(), f.clientCommand(), f.connectCommand(), f.runCommand(),
		f.outboxCommand(), f.automationCommand(), f.backgroundCommand(), f.disconnectCommand(), f.panicCommand())
	f.group(root, "look", f.connectionsCommand(), f.accessCommand(), f.inboxCommand(), f.historyCommand(), f.auditCommand(), f.receiptsCommand(),
		f.providerCommand(), f.aiCommand(), f.relayCommand(), f.vaultCommand(), f.doctorCommand(), f.versionCommand())
	root.AddCommand(f.linkCommand())
	return root
}

func (f *face) group(root *cobra.Command, id string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = id
		root.AddCommand(c)
	}
}
