package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"pie/app"
)

func (f *face) aiCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "ai", Short: "Choose the language model that agents may ask",
		Long: `Agents can ask a language model: one on this computer, or one where you have an
account. Without your doing they ask a server on this computer, if one runs.
Whichever it is, what an agent asks goes there, and pie audit says how much.`,
		Example: "  pie ai show\n  pie ai models\n  pie ai set --address https://api.example.com/v1 --model small --key < key.txt",
		Args:    cobra.ArbitraryArgs,
		RunE:    unknown,
	}
	c.AddCommand(f.aiShow(), f.aiSet(), f.aiModels())
	return c
}

func (f *face) aiShow() *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "Show which model is asked",
		Long:    "Shows the address, the model and whether a key is set. The server is not asked.",
		Example: "  pie ai show --json",
		Args:    exactly(),
		RunE:    func(*cobra.Command, []string) error { return show(f, "", "AI.Show", nil, f.aiSettings) },
	}
}

func (f *face) aiSettings(s app.AISettings) {
	where := "elsewhere: what agents ask goes there"
	if s.Local {
		where = "on this computer"
	}
	f.print("Address: %s (%s)", cell(s.Address), where)
	model := cell(s.Model)
	if model == "" {
		model = "the first that the server has"
	}
	f.print("Model:   %s", model)
	f.print("Key:     %s", map[bool]string{true: "set", false: "none"}[s.KeySet])
	if s.Off {
		f.print("It is turned off: no agent asks it.")
	}
	if len(s.Agents) > 0 {
		f.print("Asked by: %s", cell(strings.Join(s.Agents, ", ")))
	}
}

// secretSettings is app.AIRequest with the key in clear, for the way to the owner.
type secretSettings struct {
	Address *string `json:"address"`
	Model   *string `json:"model"`
	Key     *string `json:"key"`
	Off     *bool   `json:"off"`
}

// aiChange are the flags of pie ai set.
type aiChange struct {
	address, model      string
	key, noKey, on, off bool
}

func (f *face) aiSet() *cobra.Command {
	var change aiChange
	c := &cobra.Command{
		Use: "set", Short: "Change which model is asked",
		Long: `Changes the address, the model or the key; what is left out stays. The key is read
from standard input, never from an argument. Another host forgets the key.
--address "" is the default: a server on this computer. --off lets no agent ask any
model, until --on.`,
		Example: "  pie ai set --model small\n  pie ai set --address https://api.example.com/v1 --key < key.txt\n  pie ai set --address \"\" --model \"\" --no-key\n  pie ai set --off",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := f.aiRequest(cmd, change)
			if err != nil {
				return err
			}
			return show(f, "", "AI.Set", q, f.aiSettings)
		},
	}
	c.Flags().StringVar(&change.address, "address", "", "`URL` of a server that speaks the OpenAI API, up to /v1")
	c.Flags().StringVar(&change.model, "model", "", "`NAME` of the model; empty for the server's first")
	c.Flags().BoolVar(&change.key, "key", false, "read the key from standard input")
	c.Flags().BoolVar(&change.noKey, "no-key", false, "forget the key")
	c.Flags().BoolVar(&change.off, "off", false, "let no agent ask a model")
	c.Flags().BoolVar(&change.on, "on", false, "let agents ask again")
	return c
}

func (f *face) aiRequest(cmd *cobra.Command, change aiChange) (secretSettings, error) {
	q := secretSettings{}
	if cmd.Flags().Changed("address") {
		q.Address = &change.address
	}
	if cmd.Flags().Changed("model") {
		q.Model = &change.model
	}
	if change.on || change.off {
		q.Off = &change.off
	}
	switch {
	case change.key && change.noKey:
		return q, usage(cmd, "give --key or --no-key, not both")
	case change.on && change.off:
		return q, usage(cmd, "give --on or --off, not both")
	case change.key:
		value, err := f.readSecret("Key: ")
		if err != nil {
			return q, err
		}
		clear := value.Reveal()
		q.Key = &clear
	case change.noKey:
		q.Key = new(string)
	case q == secretSettings{}:
		return q, usage(cmd, "nothing is changed: give --address, --model, --key, --no-key, --on or --off")
	}
	return q, nil
}

func (f *face) aiModels() *cobra.Command {
	return &cobra.Command{
		Use: "models", Short: "List the models of the server",
		Long:    "Asks the server which models it has, which also shows whether it can be reached.",
		Example: "  pie ai models",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			return show(f, "Asking the server…", "AI.Models", app.OpRef{Op: newOp()}, func(names []string) {
				if len(names) == 0 {
					f.say("The server has no model yet.")
				}
				for _, name := range names {
					f.print("%s", cell(name))
				}
			})
		},
	}
}
