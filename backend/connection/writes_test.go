package connection_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/outbox"
)

// arrived counts the POSTs that reached the API.
func (w *world) arrived() int {
	return with(w.service, func() int {
		n := 0
		for _, r := range w.service.seen {
			if r.Method == http.MethodPost {
				n++
			}
		}
		return n
	})
}

func (w *world) waiting() []outbox.Item {
	w.t.Helper()
	list, err := w.outbox.List("", "")
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// hold makes one write wait.
func (w *world) hold() outbox.Item {
	w.t.Helper()
	a, err := w.m.Session(connection.RunRef{Agent: "mail", RunID: "dry", DryRun: true}).OAuthFetch(context.Background(), "default", connection.Call{
		Method: "POST", URL: w.url("/api/items") + "?q=1", Headers: map[string]string{"x-a": "a", "Authorization": "Bearer mine"}, Body: []byte("the body"),
	})
	if err != nil || a.Status != http.StatusAccepted {
		w.t.Fatalf("got %+v, %v", a, err)
	}
	return w.waiting()[0]
}

func TestSendFromTheOutbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	held := w.hold()
	_, request, err := w.outbox.Get(context.Background(), held.ID)
	if err != nil || len(request.Headers) != 1 {
		t.Errorf("kept %v, %v", request.Headers, err)
	}
	var body, query, header string
	w.service.set(func() {
		w.service.api = func(rw http.ResponseWriter, r *http.Request) {
			raw, _ := io.ReadAll(r.Body)
			body, query, header = string(raw), r.URL.RawQuery, r.Header.Get("X-A")
			_, _ = io.WriteString(rw, r.Header.Get("Authorization"))
		}
	})
	got, err := w.m.Send(context.Background(), held.ID, false)
	if err != nil || !got.OK || got.Status != 200 || body != "the body" || query != "q=1" || header != "a" {
		t.Errorf("got %+v, %v; arrived %q %q %q", got, err, body, query, header)
	}
	for _, token := range w.service.issued {
		if got.Body == "Bearer "+token {
			t.Error("the answer holds the token")
		}
	}
	if row := w.audit()[0]; row.Decision != "sent" || row.Method != http.MethodPost || row.Run != "dry" || row.Agent != "mail" {
		t.Errorf("audit %+v", row)
	}
	_, err = w.m.Send(context.Background(), held.ID, true)
	wantCode(t, err, fault.NotFound)
	if n := w.arrived(); n != 1 {
		t.Errorf("%d arrived", n)
	}
}

// TestSendChecksAgain: what was right when the write was kept may not be now.
func TestSendChecksAgain(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(w *world)
		code   fault.Code
	}{
		"read only now": {func(w *world) { _, _ = w.m.SetAccess("mail", "", "", connection.AccessRead) }, fault.Denied},
		"asks now":      {func(w *world) { _, _ = w.m.SetAccess("mail", "", "", connection.AccessAsk) }, ""},
		"host gone": {func(w *world) {
			w.agents.change("mail", "default", func(s *connection.Service) { s.Hosts = nil })
		}, fault.Denied},
		"disconnected": {func(w *world) { _, _ = w.m.Disconnect(context.Background(), "mail", "", "", true) }, fault.Reconnect},
		"connected anew": {func(w *world) {
			_, _ = w.m.Disconnect(context.Background(), "mail", "", "", true)
			w.connect(connection.Request{})
		}, fault.Conflict},
		"another account": {func(w *world) {
			w.service.set(func() { w.service.account = "bob" })
			w.connect(connection.Request{})
		}, fault.Conflict},
		"the same account again": {func(w *world) { w.connect(connection.Request{}) }, ""},
		"locked":                 {func(w *world) { w.sealer.locked.Store(true) }, fault.Locked},
		"token over":             {func(w *world) { w.clock.advance(2 * time.Hour) }, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			held := w.hold()
			c.change(w)
			_, err := w.m.Send(context.Background(), held.ID, false)
			wantCode(t, err, c.code)
			left := 0
			if c.code != "" {
				left = 1
			}
			list := w.waiting()
			if len(list) != left || left == 1 && list[0].State != outbox.Waiting || w.arrived() != 1-left {
				t.Errorf("left %+v, %d arrived", list, w.arrived())
			}
		})
	}
}

