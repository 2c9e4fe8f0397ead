package cli

import (
	"embed"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"pie/backend/agent/typings"
	"pie/backend/fault"
	"pie/backend/plugin"
)

//go:embed templates
var templates embed.FS

func (f *face) agentNew() *cobra.Command {
	var kind string
	var typed bool
	c := &cobra.Command{
		Use: "new NAME", Short: "Begin an agent of your own",
		Long: `Writes a folder NAME with a manifest and code that runs as it is, an input to try
it with, and what an editor needs to complete and check both. A connector reads
the practice service, so that it can be tried without an account.`,
		Example: "  pie agent new my-agent\n  pie agent new my-notes --template connector --ts",
		Args:    exactly("NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			if name := filepath.Base(args[0]); !plugin.IsName(name) {
				return fault.New(fault.Invalid, cell(name)+" is no name for an agent.", "Take small letters, digits and single hyphens: my-agent")
			}
			files, err := begun(kind, typed)
			if err != nil {
				return err
			}
			if err := writeNew(args[0], files); err != nil {
				return err
			}
			if f.json {
				f.value(map[string]string{"folder": args[0]})
				return nil
			}
			f.print("%s is made.", cell(args[0]))
			f.print("Next: pie agent dev %s", cell(args[0]))
			return nil
		},
	}
	c.Flags().StringVar(&kind, "template", "tool", "tool, connector or automation")
	c.Flags().BoolVar(&typed, "ts", false, "write TypeScript")
	return c
}

// begun are the files of a new agent.
func begun(kind string, typed bool) (map[string][]byte, error) {
	manifest, err := templates.ReadFile(path.Join("templates", kind+".json"))
	if err != nil || strings.ContainsAny(kind, "/.") {
		return nil, fault.New(fault.Invalid, "There is no template "+cell(kind)+".", "Take tool, connector or automation.")
	}
	extension, config := "js", "jsconfig.json"
	if typed {
		extension, config = "ts", "tsconfig.json"
	}
	code, err := templates.ReadFile(path.Join("templates", kind+"."+extension+".txt"))
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "The template cannot be read.", "Install PIE Desktop again.")
	}
	return map[string][]byte{
		"manifest.json": manifest, "agent." + extension: code, filepath.Join("inputs", "default.json"): []byte("{}\n"),
		config: []byte(typings.TSConfig()), typings.FileName: []byte(typings.TypeScript()), plugin.SchemaName: []byte(plugin.Schema()),
	}, nil
}

func writeNew(folder string, files map[string][]byte) error {
	if err := os.Mkdir(folder, 0o700); err != nil {
		return fault.Wrap(err, fault.Conflict, "The folder "+cell(folder)+" cannot be made.", "Take a name that is free.")
	}
	for name, text := range files {
		target := filepath.Join(folder, name)
		err := os.MkdirAll(filepath.Dir(target), 0o700)
		if err == nil {
			err = os.WriteFile(target, text, 0o600)
		}
		if err != nil {
			return fault.Wrap(err, fault.Denied, "The folder "+cell(folder)+" cannot be written.", "Check who may write it.")
		}
	}
	return nil
}
