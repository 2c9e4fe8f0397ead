package outbox_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"pie/backend/fault"
	"pie/backend/outbox"
	"pie/backend/store"
	"pie/backend/vault"
)

// sealer is the vault's part for the outbox, as package backend cuts it.
type sealer struct{ v *vault.Vault }

func slot(agent, field string) vault.Slot {
	return vault.Slot{Bucket: "outbox", Plugin: agent, Connection: "outbox", Field: field}
}

func (s sealer) Seal(ctx context.Context, agent, field string, plain []byte) ([]byte, error) {
	return s.v.Seal(ctx, slot(agent, field), plain)
}

func (s sealer) Open(ctx context.Context, agent, field string, sealed []byte) ([]byte, error) {
	return s.v.Open(ctx, slot(agent, field), sealed)
}

func open(t *testing.T) (*outbox.Outbox, *store.Store, string) {
	t.Helper()
	dir := t.TempDir()
	st, err := store.Open(filepath.Join(dir, "pie.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	v := vault.New(st, vault.Options{Source: vault.SourceKeyFile, Dir: dir, KeyFile: filepath.Join(dir, "key")})
	return outbox.New(st, sealer{v}, nil), st, dir
}

func item(id string) outbox.Item {
	return outbox.Item{ID: id, Agent: "mail", Run: "r1", Method: "POST", URL: "https://api.example/x", Reason: outbox.DryRun}
}

func request() outbox.Request {
	return outbox.Request{URL: "https://api.example/x?q=canary-query", Headers: map[string]string{"X-A": "canary-header"}, Body: []byte("canary-body")}
}

func keep(t *testing.T, o *outbox.Outbox, id string) {
	t.Helper()
	if err := o.Keep(context.Background(), item(id), request()); err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Fatalf("want %q, got %v", code, err)
	}
}

func TestKeptWholeAndSealed(t *testing.T) {
	t.Parallel()
	o, st, dir := open(t)
	keep(t, o, "w1")
	got, r, err := o.Get(context.Background(), "w1")
	if err != nil || got.State != outbox.Waiting || got.Bytes != 11 || r.URL != request().URL || string(r.Body) != "canary-body" || r.Headers["X-A"] != "canary-header" {
		t.Errorf("got %+v, %+v, %v", got, r, err)
	}
	if list, err := o.List("other", ""); err != nil || len(list) != 0 {
		t.Errorf("another agent's: %v, %v", list, err)
	}
	if list, err := o.List("mail", "r1"); err != nil || len(list) != 1 {
		t.Errorf("got %v, %v", list, err)
	}
	_ = st.Close()
	raw, err := os.ReadFile(filepath.Join(dir, "pie.db"))
	if err != nil || bytes.Contains(raw, []byte("canary")) {
		t.Errorf("a write lies open in the file: %v", err)
	}
}

// TestEndings: what a sending may come to, and what may then go out once more.
func TestEndings(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		ending outbox.Ending
		state  string // "" means that it is gone
		again  bool   // must be said to send it once more
	}{
		"taken":              {outbox.Ending{Left: true, Status: 201}, "", false},
		"redirected":         {outbox.Ending{Left: true, Status: 303}, "", false},
		"refused":            {outbox.Ending{Left: true, Status: 403}, outbox.Waiting, false},
		"never left":         {outbox.Ending{}, outbox.Waiting, false},
		"no answer":          {outbox.Ending{Left: true}, outbox.Unsure, true},
		"trouble over there": {outbox.Ending{Left: true, Status: 502}, outbox.Unsure, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, _, _ := open(t)
			keep(t, o, "w1")
			if _, err := o.Begin("w1", false, time.Now()); err != nil {
				t.Fatal(err)
			}
			_, err := o.Begin("w1", true, time.Now())
			wantCode(t, err, fault.Conflict) // never twice at a time
			_, err = o.Drop("w1")
			wantCode(t, err, fault.Conflict)
			if _, err := o.Settle("w1", c.ending); err != nil {
				t.Fatal(err)
			}
			list, err := o.List("", "")
			if c.state == "" {
				if err != nil || len(list) != 0 {
					t.Errorf("still there: %v, %v", list, err)
				}
				return
			}
			if err != nil || len(list) != 1 || list[0].State != c.state || list[0].Status != c.ending.Status || (list[0].SentAt != nil) != c.ending.Left {
				t.Fatalf("got %+v, %v", list, err)
			}
			_, err = o.Begin("w1", false, time.Now())
			if c.again {
				wantCode(t, err, fault.Conflict)
				_, err = o.Begin("w1", true, time.Now())
			}
			wantCode(t, err, "")
		})
	}
}

// TestCrash: a write on its way when the process died is never sent by itself.
func TestCrash(t *testing.T) {
	t.Parallel()
	o, st, _ := open(t)
	keep(t, o, "w1")
	keep(t, o, "w2")
	if _, err := o.Begin("w1", false, time.Now()); err != nil {
		t.Fatal(err)
	}
	after := outbox.New(st, nil, nil) // a new process, still locked
	if err := after.Recover(); err != nil {
		t.Fatal(err)
	}
	_, err := after.Begin("w1", false, time.Now())
	wantCode(t, err, fault.Conflict)
	_, err = after.Begin("w2", false, time.Now())
	wantCode(t, err, "")
}

// TestAsk: what the run is told, and what is left in the outbox.
func TestAsk(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		answer  func(o *outbox.Outbox) error
		verdict outbox.Verdict
		left    int
		state   string
	}{
		"yes":  {func(o *outbox.Outbox) error { _, err := o.Answer("w1", true, time.Now()); return err }, outbox.Send, 1, outbox.Sending},
		"no":   {func(o *outbox.Outbox) error { _, err := o.Answer("w1", false, time.Now()); return err }, outbox.No, 0, ""},
		"drop": {func(o *outbox.Outbox) error { _, err := o.Drop("w1"); return err }, outbox.No, 0, ""},
		"none": {func(*outbox.Outbox) error { return nil }, outbox.Later, 1, outbox.Waiting},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o, _, _ := open(t)
				got := make(chan outbox.Verdict, 1)
				go func() {
					v, err := o.Ask(context.Background(), item("w1"), request(), time.Minute)
					if err != nil {
						t.Error(err)
					}
					got <- v
				}()
				time.Sleep(time.Second) // of the bubble
				synctest.Wait()
				_, err := o.Begin("w1", false, time.Now())
				wantCode(t, err, fault.Conflict) // only the run that asks may send it
				if err := c.answer(o); err != nil {
					t.Fatal(err)
				}
				if v := <-got; v != c.verdict {
					t.Errorf("got %d", v)
				}
				list, err := o.List("", "")
				if err != nil || len(list) != c.left || c.left == 1 && list[0].State != c.state {
					t.Errorf("got %+v, %v", list, err)
				}
				_, err = o.Answer("w1", true, time.Now())
				if err == nil {
					t.Error("answered twice")
				}
			})
		})
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	o, _, _ := open(t)
	big := request()
	big.Body = make([]byte, 9<<20)
	var err error
	n := 0
	for ; err == nil && n < 20; n++ {
		err = o.Keep(context.Background(), item(string(rune('a'+n))), big)
	}
	wantCode(t, err, fault.Limited)
	if n != 8 {
		t.Errorf("kept %d of 9 MB each", n-1)
	}
	if err := o.DropAgent("mail"); err != nil {
		t.Fatal(err)
	}
	if list, err := o.List("", ""); err != nil || len(list) != 0 {
		t.Errorf("left %v, %v", list, err)
	}
}
