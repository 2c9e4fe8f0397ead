package cli

import (
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
}

// secretSettings is app.AIRequest with the key in clear, for the way to the owner.
type secretSettings struct {
	Address *string `json:"address"`
	Model   *string `json:"model"`
	Key     *string `json:"key"`
}

func (f *face) aiSet() *cobra.Command {
	var address, model string
	var key, noKey bool
	c := &cobra.Command{
		Use: "set", Short: "Change which model is asked",
		Long: `Changes the address, the model or the key; what is left out stays. The key is read
from standard input, never from an argument. Another host forgets the key.
--address "" is the default: a server on this computer.`,
		Example: "  pie ai set --model small\n  pie ai set --address https://api.example.com/v1 --key < key.txt\n  pie ai set --address \"\" --model \"\" --no-key",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			q := secretSettings{}
			if cmd.Flags().Changed("address") {
				q.Address = &address
			}
			if cmd.Flags().Changed("model") {
				q.Model = &model
			}
			switch {
			case key && noKey:
				return usage(cmd, "give --key or --no-key, not both")
			case key:
				value, err := f.readSecret("Key: ")
				if err != nil {
					return err
				}
				clear := value.Reveal()
				q.Key = &clear
			case noKey:
				q.Key = new(string)
			case q == secretSettings{}:
				return usage(cmd, "nothing is changed: give --address, --model, --key or --no-key")
			}
			return show(f, "", "AI.Set", q, f.aiSettings)
		},
	}
	c.Flags().StringVar(&address, "address", "", "`URL` of a server that speaks the OpenAI API, up to /v1")
	c.Flags().StringVar(&model, "model", "", "`NAME` of the model; empty for the server's first")
	c.Flags().BoolVar(&key, "key", false, "read the key from standard input")
	c.Flags().BoolVar(&noKey, "no-key", false, "forget the key")
	return c
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
