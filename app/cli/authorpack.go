package cli

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/backend/agent"
	"pie/backend/fault"
)

// packed is the answer of pack. Without a file there is an error among the
// findings.
type packed struct {
	File     string          `json:"file,omitempty"`
	Agent    string          `json:"agent"`
	Version  string          `json:"version"`
	Bytes    int             `json:"bytes"`
	Bundled  bool            `json:"bundled"`
	Findings []agent.Finding `json:"findings"`
}

func (f *face) agentPack() *cobra.Command {
	var target string
	c := &cobra.Command{
		Use: "pack FOLDER", Short: "Make a .pie file to hand on",
		Long: `Makes one .pie file of an agent's folder, or of a .pie file. Code in TypeScript or
of several files becomes one script of JavaScript, because the form holds one.

A package in which a secret stands is refused, with the place: values of .env
files, tokens and keys. So is one that check finds an error in; the exit code is
2 then and nothing is written.`,
		Example: "  pie agent pack ./my-agent\n  pie agent pack ./my-agent -o my-agent-1.0.0.pie --json",
		Args:    exactly("FOLDER"),
		RunE:    func(_ *cobra.Command, args []string) error { return f.pack(args[0], target) },
	}
	c.Flags().StringVarP(&target, "output", "o", "", "the `FILE` to write, NAME.pie when not given")
	return c
}

func (f *face) pack(name, target string) error {
	source, err := sourceOf(name)
	if err != nil {
		return err
	}
	var made app.Packed
	if err := f.call("Packing…", "Agents.Pack", app.InspectRequest{Source: source}, &made); err != nil {
		return err
	}
	answer := packed{Agent: made.Agent, Version: made.Version, Bytes: len(made.Content), Bundled: made.Bundled, Findings: made.Findings}
	if len(made.Content) > 0 {
		if answer.File, err = writePacked(source, target, made); err != nil {
			return err
		}
	}
	if f.json {
		f.value(answer)
	} else {
		f.findings(answer.Findings)
	}
	if answer.File == "" {
		f.say("Nothing was packed.")
		return &ended{2}
	}
	if !f.json {
		f.print("%s holds %s %s, %d bytes.", cell(answer.File), cell(answer.Agent), cell(answer.Version), answer.Bytes)
		f.print("Next: pie agent install %s", cell(answer.File))
	}
	return nil
}

// writePacked writes the file, but never over what it was made of.
func writePacked(source, target string, made app.Packed) (string, error) {
	if target == "" {
		target = made.Agent + ".pie"
	}
	from, _ := os.Stat(source)
	if to, err := os.Stat(target); err == nil && from != nil && os.SameFile(from, to) {
		return "", fault.New(fault.Conflict, filepath.Base(target)+" is what was to be packed.", "Name another file with -o.")
	}
	if err := os.WriteFile(target, made.Content, 0o644); err != nil { //nolint:gosec // it is made to be handed on, and holds no secret
		return "", fault.Wrap(err, fault.Denied, cell(target)+" cannot be written.", "Name a file that you may write with -o.")
	}
	return target, nil
}
