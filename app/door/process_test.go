package door_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pie/app"
	"pie/app/door"
	"pie/backend/fault"
	"pie/backend/paths"
)

const roleVariable = "PIE_DOOR_TEST_HOME"

// TestMain lets the test binary be the other processes: it then reads methods
// from standard input, one a line, and answers each in one line.
func TestMain(m *testing.M) {
	if home, other := os.LookupEnv(roleVariable); other {
		os.Exit(process(paths.In(home)))
	}
	os.Exit(m.Run())
}

func process(p paths.Paths) int {
	ctx := context.Background()
	d, err := door.EnterWith(ctx, p, openFake(p))
	if err != nil {
		report("error", fault.CodeOf(err), err)
		return 1
	}
	report("in", d.Owner())
	var calls sync.WaitGroup
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		method := lines.Text()
		calls.Go(func() {
			var out any
			err := d.Call(ctx, method, map[string]string{"from": "process"}, &out)
			report(method, out, fault.CodeOf(err))
		})
	}
	calls.Wait()
	report("leaving", d.Owner())
	if err := d.Close(); err != nil {
		report("error", err)
	}
	report("left")
	return 0
}

func report(words ...any) { _, _ = fmt.Fprintln(os.Stdout, words...) }

// fake is the application of these tests. Its folder "owned" is there exactly
// while it is open, so a second owner cannot stay unseen.
type fake struct {
	owned  string
	mu     sync.Mutex
	events []chan app.Event
}

func openFake(p paths.Paths) func(context.Context) (door.Service, error) {
	return func(context.Context) (door.Service, error) {
		owned := filepath.Join(p.Home, "owned")
		if err := os.Mkdir(owned, 0o700); err != nil {
			return nil, fault.Wrap(err, fault.Conflict, "Two processes own one home.", "")
		}
		return &fake{owned: owned}, nil
	}
}

func (f *fake) Call(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error) {
	switch method {
	case "Echo.Get":
		return params, nil
	case "Pid.Get":
		return json.Marshal(os.Getpid())
	case "Big.Get":
		return json.Marshal(strings.Repeat("x", door.MaxLine))
	case "Fail.Do":
		return nil, fault.New(fault.Reconnect, "The grant is dead.", "Connect again.")
	case "Break.Do":
		return nil, errors.New("a go error with a secret")
	case "Tell.Do":
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, c := range f.events {
			c <- app.Event{Kind: "run", ID: "r1"}
		}
		return nil, nil
	case "Wait.Do", "Wait.Get":
		_ = os.WriteFile(filepath.Join(filepath.Dir(f.owned), "waiting"), nil, 0o600)
		return f.wait(ctx)
	}
	return nil, fault.New(fault.NotFound, "No such method.", "")
}

// wait lasts until the file "go" is there or ctx ends, which it notes.
func (f *fake) wait(ctx context.Context) (json.RawMessage, error) {
	home := filepath.Dir(f.owned)
	for {
		if _, err := os.Stat(filepath.Join(home, "go")); err == nil {
			return json.RawMessage(`"done"`), nil
		}
		select {
		case <-ctx.Done():
			_ = os.WriteFile(filepath.Join(home, "canceled"), nil, 0o600)
			return nil, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (f *fake) Subscribe() (events <-chan app.Event, stop func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := make(chan app.Event, 16)
	f.events = append(f.events, c)
	return c, func() {}
}

func (f *fake) Close() error { return os.Remove(f.owned) }

// other is another process at the same home.
type other struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
}

func start(t *testing.T, home string) *other {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), roleVariable+"="+home)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return &other{t: t, cmd: cmd, in: in, lines: bufio.NewScanner(out)}
}

func (o *other) say(method string) {
	o.t.Helper()
	if _, err := fmt.Fprintln(o.in, method); err != nil {
		o.t.Error(err)
	}
}

func (o *other) line() string {
	if !o.lines.Scan() {
		return "ended"
	}
	return o.lines.Text()
}

func (o *other) expect(want string) {
	o.t.Helper()
	if got := o.line(); got != want {
		o.t.Fatalf("process said %q, want %q", got, want)
	}
}

// leave ends the process's input, so that it leaves when its calls are done.
func (o *other) leave() { _ = o.in.Close() }

func exists(home, name string) func() bool {
	return func() bool {
		_, err := os.Stat(filepath.Join(home, name))
		return err == nil
	}
}

func enter(t *testing.T, home string) *door.Door {
	t.Helper()
	p := paths.In(home)
	d, err := door.EnterWith(t.Context(), p, openFake(p))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = d.Leave(ctx)
	})
	return d
}
