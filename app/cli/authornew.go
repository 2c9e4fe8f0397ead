package cli

import (
	"embed"
	"os"
	"path"
	"path/filepath"

	"github.com/spf13/cobra"

	"pie/backend/fault"
)

//go:embed templates
var templates embed.FS

func (f *face) agentNew() *cobra.Command {
	var kind string
	var typed bool
	c := &cobra.Command{
		Use: "new NAME", Short: "Begin an agent of your own",
		Long:    "Writes a folder NAME with a manifest and code that runs as it is. A connector reads\nthe practice service, so that it can be tried without an account.",
		Example: "  pie agent new my-agent\n  pie agent new my-notes --template connector --ts",
		Args:    exactly("NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			manifest, err := templates.ReadFile(path.Join("templates", kind+".json"))
			if err != nil {
				return fault.New(fault.Invalid, "There is no template "+cell(kind)+".", "Take tool, connector or automation.")
			}
			name, extension := args[0], "js"
			if typed {
				extension = "ts"
			}
			code, err := templates.ReadFile(path.Join("templates", kind+"."+extension+".txt"))
			if err != nil {
				return fault.Wrap(err, fault.Internal, "The template cannot be read.", "Install PIE Desktop again.")
			}
			if err := os.Mkdir(name, 0o700); err != nil {
				return fault.Wrap(err, fault.Conflict, "The folder "+cell(name)+" cannot be made.", "Take a name that is free.")
			}
			for file, text := range map[string][]byte{"manifest.json": manifest, "agent." + extension: code, "input.json": []byte("{}\n")} {
				if err := os.WriteFile(filepath.Join(name, file), text, 0o600); err != nil {
					return fault.Wrap(err, fault.Denied, "The folder "+cell(name)+" cannot be written.", "Check who may write it.")
				}
			}
			if f.json {
				f.value(map[string]string{"folder": name})
				return nil
			}
			f.print("%s is made.", cell(name))
			f.print("Next: pie agent install %s --link", cell(name))
			return nil
		},
	}
	c.Flags().StringVar(&kind, "template", "tool", "tool, connector or automation")
	c.Flags().BoolVar(&typed, "ts", false, "write TypeScript")
	return c
}