// TestSentAtMostOnce: what the service makes of it, and what may follow.
func TestSentAtMostOnce(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		api    http.HandlerFunc
		fault  fault.Code
		status int
		state  string
		again  fault.Code // of sending it again without saying so
	}{
		"refused":    {func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusUnprocessableEntity) }, "", 422, outbox.Waiting, ""},
		"in trouble": {func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusServiceUnavailable) }, "", 503, outbox.Unsure, fault.Conflict},
		"cut off":    {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, fault.Offline, 0, outbox.Unsure, fault.Conflict},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(connection.Request{})
			held := w.hold()
			w.service.set(func() { w.service.api = c.api })
			got, err := w.m.Send(context.Background(), held.ID, false)
			wantCode(t, err, c.fault)
			if list := w.waiting(); len(list) != 1 || list[0].State != c.state || got.Status != c.status || got.OK {
				t.Errorf("got %+v, left %+v", got, list)
			}
			w.service.set(func() { w.service.api = nil })
			_, err = w.m.Send(context.Background(), held.ID, false)
			wantCode(t, err, c.again)
			if c.again != "" {
				_, err = w.m.Send(context.Background(), held.ID, true)
				wantCode(t, err, "")
			}
			if n := w.arrived(); n != 2 || len(w.waiting()) != 0 {
				t.Errorf("%d arrived, %d left", n, len(w.waiting()))
			}
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		// A connection kept open might take the write before it notices that the
		// service is gone, and then nobody could know.
		w.service.Config.SetKeepAlivesEnabled(false)
		w.connect(connection.Request{})
		held := w.hold()
		w.service.Close()
		_, err := w.m.Send(context.Background(), held.ID, false)
		wantCode(t, err, fault.Offline)
		if list := w.waiting(); len(list) != 1 || list[0].State != outbox.Waiting {
			t.Errorf("left %+v", list)
		}
	})
}

// TestCrashWhileSending takes the home as it is while the write is under way.
func TestCrashWhileSending(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	held := w.hold()
	var crashed *world
	w.service.set(func() { w.service.api = func(http.ResponseWriter, *http.Request) { crashed = w.copied() } })
	if _, err := w.m.Send(context.Background(), held.ID, false); err != nil {
		t.Fatal(err)
	}
	if err := crashed.outbox.Recover(); err != nil {
		t.Fatal(err)
	}
	_, err := crashed.m.Send(context.Background(), held.ID, false)
	wantCode(t, err, fault.Conflict)
	if n := w.arrived(); n != 1 {
		t.Errorf("%d arrived", n)
	}
}

// TestAsked: an attended run waits for the person's word and goes on with it.
func TestAsked(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		send   bool
		code   fault.Code
		status int
	}{
		"yes": {true, "", 200},
		"no":  {false, fault.Denied, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan string, 1)
			w := newWorld(t, func(d *connection.Deps) {
				d.Outbox = outbox.New(d.Store, outboxSealer{d.Vault.(*sealer).v}, func(id string) {
					select {
					case asked <- id:
					default:
					}
				})
			})
			w.outbox = w.deps.Outbox
			w.connect(connection.Request{})
			if _, err := w.m.SetAccess("mail", "", "", connection.AccessAsk); err != nil {
				t.Fatal(err)
			}
			go func() {
				if _, err := w.outbox.Answer(<-asked, c.send, time.Now()); err != nil {
					t.Error(err)
				}
			}()
			session := w.m.Session(connection.RunRef{Agent: "mail", RunID: "r", Attended: true})
			a, err := session.OAuthFetch(context.Background(), "", connection.Call{Method: "POST", URL: w.url("/api/items")})
			wantCode(t, err, c.code)
			if a.Status != c.status || len(w.waiting()) != 0 || (w.arrived() == 1) != c.send || len(session.Requests()) != 1 {
				t.Errorf("got %+v, left %v, %d arrived, %v", a, w.waiting(), w.arrived(), session.Requests())
			}
		})
	}
	t.Run("the run ends first", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.connect(connection.Request{})
		if _, err := w.m.SetAccess("mail", "", "", connection.AccessAsk); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		a, err := w.m.Session(connection.RunRef{Agent: "mail", Attended: true}).OAuthFetch(ctx, "", connection.Call{Method: "POST", URL: w.url("/api/items")})
		if list := w.waiting(); err != nil || a.Status != http.StatusAccepted || len(list) != 1 || list[0].State != outbox.Waiting || w.arrived() != 0 {
			t.Errorf("got %+v, %v, left %+v", a, err, list)
		}
	})
}
