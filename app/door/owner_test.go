package door_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pie/app"
	"pie/app/door"
	"pie/backend/fault"
	"pie/backend/paths"
	"pie/backend/patience"
)

func TestThirtyAtOnceHaveOneOwnerAtATime(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			o := start(t, home)
			for range 3 {
				o.say("Echo.Get")
			}
			o.leave()
			var got []string
			for line := o.line(); line != "ended"; line = o.line() {
				got = append(got, line)
			}
			text := strings.Join(got, "\n")
			if strings.Count(text, "Echo.Get map[from:process] ") != 3 || !strings.HasSuffix(text, "left") {
				t.Errorf("a process said:\n%s", text)
			}
		})
	}
	all.Wait()
	if exists(home, "owned")() || exists(home, "run/door.sock")() {
		t.Error("something is left behind")
	}
}

func TestOwnerWaitsForGuests(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	first := start(t, home)
	first.expect("in true")
	second := start(t, home)
	second.expect("in false")
	second.say("Wait.Do")
	patience.Until(t, "the call is begun", exists(home, "waiting"))
	first.leave()
	first.expect("leaving true")

	// The owner is kept here by the second process, so a third is served too.
	third := start(t, home)
	third.expect("in false")
	third.say("Echo.Get")
	third.expect("Echo.Get map[from:process] ")

	if err := os.WriteFile(filepath.Join(home, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	second.expect("Wait.Do done ")
	first.expect("left")

	// The guests that are left enter again, and one of them owns.
	third.say("Echo.Get")
	third.expect("Echo.Get map[from:process] ")
	second.say("Echo.Get")
	second.expect("Echo.Get map[from:process] ")
	second.leave()
	third.leave()
	owners := second.line() + third.line()
	if owners != "leaving falseleaving true" {
		t.Errorf("got %q", owners)
	}
	second.expect("left")
	third.expect("left")
}

func TestIdleGuestDoesNotHoldTheOwner(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	owner := start(t, home)
	owner.expect("in true")
	d := enter(t, home)
	if d.Owner() || d.App() != nil {
		t.Fatal("a guest owns")
	}
	events, err := d.Events(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	owner.leave()
	owner.expect("leaving true")
	owner.expect("left")
	for event := range events { // anything may have changed
		if event == (app.Event{Kind: "settings"}) {
			break
		}
	}
	if err := d.Call(t.Context(), "Echo.Get", nil, nil); err != nil || !d.Owner() {
		t.Errorf("owner %v, %v", d.Owner(), err)
	}
	if err := d.Call(t.Context(), "Tell.Do", nil, nil); err != nil {
		t.Fatal(err)
	}
	for event := range events {
		if event == (app.Event{Kind: "run", ID: "r1"}) {
			return
		}
	}
	t.Error("the event of the new owner does not come")
}

func TestKilledOwner(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method string
		code   fault.Code
	}{
		"a changing call fails":     {"Wait.Do", fault.InUse},
		"a reading call goes again": {"Wait.Get", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			owner := start(t, home)
			owner.expect("in true")
			d := enter(t, home)
			done := make(chan error, 1)
			go func() { done <- d.Call(t.Context(), c.method, nil, nil) }()
			patience.Until(t, "the call is begun", exists(home, "waiting"))
			if err := os.Remove(filepath.Join(home, "owned")); err != nil { // a killed owner cannot
				t.Fatal(err)
			}
			if err := owner.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(home, "go"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			err := <-done
			if fault.CodeOf(err) != c.code {
				t.Errorf("got %v", err)
			}
			if err := d.Call(t.Context(), "Echo.Get", nil, nil); err != nil || !d.Owner() {
				t.Errorf("the next call: owner %v, %v", d.Owner(), err)
			}
		})
	}
}

func TestLeavingGuestCancelsItsCalls(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	owner := enter(t, home)
	guest := start(t, home)
	guest.expect("in false")
	guest.say("Wait.Do")
	patience.Until(t, "the call is begun", exists(home, "waiting"))
	if err := guest.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	patience.Until(t, "the call is canceled", exists(home, "canceled"))
	if err := owner.Close(); err != nil {
		t.Error(err)
	}
}

func TestLeaveDoesNotOutlastItsContext(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	owner, guest := enter(t, home), enter(t, home)
	done := make(chan error, 1)
	go func() { done <- guest.Call(t.Context(), "Wait.Do", nil, nil) }()
	patience.Until(t, "the call is begun", exists(home, "waiting"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := owner.Leave(ctx); err != nil {
		t.Error(err)
	}
	if err := guest.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err == nil {
		t.Error("the call went well")
	}
	if err := guest.Call(t.Context(), "Echo.Get", nil, nil); !fault.Is(err, fault.Canceled) {
		t.Errorf("a call after Close: %v", err)
	}
}

func TestStaleSocket(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	p := paths.In(home)
	if err := p.Ensure(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.Socket(), []byte("left by a crash"), 0o600); err != nil {
		t.Fatal(err)
	}
	if d := enter(t, home); !d.Owner() {
		t.Error("a stale socket keeps the owner out")
	}
	if d := enter(t, home); d.Owner() {
		t.Error("two owners")
	}
}

func TestFailedOpenLetsGo(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	p := paths.In(home)
	broken := fault.New(fault.Locked, "The file is broken.", "")
	_, err := door.EnterWith(t.Context(), p, func(context.Context) (door.Service, error) { return nil, broken })
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if d := enter(t, home); !d.Owner() {
		t.Error("the lock is still held")
	}
}
