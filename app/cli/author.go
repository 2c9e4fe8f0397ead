package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/backend/agent"
)

// checked is the answer of check: the sheet is left out where a finding is an
// error.
type checked struct {
	*app.InstallSheet

	Findings []agent.Finding `json:"findings"`
}

func (f *face) agentCheck() *cobra.Command {
	return &cobra.Command{
		Use: "check SOURCE", Short: "Check a package without installing it",
		Long: `Reads and compiles a package as install would and says what it asks for, or what
is wrong and where. Nothing is installed and no code of it runs. Each finding has
its file and line and what to do; with an error among them the exit code is 2.`,
		Example: "  pie agent check my-agent.pie\n  pie agent check ./my-agent --json\n  pie agent check sample:gmail-inbox",
		Args:    exactly("SOURCE"),
		RunE:    func(_ *cobra.Command, args []string) error { return f.checkPackage(args[0]) },
	}
}

func (f *face) checkPackage(name string) error {
	source, err := sourceOf(name)
	if err != nil {
		return err
	}
	q, answer := app.InspectRequest{Source: source}, checked{}
	if err := f.call("Checking the package…", "Agents.Check", q, &answer.Findings); err != nil {
		return err
	}
	wrong := slices.ContainsFunc(answer.Findings, func(x agent.Finding) bool { return x.Level == agent.LevelError })
	if !wrong {
		answer.InstallSheet = &app.InstallSheet{}
		if err := f.call("", "Agents.Inspect", q, answer.InstallSheet); err != nil {
			return err
		}
	}
	if f.json {
		f.value(answer)
	} else {
		f.printChecked(answer)
	}
	if wrong {
		return &ended{2}
	}
	return nil
}

func (f *face) printChecked(answer checked) {
	if answer.InstallSheet != nil {
		f.sheet(*answer.InstallSheet)
		f.print("")
	}
	f.findings(answer.Findings)
	if answer.InstallSheet != nil {
		f.print("The package is sound.")
	}
}

// findings says each on a line of its own, as compilers do.
func (f *face) findings(list []agent.Finding) {
	for _, x := range list {
		place := x.File
		if x.Line > 0 {
			place = fmt.Sprintf("%s:%d:%d", x.File, x.Line, max(x.Column, 1))
		}
		f.say("%s: %s: %s %s", cell(place), cell(x.Level), cell(x.Message), cell(x.Fix))
	}
}
