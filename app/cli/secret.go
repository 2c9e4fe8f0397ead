package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"pie/app"
	"pie/backend/fault"
	"pie/backend/secret"
)

// mostSecret is the longest value that is read, in bytes.
const mostSecret = 64 << 10

// secretParams carries a value over the private socket. It lives for one call.
type secretParams struct {
	Agent string `json:"agent"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (f *face) secretCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "secret", Short: "Give an agent its keys and passwords",
		Long: `A secret is a value that you give to one agent: an API key, or the id and secret
of the app that you registered at a service. It is sealed on this computer and
never shown again.`,
		Example: "  pie secret set gmail-inbox GOOGLE_CLIENT_ID\n  pie secret list gmail-inbox",
		Args:    cobra.ArbitraryArgs,
		RunE:    unknown,
	}
	c.AddCommand(f.secretSet(), f.secretList(), f.secretRemove())
	return c
}

func (f *face) secretSet() *cobra.Command {
	return &cobra.Command{
		Use: "set AGENT NAME", Short: "Set a secret from standard input",
		Long: `Reads the value from standard input, and on a terminal without showing it. One
line break at the end is dropped. It is never an argument: those are visible to
every program on the computer.`,
		Example: "  pie secret set api-key-tool API_KEY\n  pie secret set api-key-tool API_KEY < key.txt",
		Args:    exactly("AGENT", "NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			value, err := f.readSecret(fmt.Sprintf("Value of %s: ", cell(args[1])))
			if err != nil {
				return err
			}
			if err := f.call("Sealing…", "Agents.SecretSet", secretParams{args[0], args[1], value.Reveal()}, nil); err != nil {
				return err
			}
			return f.secretDone(args, true)
		},
	}
}

// secretDone prints what holds now; with --json the names of the agent's secrets.
func (f *face) secretDone(args []string, set bool) error {
	if f.json {
		return f.secretNames(args[0])
	}
	if set {
		f.print("%s is set for %s.", cell(args[1]), cell(args[0]))
	} else {
		f.print("%s is removed from %s.", cell(args[1]), cell(args[0]))
	}
	return nil
}

// readSecret reads a value from the terminal without echo, or all of standard
// input less one final line break.
func (f *face) readSecret(prompt string) (secret.String, error) {
	if f.io.InIsTTY && f.io.ReadHidden != nil {
		return f.hidden(prompt)
	}
	raw, err := io.ReadAll(io.LimitReader(f.io.In, mostSecret+1))
	value := secret.New(strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r"))
	clear(raw)
	switch {
	case err != nil:
		return value, fault.Wrap(err, fault.Invalid, "Standard input cannot be read.", "Hand the value in like this: pie secret set AGENT NAME < file")
	case len(raw) > mostSecret:
		return value, fault.New(fault.Limited, "The value is longer than 64 KB.", "Check that the right file is handed in.")
	case value.IsEmpty():
		return value, fault.New(fault.Invalid, "There is no value on standard input.", "Hand it in like this: pie secret set AGENT NAME < file")
	}
	return value, nil
}

func (f *face) secretList() *cobra.Command {
	return &cobra.Command{
		Use: "list AGENT", Short: "List an agent's secrets and which are set",
		Long:    "Lists the names of the secrets an agent declares, and whether each has a value.\nValues are never shown.",
		Example: "  pie secret list gmail-inbox",
		Args:    exactly("AGENT"),
		RunE:    func(_ *cobra.Command, args []string) error { return f.secretNames(args[0]) },
	}
}

func (f *face) secretNames(agent string) error {
	var detail app.AgentDetail
	if err := f.call("", "Agents.Show", app.AgentRef{Agent: agent}, &detail); err != nil {
		return err
	}
	if f.json {
		f.value(detail.Agent.Secrets)
		return nil
	}
	if len(detail.Agent.Secrets) == 0 {
		f.say("%s takes no secrets.", cell(agent))
		return nil
	}
	rows := [][]string{}
	for _, s := range detail.Agent.Secrets {
		rows = append(rows, []string{s.Name, map[bool]string{true: "yes", false: "no"}[s.Set], map[bool]string{true: "yes", false: "no"}[s.Required], s.Description})
	}
	f.table([]string{"NAME", "SET", "REQUIRED", "WHAT IT IS"}, rows)
	return nil
}

func (f *face) secretRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove AGENT NAME", Short: "Delete a secret",
		Long:    "Deletes the value. The agent keeps its connections, but may stop working without\nthe value.",
		Example: "  pie secret remove api-key-tool API_KEY",
		Args:    exactly("AGENT", "NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := f.call("", "Agents.SecretRemove", app.SecretRef{Agent: args[0], Name: args[1]}, nil); err != nil {
				return err
			}
			return f.secretDone(args, false)
		},
	}
}
