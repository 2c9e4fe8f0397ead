package cli

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/backend"
	"pie/backend/agent"
	"pie/backend/fault"
	"pie/backend/watch"
)

// devOptions are the flags of dev.
type devOptions struct {
	app.DevRequest

	input   string
	once    bool
	yes     bool
	timeout time.Duration
}

func (f *face) agentDev() *cobra.Command {
	var o devOptions
	c := &cobra.Command{
		Use: "dev FOLDER", Short: "Run an agent at every save while you write it",
		Long: `Watches the folder; at every save it compiles the code, runs it with each saved
input and shows logs, requests, the result and how long it took. A mistake is
shown with its place and the watching goes on. Ctrl-C ends it.

Saved inputs are files inputs/NAME.json, or inputs/NAME.FUNCTION.json for another
function than handler; without any the input is {}.

The folder runs in place. You are asked once, and again only when the agent asks
for more than you agreed to. Saving never signs in or out anywhere.

--record keeps what each run asked of the world in cassettes/NAME.json, without
secrets. --replay runs from these files: with no network, no connection and no
approval. With --practice the practice service stands in for the agent's services:
it grants the access and makes the mistakes that are switched on, and recordings
say what else is answered. With --once the exit code is that of the run.`,
		Example: `  pie agent dev ./my-agent
  pie agent dev ./my-agent --input '{"name":"Ada"}' --once
  pie agent dev ./my-agent --once --record
  pie agent dev ./my-agent --once --replay --json`,
		Args: exactly("FOLDER"),
		RunE: func(_ *cobra.Command, args []string) error {
			if o.Record && o.Replay || o.Practice && (o.Record || o.Replay) {
				return fault.New(fault.Invalid, "A run is recorded, replayed or practised: one of the three.", "Leave the others out of --record, --replay and --practice.")
			}
			if o.timeout < 0 {
				return fault.New(fault.Invalid, "A run cannot take less than no time.", "Give --timeout a time such as 30s.")
			}
			o.TimeoutMS = o.timeout.Milliseconds()
			return f.dev(args[0], o)
		},
	}
	c.Flags().BoolVar(&o.once, "once", false, "run once and end")
	c.Flags().BoolVar(&o.Record, "record", false, "keep what the run asks and is told, without secrets")
	c.Flags().BoolVar(&o.Replay, "replay", false, "run from what was recorded: nothing leaves the program")
	c.Flags().BoolVar(&o.Practice, "practice", false, "let the practice service stand in for the agent's services")
	c.Flags().StringVar(&o.input, "input", "", "one input: `JSON`, @FILE, - or the NAME of a saved one; all saved ones when not given")
	c.Flags().StringVar(&o.Function, "function", "", "`NAME` of the function, handler when not given")
	c.Flags().StringVar(&o.Account, "account", "", "`LABEL` of the account, where you have several")
	c.Flags().DurationVar(&o.timeout, "timeout", 0, "how long a run may take, such as 30s (15m at most)")
	c.Flags().BoolVar(&o.DryRun, "dry-run", false, "send what reads; let what would change something wait")
	c.Flags().BoolVarP(&o.yes, "yes", "y", false, "agree at the start to all that the agent asks for")
	return c
}

// studio is one dev command.
type studio struct {
	*face

	folder  string
	options devOptions
	asked   bool // the folder runs in place, as agreed
}

func (f *face) dev(name string, o devOptions) error {
	folder, err := filepath.Abs(name)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "This path cannot be used.", "Give an absolute path.")
	}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return fault.New(fault.NotFound, "There is no folder "+cell(name)+".", "Begin one: pie agent new NAME")
	}
	s := &studio{face: f, folder: folder, options: o}
	if o.once {
		return s.round()
	}
	return s.watch()
}

// watch runs until Ctrl-C. What goes wrong in one round is shown; the next save
// begins another.
func (s *studio) watch() error {
	w, err := watch.New(s.folder, backend.CassettesFolder)
	if err != nil {
		return err
	}
	defer w.Close()
	s.event(devEvent{Event: "watching", Folder: s.folder}, "Watching %s. Ctrl-C ends it.", cell(s.folder))
	for {
		err := s.round()
		switch {
		case s.ctx.Err() != nil:
			return nil
		case fault.Is(err, fault.Denied) && !s.asked && !s.options.Replay && !s.options.Practice:
			return err // nobody agreed to the agent at all
		case err != nil:
			if _, said := errors.AsType[*ended](err); !said {
				s.event(devEvent{Event: "fault", Error: fault.Public(err)}, "pie: %s\n%s", fault.Public(err).Message, fault.Public(err).Hint)
			}
		}
		if !savedOr(s.ctx, w, s.approvedElsewhere(err)) {
			return nil
		}
	}
}

