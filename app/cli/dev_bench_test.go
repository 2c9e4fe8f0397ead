package cli_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkSaveToResult writes the code of an agent and waits for the line with
// its result from pie agent dev, a process of its own. It reports the median over
// at least 20 saves.
func BenchmarkSaveToResult(b *testing.B) {
	for _, c := range []struct{ name, file, code string }{
		{"js", "agent.js", "module.exports = { handler: () => 'save %d' };\n"},
		{"ts", "agent.ts", "const text: string = 'save %d';\nexport const handler = async (): Promise<string> => text;\n"},
	} {
		b.Run(c.name, func(b *testing.B) {
			dir := b.TempDir()
			folder := filepath.Join(dir, "saved")
			save := func(n int) {
				if err := os.WriteFile(filepath.Join(folder, c.file), fmt.Appendf(nil, c.code, n), 0o600); err != nil {
					b.Fatal(err)
				}
			}
			if err := os.Mkdir(folder, 0o700); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, "manifest.json"), []byte(`{}`), 0o600); err != nil {
				b.Fatal(err)
			}
			save(0)
			lines := develop(b, dir, folder)
			expect(b, lines, "save 0")
			var took []time.Duration
			for n := 1; len(took) < 20 || b.Loop(); n++ {
				began := time.Now()
				save(n)
				expect(b, lines, fmt.Sprintf("save %d", n))
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "ms-p95")
			b.ReportMetric(float64(len(took)), "saves")
		})
	}
}

// develop starts the program on a folder and gives its lines.
func develop(b *testing.B, dir, folder string) <-chan string {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), self)
	cmd.Args = []string{"pie", "agent", "dev", folder, "--json", "--yes"}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Env = append(os.Environ(), "PIE_HOME="+filepath.Join(dir, "home"), "PIE_KEY_SOURCE=keyfile", "PIE_KEY_FILE="+filepath.Join(dir, "key"))
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	b.Cleanup(func() { _ = cmd.Wait() })
	return lines
}

func expect(b *testing.B, lines <-chan string, text string) {
	b.Helper()
	for line := range lines {
		if strings.Contains(line, `"`+text+`"`) {
			return
		}
	}
	b.Fatalf("the program ended before %s", text)
}
