package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"pie/app/cli"
)

// TestTemplatesTypeCheck compiles every template with the compiler of the page,
// where that is installed, as an editor does.
func TestTemplatesTypeCheck(t *testing.T) {
	t.Parallel()
	tsc, err := filepath.Abs("../../frontend/node_modules/typescript/bin/tsc")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(tsc); err != nil {
		t.Skip("the TypeScript compiler is not here; make test installs it with the page")
	}
	for _, kind := range []string{"tool", "connector", "automation"} {
		for _, language := range []string{"--ts", "--ts=false"} {
			t.Run(kind+language, func(t *testing.T) {
				t.Parallel()
				folder := filepath.Join(t.TempDir(), "begun")
				var out bytes.Buffer
				if code := cli.Main(t.Context(), cli.IO{Out: &out, Err: &out}, []string{"agent", "new", folder, "--template", kind, language}); code != 0 {
					t.Fatalf("%d %s", code, out.String())
				}
				config := filepath.Join(folder, "tsconfig.json")
				if language != "--ts" {
					config = filepath.Join(folder, "jsconfig.json")
				}
				if out, err := exec.CommandContext(t.Context(), "node", tsc, "--checkJs", "--project", config).CombinedOutput(); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
	}
}
