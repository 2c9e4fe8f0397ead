package agent

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"pie/backend/agent/wire"
)

// process is one worker process. It runs one job at a time, all of one agent.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	frames chan wire.Frame // closed when the worker's output ends; room for Ready, so that the end of an idle one is seen
	stderr *tail
	exited chan struct{}

	sending sync.Mutex
	zone    string // IANA name, "" for UTC
	agent   string // the one it is bound to, "" for a spare
	runs    int
	code    string // hash of the code it holds
	retire  *time.Timer
}

// spawn starts a worker: the same program, its own group, no folder of the
// person's, and of the environment only the zone by which dates are read. It is
// there from the first moment, because the language looks it up once.
func spawn(executable string, args []string, zone string) (*process, error) {
	cmd := exec.Command(executable, args...)                             //nolint:gosec,noctx // the program itself; its life is the process's, not a call's
	cmd.Env, cmd.Dir = []string{"MALLOC_ARENA_MAX=1", "TZ=" + zone}, "/" // keeps the C library from reserving memory by the thread
	cmd.SysProcAttr = attributes()
	p := &process{cmd: cmd, zone: zone, frames: make(chan wire.Frame, 1), stderr: &tail{}, exited: make(chan struct{})}
	cmd.Stderr = p.stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("making worker's pipe: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("making worker's pipe: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting worker: %w", err)
	}
	widen(in)
	widen(out)
	p.in = in
	go p.read(out)
	return p, nil
}

// read passes frames on one by one: a worker that floods waits in its pipe.
func (p *process) read(out io.Reader) {
	buffered := bufio.NewReaderSize(out, 64<<10)
	for {
		frame, err := wire.Read(buffered)
		if err != nil {
			break
		}
		p.frames <- frame
	}
	close(p.frames)
	_, _ = io.Copy(io.Discard, out)
	_ = p.cmd.Wait()
	close(p.exited)
}

func (p *process) send(kind wire.Kind, id uint32, head any, body []byte) error {
	p.sending.Lock()
	defer p.sending.Unlock()
	return wire.Write(p.in, kind, id, head, body)
}

// kill ends the process and waits for it. Frames under way are thrown away.
func (p *process) kill() {
	if p.retire != nil {
		p.retire.Stop()
	}
	_ = p.cmd.Process.Kill()
	_ = p.in.Close()
	for range p.frames { // drains, so that the reader ends
	}
	<-p.exited
}

// dead tells whether a worker that waits for work has ended meanwhile, and lets
// go of it then.
func (p *process) dead() bool {
	select {
	case <-p.exited:
		p.kill()
		return true
	default:
		return false
	}
}

// death is why a worker ended by itself, "" when that cannot be told.
func (p *process) death() string {
	<-p.exited
	text := p.stderr.String()
	state := p.cmd.ProcessState
	switch {
	case state != nil && state.ExitCode() == exitMemory,
		strings.Contains(text, "out of memory"), strings.Contains(text, "cannot allocate memory"):
		return wire.EndMemory
	case strings.Contains(text, "SIGSYS"), state != nil && strings.Contains(state.String(), "bad system call"):
		return deathBreakout
	case strings.Contains(text, "stack exceeds"), strings.Contains(text, "stack overflow"):
		return deathStack
	}
	return ""
}

const exitMemory = 77

// Ways in which a worker dies beside passing its memory.
const (
	deathStack    = "stack"
	deathBreakout = "breakout" // asked the system for what only an escape would need
)

// tail keeps the first and the last of what a process wrote about its end.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailMost = 8 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if room := tailMost - len(t.text); room > 0 {
		t.text = append(t.text, b[:min(room, len(b))]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

// self is the running program.
func self() (string, error) {
	name, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding program: %w", err)
	}
	return name, nil
}
