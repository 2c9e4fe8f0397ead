package connection_test

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
)

// A run that goes on and on never works with what it has read before: a lock, a
// changed access, a renewal and the end of its connection count at once.
func TestLongSessionHeedsChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	session := w.session()
	ask := func(method string) error {
		a, err := session.OAuthFetch(context.Background(), "default", connection.Call{Method: method, URL: w.url("/api/items")})
		if err == nil && !a.OK {
			t.Errorf("answered %d", a.Status)
		}
		return err
	}
	last := func() string {
		return with(w.service, func() string { return w.service.seen[len(w.service.seen)-1].Header.Get("Authorization") })
	}
	wantCode(t, ask("POST"), "")
	first := last()

	w.sealer.locked.Store(true)
	wantCode(t, ask("GET"), fault.Locked)
	w.sealer.locked.Store(false)
	wantCode(t, ask("GET"), "")

	if _, err := w.m.SetAccess("mail", "", "", connection.AccessRead); err != nil {
		t.Fatal(err)
	}
	wantCode(t, ask("POST"), fault.Denied)

	w.clock.advance(2 * time.Hour)
	w.get() // by another run
	wantCode(t, ask("GET"), "")
	second := last()
	if second == first || len(w.sent()) != 1 {
		t.Errorf("asked with %q after %q, %d renewals", second, first, len(w.sent()))
	}

	before := with(w.service, func() int { return len(w.service.seen) })
	if _, err := w.m.Disconnect(context.Background(), "mail", "", "", true); err != nil {
		t.Fatal(err)
	}
	wantCode(t, ask("GET"), fault.Reconnect)
	if n := with(w.service, func() int { return len(w.service.seen) }); n != before {
		t.Errorf("%d requests went out after the end", n-before)
	}
	w.connect(connection.Request{})
	if wantCode(t, ask("GET"), ""); last() == second {
		t.Error("asked with the token of the connection that ended")
	}
}

// Answers of every size come whole, and none holds a byte of another.
func TestAnswersOfEverySize(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(connection.Request{})
	w.service.set(func() {
		w.service.api = func(rw http.ResponseWriter, r *http.Request) {
			size, _ := strconv.Atoi(r.URL.Query().Get("size"))
			body := bytes.Repeat([]byte{r.URL.Query().Get("of")[0]}, size)
			if r.URL.Query().Has("told") {
				rw.Header().Set("Content-Length", strconv.Itoa(size))
			}
			_, _ = rw.Write(body[:size/2])
			rw.(http.Flusher).Flush() //nolint:forcetypeassert // the server's own
			_, _ = rw.Write(body[size/2:])
		}
	})
	session := w.session()
	var all sync.WaitGroup
	for i, size := range []int{0, 1, 511, 32<<10 - 1, 32 << 10, 32<<10 + 1, 64 << 10, 100_000, 1 << 20} {
		for _, told := range []string{"", "&told"} {
			for n := range 3 {
				of := string(rune('a' + 3*(i%8) + n))
				all.Go(func() {
					address := w.url("/api/items?size=" + strconv.Itoa(size) + "&of=" + of + told)
					a, err := session.OAuthFetch(context.Background(), "default", connection.Call{URL: address})
					if err != nil || len(a.Body) != size || strings.Trim(string(a.Body), of) != "" {
						t.Errorf("%d%s: got %d bytes, %v", size, told, len(a.Body), err)
					}
				})
			}
		}
	}
	all.Wait()
}
