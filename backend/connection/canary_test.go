package connection_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pie/backend/connection"
	"pie/backend/fault"
)

// TestCanary: after everything that a connection can go through, no token, code
// or secret is in any file, log, audit row, fault or list, in any encoding.
func TestCanary(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.service.set(func() {
		w.service.api = func(rw http.ResponseWriter, r *http.Request) {
			rw.WriteHeader(http.StatusForbidden)
			_, _ = rw.Write([]byte(r.Header.Get("Authorization") + r.URL.String()))
		}
	})
	var faults []string
	keep := func(err error) {
		if err != nil {
			faults = append(faults, err.Error(), fault.Public(err).Message, fault.Public(err).Hint)
		}
	}
	ctx := context.Background()
	for _, kind := range []string{"scheme", "loopback", "paste"} {
		w.connect(connection.Request{Redirect: kind, Account: kind})
	}
	session := w.m.Session(connection.RunRef{Agent: "mail", Account: "paste"})
	for range 3 {
		_, err := session.OAuthFetch(ctx, "default", connection.Call{URL: w.url("/api/items")})
		keep(err)
		w.clock.advance(2 * time.Hour)
	}
	w.service.set(func() {
		w.service.atToken = func(rw http.ResponseWriter, r *http.Request) bool {
			http.Error(rw, r.PostForm.Encode(), http.StatusBadRequest)
			return true
		}
	})
	_, err := session.OAuthFetch(ctx, "default", connection.Call{URL: w.url("/api/items")})
	keep(err)
	_, err = w.m.Connect(ctx, connection.Request{Agent: "notes"})
	keep(err)
	_, err = w.m.Callback(ctx, "app.pie.desktop:/api/oauth/plugin/mail/callback?state=x&code="+with(w.service, func() string { return w.service.issued[0] }))
	keep(err)
	_, err = w.m.Disconnect(ctx, "mail", "default", "scheme", false)
	keep(err)
	if len(faults) == 0 {
		t.Error("nothing went wrong")
	}
	list, err := w.m.List(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(faults, "\n") + w.log.String()
	for _, c := range list {
		text += describe(c)
	}
	values := append(with(w.service, func() []string { return slices.Clone(w.service.issued) }), "s3cret/of+client-mail", "s3cret/of+client-notes")
	for _, address := range w.shown {
		values = append(values, address[strings.Index(address, "state=")+6:][:43])
	}
	files := map[string][]byte{"text": []byte(text)}
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if files[entry.Name()], err = os.ReadFile(filepath.Join(w.dir, entry.Name())); err != nil {
			t.Fatal(err)
		}
	}
	if len(values) < 15 || len(files) < 4 || !bytes.Contains(files["audit.db"], []byte("/api/items")) {
		t.Fatalf("%d values, %d files", len(values), len(files))
	}
	for name, content := range files {
		for _, value := range values {
			if form := shows(string(content), value); form != "" {
				t.Errorf("%s holds %.6s… as %s", name, value, form)
			}
		}
	}
}
