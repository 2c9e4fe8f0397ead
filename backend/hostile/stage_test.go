//go:build !race

package hostile_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pie/backend"
	"pie/backend/connection"
	"pie/backend/oauth/oauthtest"
	"pie/backend/paths"
	"pie/backend/plugin"
	"pie/backend/secret"
)

// stage is a home with a victim in it, and a server that is an authorization
// server, an API and a nuisance.
type stage struct {
	*backend.Backend
	api     *httptest.Server
	grants  *oauthtest.Grants
	strayed atomic.Bool // the token came where it must not
	stop    chan struct{}
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{grants: &oauthtest.Grants{Uses: 1 << 30}, stop: make(chan struct{})}
	s.api = httptest.NewServer(s)
	t.Cleanup(s.api.Close)
	t.Cleanup(func() { close(s.stop) })
	dir := t.TempDir()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	b, err := backend.Open(t.Context(), backend.Options{
		Paths: paths.In(dir),
		Env:   paths.Environment{KeySource: "keyfile", KeyFile: filepath.Join(dir, "key"), TimeZone: "Europe/Berlin", LoopbackPort: 1},
		OpenURL: func(_ context.Context, url string) error {
			go s.consent(t, client, url)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	s.Backend = b
	s.victim(t)
	return s
}

func (s *stage) consent(t *testing.T, client *http.Client, url string) {
	t.Helper()
	res, err := client.Get(url)
	if err == nil {
		_ = res.Body.Close()
		_, err = s.Connections.Callback(context.Background(), res.Header.Get("Location"))
	}
	if err != nil {
		t.Errorf("consenting: %v", err)
	}
}

// manifest is the head of a subject's package.
func (s *stage) manifest(name string) string {
	head, _, _ := strings.Cut(s.grants.Package(name, s.api.URL, 0), "---\nasync")
	return head
}

func (s *stage) connect(t *testing.T, name string, wanted bool) {
	t.Helper()
	if err := s.SetSecret(t.Context(), name, "ID", secret.New("client-id-of-"+name)); err != nil {
		t.Fatal(err)
	}
	if !wanted {
		return
	}
	if _, err := s.Connections.Connect(t.Context(), connection.Request{Op: name, Agent: name, Redirect: "scheme", Timeout: time.Minute}); err != nil {
		t.Fatal(err)
	}
}

// victim is an agent with a secret, a file and memory of its own.
func (s *stage) victim(t *testing.T) {
	t.Helper()
	text := `---
name: victim
version: 1.0.0
manifest: {timeout: 60, developerSecrets: {PRIVATE: {required: true}}}
---
async function handler(input, context) {
  if (input.first) {
    await context.files.write('private.txt', 'private words');
    await context.updateSessionMetadata({ private: 1 });
  }
  const file = await context.files.read('private.txt');
  return [context.secrets.PRIVATE, await file.text(), await context.getSessionMetadata(), (await context.files.list()).map((f) => f.filename)];
}
`
	source := backend.Source{Name: "victim.pie", Content: []byte(text)}
	p, err := s.Load(t.Context(), source)
	if err == nil {
		p, err = s.Install(t.Context(), source, p.Hash, plugin.Approved{}, false)
	}
	if err == nil {
		err = s.SetSecret(t.Context(), p.Name, "PRIVATE", secret.New("the victim's secret"))
	}
	if err != nil {
		t.Fatal(err)
	}
	if run, err := s.Run(t.Context(), backend.RunRequest{Agent: "victim", Input: []byte(`{"first":true}`)}); err != nil || run.Error != nil {
		t.Fatalf("%+v %v", run.Error, err)
	}
}

// ServeHTTP answers as an API that helps nobody.
func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token := r.Header.Get("Authorization")
	switch r.URL.Path {
	case "/items":
		_, _ = w.Write([]byte(`{"items":[1,2,3]}`))
	case "/echo":
		if strings.HasPrefix(r.Host, "localhost") && token != "" {
			s.strayed.Store(true)
		}
		w.Header().Set("X-Echo", token)
		_, _ = w.Write(echo(r, token))
	case "/bomb":
		_, _ = w.Write(bytes.Repeat([]byte("["), 5<<20))
	case "/endless":
		for chunk := make([]byte, 64<<10); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	case "/never":
		s.wait(r)
	case "/drip":
		for range 1000 {
			_, _ = w.Write([]byte("x"))
			_ = http.NewResponseController(w).Flush()
			if s.waitFor(r, 100*time.Millisecond) {
				return
			}
		}
	case "/loop":
		http.Redirect(w, r, "/loop", http.StatusFound)
	case "/away":
		http.Redirect(w, r, strings.Replace(s.api.URL, "127.0.0.1", "localhost", 1)+"/echo", http.StatusTemporaryRedirect)
	case "/reset":
		panic(http.ErrAbortHandler)
	default:
		s.grants.ServeHTTP(w, r)
	}
}

func (s *stage) wait(r *http.Request) { s.waitFor(r, time.Hour) }

func (s *stage) waitFor(r *http.Request, d time.Duration) (over bool) {
	select {
	case <-r.Context().Done():
		return true
	case <-s.stop:
		return true
	case <-time.After(d):
		return false
	}
}

// echo is the token in the ways in which it could be smuggled out.
func echo(r *http.Request, token string) []byte {
	switch q := r.URL.Query(); {
	case q.Has("split"):
		half := len(token) / 2
		return fmt.Appendf(nil, `{"a":%q,"b":%q,"whole":%q}`, token[:half], token[half:], token)
	case q.Has("reverse"):
		turned := []byte(token)
		slices.Reverse(turned)
		return turned
	case q.Has("base64"):
		return fmt.Appendf(nil, `{"t":%q}`, base64.StdEncoding.EncodeToString([]byte(token)))
	}
	return fmt.Appendf(nil, `{"token":%q,"address":%q}`, token, r.URL.String())
}
