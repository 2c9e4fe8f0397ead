package cli_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"pie/backend/patience"
	"pie/backend/practice"
)

// block is a fenced block of a document: a file, when its first line names one,
// or a session at a terminal.
type block struct {
	kind, file, text string
	line             int
}

func blocksOf(text string) []block {
	var out []block
	var open *block
	for i, line := range strings.Split(text, "\n") {
		switch {
		case open == nil && strings.HasPrefix(line, "```"):
			kind, file, _ := strings.Cut(strings.TrimPrefix(line, "```"), " ")
			open = &block{kind: kind, file: file, line: i + 1}
		case open != nil && line == "```":
			out = append(out, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	return out
}

// commands are the lines of a session with what each is to print.
func (b block) commands() (commands []string, wants [][]string) {
	for line := range strings.SplitSeq(strings.TrimSpace(b.text), "\n") {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			commands, wants = append(commands, command), append(wants, nil)
		} else if len(wants) > 0 && strings.TrimSpace(line) != "" {
			wants[len(wants)-1] = append(wants[len(wants)-1], line)
		}
	}
	return commands, wants
}

// fitting is a pattern for the wanted lines, in this order, with anything between
// them; … stands for anything in a line.
func fitting(want []string) *regexp.Regexp {
	parts := []string{}
	for _, line := range want {
		parts = append(parts, `(?m:^\s*`+strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(line)), "…", `.*`)+`\s*$)`)
	}
	return regexp.MustCompile(`(?s)` + strings.Join(parts, `.*?`))
}

// reader is a person who follows a document in a folder of their own.
type reader struct {
	t   *testing.T
	dir string
	env []string
}

// TestWritingAgents follows docs/writing-agents.md from the first line to the
// last: every file is written, every command run, and what it prints compared.
func TestWritingAgents(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/writing-agents.md")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := reader{t: t, dir: t.TempDir()}
	bin := filepath.Join(t.TempDir(), "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "pie")); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	r.env = []string{
		"PATH=" + bin + ":/usr/bin:/bin", "HOME=" + home, "PIE_HOME=" + home, "PIE_KEY_SOURCE=keyfile", "PIE_KEY_FILE=" + filepath.Join(home, "key"),
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/dev/null/none", "TZ=UTC",
	}
	count := 0
	for _, b := range blocksOf(string(text)) {
		if b.kind == "console" {
			commands, wants := b.commands()
			for i, command := range commands {
				r.run(b.line, command, wants[i])
				count++
			}
			continue
		}
		r.write(b)
	}
	if count < 15 {
		t.Errorf("only %d commands", count)
	}
}

// TestFourCommands: from nothing to a result of the practice service.
func TestFourCommands(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/writing-agents.md")
	if err != nil {
		t.Fatal(err)
	}
	commands, wants := blocksOf(string(text))[0].commands()
	if len(commands) > 4 || !strings.HasPrefix(commands[0], "pie agent new ") || !strings.HasPrefix(commands[len(commands)-1], "pie run ") || len(wants[len(commands)-1]) == 0 {
		t.Errorf("%q", commands)
	}
}

func (r reader) write(b block) {
	r.t.Helper()
	if b.file == "" {
		r.t.Errorf("line %d: a block of %q that no test can run", b.line, b.kind)
		return
	}
	name := filepath.Join(r.dir, filepath.FromSlash(b.file))
	err := os.MkdirAll(filepath.Dir(name), 0o700)
	if err == nil {
		err = os.WriteFile(name, []byte(b.text), 0o600)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// output collects what a command prints and tells when that fits.
type output struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}

var authorizeURL = regexp.MustCompile(`http://127\.0\.0\.1:\d+/authorize\?\S+`)

// run runs one command as a person would: an open page is answered, and what
// watches is ended when it has shown what it should.
func (r reader) run(line int, command string, want []string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 2*patience.Limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", "exec "+command)
	if strings.ContainsAny(command, "|&;<>") {
		cmd.Args[2] = command
	}
	cmd.Dir, cmd.Env = r.dir, r.env
	out := &output{}
	cmd.Stdout, cmd.Stderr = out, out
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	switch {
	case strings.HasPrefix(command, "pie connect "):
		r.allow(out, in)
	case strings.HasPrefix(command, "pie agent dev ") && !strings.Contains(command, "--once"):
		r.printed(out, fitting(want))
		_ = cmd.Process.Signal(os.Interrupt)
	}
	err = <-ended
	if !fitting(want).MatchString(out.String()) || ctx.Err() != nil {
		r.t.Fatalf("line %d: %s printed (%v)\n%s\nwanted\n%s", line, command, err, out, strings.Join(want, "\n"))
	}
	if err != nil {
		r.t.Fatalf("line %d: %s: %v\n%s", line, command, err, out)
	}
}

// allow agrees on the page of the practice service and pastes where it led to.
func (r reader) allow(out *output, in io.WriteCloser) {
	r.t.Helper()
	link, err := practice.Consent(r.t.Context(), &http.Client{}, r.printed(out, authorizeURL), nil, true)
	if err == nil {
		_, err = io.WriteString(in, link+"\n")
	}
	if err != nil {
		r.t.Fatalf("%v\n%s", err, out)
	}
}

// printed waits for a process to print what fits, and returns that.
func (r reader) printed(out *output, form *regexp.Regexp) string {
	r.t.Helper()
	patience.Until(r.t, "a process prints "+form.String(), func() bool { return form.MatchString(out.String()) })
	return form.FindString(out.String())
}
