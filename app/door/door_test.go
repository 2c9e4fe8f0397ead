package door_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pie/app"
	"pie/app/door"
	"pie/backend/fault"
	"pie/backend/paths"
	"pie/backend/patience"
)

func TestCanceledCallIsCanceledAtTheOwner(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	enter(t, home)
	guest := enter(t, home)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- guest.Call(ctx, "Wait.Do", nil, nil) }()
	patience.Until(t, "the call is begun", exists(home, "waiting"))
	if err := guest.Call(t.Context(), "Echo.Get", nil, nil); err != nil {
		t.Errorf("a second call meanwhile: %v", err)
	}
	cancel()
	if err := <-done; !fault.Is(err, fault.Canceled) {
		t.Errorf("got %v", err)
	}
	patience.Until(t, "the owner hears of it", exists(home, "canceled"))
}

func TestFaultsCross(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	for name, d := range map[string]*door.Door{"owner": enter(t, home), "guest": enter(t, home)} {
		err := d.Call(t.Context(), "Fail.Do", nil, nil)
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Code != fault.Reconnect || f.Message != "The grant is dead." || f.Hint != "Connect again." {
			t.Errorf("%s: %v", name, err)
		}
		err = d.Call(t.Context(), "Break.Do", nil, nil)
		f, ok = errors.AsType[*fault.Error](err)
		if !ok || f.Code != fault.Internal || strings.Contains(f.Message, "secret") {
			t.Errorf("%s: %v", name, err)
		}
		var out map[string]string
		if err := d.Call(t.Context(), "Echo.Get", map[string]string{"a": "b"}, &out); err != nil || out["a"] != "b" {
			t.Errorf("%s: %v, %v", name, out, err)
		}
		if err := d.Call(t.Context(), "Echo.Get", func() {}, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSizesAreBounded(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	enter(t, home)
	guest := enter(t, home)
	long := strings.Repeat("x", door.MaxLine)
	if err := guest.Call(t.Context(), "Echo.Get", long, nil); !fault.Is(err, fault.Limited) {
		t.Errorf("a long question: %v", err)
	}
	if err := guest.Call(t.Context(), "Big.Get", nil, nil); !fault.Is(err, fault.Limited) {
		t.Errorf("a long answer: %v", err)
	}
	var out string
	if err := guest.Call(t.Context(), "Echo.Get", long[:door.MaxLine/2], &out); err != nil || len(out) != door.MaxLine/2 {
		t.Errorf("half of it: %d, %v", len(out), err)
	}
}

func TestStrangeBytes(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	owner := enter(t, home)
	for name, text := range map[string]string{
		"garbage":         "GET / HTTP/1.1\r\n",
		"no method":       `{"id":1}` + "\n",
		"no id":           `{"method":"Echo.Get"}` + "\n",
		"an endless line": strings.Repeat("x", door.MaxLine+64<<10),
		"wrong kinds":     `{"id":"one","method":3}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, home)
			go func() { _, _ = conn.Write([]byte(text)) }()
			lines := bufio.NewScanner(conn)
			var got []string
			for lines.Scan() {
				got = append(got, lines.Text())
			}
			if len(got) != 2 || !strings.Contains(got[1], `"error"`) {
				t.Errorf("got %q", got)
			}
		})
	}
	t.Run("unknown things are survived", func(t *testing.T) {
		t.Parallel()
		conn := dial(t, home)
		if _, err := fmt.Fprint(conn, `{"cancel":99,"more":{}}`+"\n"+`{"id":5,"method":"Nothing"}`+"\n"); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(conn)
		hello := lines.Scan()
		if !hello || !lines.Scan() || !strings.Contains(lines.Text(), `"id":5,"error":{"code":"not_found"`) {
			t.Errorf("got %s", lines.Text())
		}
	})
	t.Cleanup(func() {
		if err := owner.Call(context.Background(), "Echo.Get", nil, nil); err != nil {
			t.Errorf("the owner was hurt: %v", err)
		}
	})
}

func dial(t *testing.T, home string) net.Conn {
	t.Helper()
	conn, err := net.Dial("unix", paths.In(home).Socket())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestSocketIsPrivate(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	enter(t, home)
	for name, mode := range map[string]os.FileMode{"run": 0o700, "run/door.sock": 0o600, "data/door.lock": 0o600} {
		info, err := os.Stat(filepath.Join(home, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestAnotherServerOnTheSocket(t *testing.T) {
	t.Parallel()
	for name, hello := range map[string]string{"another version": `{"hello":"0.0.1"}`, "no server of ours": "220 ftp ready"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			owner := enter(t, home)
			p := paths.In(home)
			if err := os.Remove(p.Socket()); err != nil {
				t.Fatal(err)
			}
			listener, err := net.Listen("unix", p.Socket())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = listener.Close() })
			go func() {
				for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
					_, _ = fmt.Fprintln(conn, hello)
				}
			}()
			if _, err := door.EnterWith(t.Context(), p, openFake(p)); !fault.Is(err, fault.InUse) {
				t.Errorf("got %v", err)
			}
			_ = owner
		})
	}
}

func TestActivate(t *testing.T) {
	t.Parallel()
	for name, window := range map[string]func(owner, guest *door.Door) *door.Door{
		"at the owner": func(owner, _ *door.Door) *door.Door { return owner },
		"at a guest":   func(_, guest *door.Door) *door.Door { return guest },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			owner, guest, second := enter(t, home), enter(t, home), enter(t, home)
			link := map[string]string{"link": "app.pie.desktop:open/agents"}
			if err := second.Call(t.Context(), door.Activate, link, nil); !fault.Is(err, fault.NotFound) {
				t.Errorf("without a window: %v", err)
			}
			links := window(owner, guest).Activated()
			patience.Until(t, "the window is known", func() bool { return second.Call(t.Context(), door.Activate, link, nil) == nil })
			if got := <-links; got != link["link"] {
				t.Errorf("got %q", got)
			}
			if err := owner.Call(t.Context(), door.Activate, link, nil); err != nil {
				t.Error(err)
			}
			if got := <-links; got != link["link"] {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestEventsReachGuests(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	for name, d := range map[string]*door.Door{"owner": enter(t, home), "guest": enter(t, home)} {
		ctx, cancel := context.WithCancel(t.Context())
		events, err := d.Events(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Call(t.Context(), "Tell.Do", nil, nil); err != nil {
			t.Fatal(err)
		}
		if got := <-events; got != (app.Event{Kind: "run", ID: "r1"}) {
			t.Errorf("%s: got %+v", name, got)
		}
		cancel()
		for range events {
		}
	}
}
