package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/backend/fault"
)

func (f *face) agentCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "agent", Short: "Install, look at and remove agents",
		Long: `An agent is a small program with a manifest that says what it may reach. It comes
as a .pie file, as a folder with manifest.json and agent.js or agent.ts, or as
one of the samples that are bundled with PIE Desktop.`,
		Example: "  pie agent samples\n  pie agent install sample:practice-notes\n  pie agent show practice-notes",
		Args:    cobra.ArbitraryArgs,
		RunE:    unknown,
	}
	c.AddCommand(f.agentSamples(), f.agentNew(), f.agentDev(), f.agentCheck(), f.agentPack(), f.agentInstall(), f.agentUpdate(), f.agentList(), f.agentShow(), f.agentAllow(), f.agentRemove())
	return c
}

func (f *face) agentSamples() *cobra.Command {
	return &cobra.Command{
		Use: "samples", Short: "List the bundled agents",
		Long:    "Lists the agents that come with PIE Desktop and what each needs before its first\nresult: nothing, a key that you paste, or an app that you register at a service.",
		Example: "  pie agent samples",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			return show(f, "Looking at the samples…", "Agents.Samples", nil, func(samples []app.Sample) {
				needs := map[string]string{"none": "nothing", "token": "a key", "setup": "an app of yours"}
				rows := [][]string{}
				for _, s := range samples {
					state := "no"
					if s.Installed {
						state = "yes"
					}
					rows = append(rows, []string{"sample:" + s.Name, state, needs[s.Effort], s.Description})
				}
				f.table([]string{"SOURCE", "INSTALLED", "NEEDS", "WHAT IT DOES"}, rows)
			})
		},
	}
}

func (f *face) agentList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the installed agents",
		Long:    "Lists the installed agents, the services each may use and whether a secret is\nstill missing.",
		Example: "  pie agent list\n  pie agent list --json",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			return show(f, "", "Agents.List", nil, func(agents []app.Agent) {
				if len(agents) == 0 {
					f.say("No agent is installed. Try: pie agent install sample:practice-notes")
					return
				}
				rows := [][]string{}
				for _, a := range agents {
					rows = append(rows, []string{a.Name, orDash(a.Version), orDash(providersOf(a)), state(a), a.Description})
				}
				f.table([]string{"AGENT", "VERSION", "SERVICES", "STATE", "WHAT IT DOES"}, rows)
			})
		},
	}
}

func providersOf(a app.Agent) string {
	var names []string
	for _, s := range a.Services {
		names = append(names, s.Provider)
	}
	return strings.Join(names, ",")
}

func state(a app.Agent) string {
	for _, s := range a.Secrets {
		if s.Required && !s.Set {
			return "needs " + s.Name
		}
	}
	if len(a.Functions) == 0 && len(a.Warnings) > 0 {
		return "broken"
	}
	return "ready"
}

func (f *face) agentShow() *cobra.Command {
	return &cobra.Command{
		Use: "show AGENT", Short: "Show all about an installed agent",
		Long:    "Shows what an agent does, what it may reach, which hosts may receive its tokens,\nand the redirect addresses to register at a service.",
		Example: "  pie agent show practice-notes",
		Args:    exactly("AGENT"),
		RunE: func(_ *cobra.Command, args []string) error {
			return show(f, "", "Agents.Show", app.AgentRef{Agent: args[0]}, func(d app.AgentDetail) { f.detail(d) })
		},
	}
}

func (f *face) detail(d app.AgentDetail) {
	f.heading(d.Agent)
	if d.Link != "" {
		f.print("Runs in place from %s", cell(d.Link))
	} else {
		f.print("Installed %s", when(&d.InstalledAt))
	}
	f.print("Functions: %s", orDash(cell(strings.Join(d.Agent.Functions, ", "))))
	f.permissions(d.Permissions)
	for _, s := range d.Agent.Secrets {
		set := "not set"
		if s.Set {
			set = "set"
		}
		f.print("Secret %s: %s. %s", cell(s.Name), set, cell(s.Description))
	}
	if len(d.Calls) > 0 {
		f.print("May call: %s", cell(strings.Join(d.Calls, ", ")))
	}
	if d.Files.Count > 0 {
		f.print("Files: %d (%d KB) in %s", d.Files.Count, (d.Files.Bytes+1023)>>10, cell(d.Files.Folder))
	}
	for _, r := range d.Redirects {
		preferred := ""
		if r.Preferred {
			preferred = " (preferred)"
		}
		f.print("Redirect address of %s, %s%s: %s", cell(r.Service), r.Kind, preferred, cell(r.Address))
	}
}

func (f *face) agentRemove() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "remove AGENT", Short: "Remove an agent with its connections and secrets",
		Long: `Takes the agent's access back at each service, then deletes its connections,
secrets and files. The history of its runs is kept.`,
		Example: "  pie agent remove practice-notes",
		Args:    exactly("AGENT"),
		RunE: func(_ *cobra.Command, args []string) error {
			ref := app.AgentRef{Agent: args[0]}
			if f.asks() && !yes {
				if err := f.call("", "Agents.Show", ref, nil); err != nil {
					return err
				}
				if !f.confirm(fmt.Sprintf("Remove %s, its connections and its secrets?", cell(args[0]))) {
					return fault.New(fault.Denied, "Nothing was removed.", "")
				}
			}
			return show(f, "Taking back access…", "Agents.Remove", ref, func(r app.Removed) {
				for _, gone := range r.Disconnected {
					f.disconnected(gone)
				}
				f.print("%s is removed.", cell(r.Agent))
			})
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

// asks tells whether there is a person to ask.
func (f *face) asks() bool { return f.io.InIsTTY && f.io.ErrIsTTY }

// confirm asks a question that only a clear yes answers; Ctrl-C is a no.
func (f *face) confirm(question string) bool {
	_, _ = fmt.Fprintf(f.io.Err, "%s [y/N] ", clean(question))
	answer := make(chan string, 1)
	go func() { answer <- f.line() }()
	select {
	case text := <-answer:
		text = strings.ToLower(strings.TrimSpace(text))
		return text == "y" || text == "yes"
	case <-f.ctx.Done():
		_, _ = fmt.Fprintln(f.io.Err)
		return false
	}
}

// line reads one short line and nothing beyond it.
func (f *face) line() string {
	line, one := make([]byte, 0, 16), make([]byte, 1)
	for len(line) < 64 {
		n, err := f.io.In.Read(one)
		if n == 1 && one[0] != '\n' {
			line = append(line, one[0])
			continue
		}
		if n == 1 || err != nil {
			break
		}
	}
	return string(line)
}