// devEvent is a line for programs, beside the results.
type devEvent struct {
	Event  string         `json:"event"` // watching | installed | fault
	Folder string         `json:"folder,omitempty"`
	Agent  string         `json:"agent,omitempty"`
	Needs  []string       `json:"needs,omitempty"`
	Error  *fault.Problem `json:"error,omitempty"`
}

// event prints a line for programs or for a person.
func (s *studio) event(value devEvent, format string, args ...any) {
	if s.json {
		s.value(value)
	} else {
		s.say(format, args...)
	}
}

// round compiles and runs with every input. Its error is that of the worst run.
func (s *studio) round() error {
	if err := s.prepare(); err != nil {
		return err
	}
	inputs, err := s.inputs()
	if err != nil {
		return err
	}
	var worst error
	for _, in := range inputs {
		ran, err := s.one(in)
		if err != nil {
			return err
		}
		if ran.Run == nil {
			return &ended{2}
		}
		if code := runCodes[ran.Run.Status]; code != 0 && worst == nil {
			worst = &ended{code}
		}
	}
	return worst
}

// one runs with one input. When the agent asks for more, a person is asked; an
// empty answer leaves things as they are.
func (s *studio) one(in saved) (app.DevResult, error) {
	q := s.options.DevRequest
	q.Folder, q.Input, q.Name = s.folder, in.input, in.name
	if in.function != "" {
		q.Function = in.function
	}
	for {
		var out app.DevResult
		q.Op = newOp()
		if err := s.call("Running…", "Runs.Dev", q, &out); err != nil {
			return out, err
		}
		s.shown(in, out)
		if len(out.Grown) == 0 {
			return out, nil
		}
		if !s.asks() || !s.confirm("Agree?") {
			return out, waitsForApproval()
		}
		if err := s.call("", "Agents.Approve", app.ApproveRequest{Folder: s.folder, Hash: out.Hash}, nil); err != nil {
			return out, err
		}
	}
}

func waitsForApproval() error {
	return fault.New(fault.Denied, "Nothing runs until you agree to it.", "Agree with pie agent install FOLDER --link, or take it out of the code.")
}

// approvedElsewhere tells of an approval that another command gives while this
// one waits for it; nil when it does not wait.
func (s *studio) approvedElsewhere(err error) <-chan app.Event {
	if !fault.Is(err, fault.Denied) {
		return nil
	}
	d, err := s.door()
	if err != nil {
		return nil
	}
	events, err := d.Events(s.ctx)
	if err != nil {
		return nil
	}
	return events
}

// prepare installs the folder in place, once, and asks for that. A mistake in the
// package is left to the round.
func (s *studio) prepare() error {
	if s.asked || s.options.Replay || s.options.Practice {
		return nil
	}
	var sheet app.InstallSheet
	err := s.call("Reading the package…", "Agents.Inspect", app.InspectRequest{Source: s.folder}, &sheet)
	if fault.Is(err, fault.Invalid) {
		return s.mistakes()
	}
	if err != nil {
		return err
	}
	var there app.AgentDetail
	if err := s.call("", "Agents.Show", app.AgentRef{Agent: sheet.Agent.Name}, &there); err == nil && there.Link == s.folder {
		s.asked = true
		return nil
	}
	q, err := (approval{link: true}).request(s.folder, sheet)
	if err != nil {
		return err
	}
	if err := s.approve(sheet, q, s.options.yes); err != nil {
		return err
	}
	if err := s.call("Installing…", "Agents.Install", q, nil); err != nil {
		return err
	}
	s.asked = true
	s.event(devEvent{Event: "installed", Agent: sheet.Agent.Name, Needs: sheet.Needs}, "%s runs in place from now on.", cell(sheet.Agent.Name))
	if !s.json {
		for _, need := range sheet.Needs {
			s.say("Next: %s", cell(need))
		}
	}
	return nil
}

// mistakes shows what keeps the folder from being read.
func (s *studio) mistakes() error {
	var found []agent.Finding
	if err := s.call("", "Agents.Check", app.InspectRequest{Source: s.folder}, &found); err != nil {
		return err
	}
	s.shown(saved{}, app.DevResult{Findings: found, Grown: []string{}})
	return &ended{2}
}
