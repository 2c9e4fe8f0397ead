package backend_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"pie/backend"
	"pie/backend/fault"
)

// TestRelayPageIsFound looks at hosts that show the page, and at some that do not.
func TestRelayPageIsFound(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "docs", "relay", "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	say := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/pie/api/oauth/plugin/check/callback" || r.URL.RawQuery != "" {
				t.Errorf("asked for %s", r.URL)
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
		}
	}
	for name, c := range map[string]struct {
		host http.HandlerFunc
		code fault.Code
	}{
		"the page":        {say(http.StatusOK, string(page)), ""},
		"another page":    {say(http.StatusOK, "<h1>Hello</h1>"), fault.NotFound},
		"no page":         {say(http.StatusNotFound, string(page)), fault.NotFound},
		"another address": {http.RedirectHandler("https://relay.example/", http.StatusFound).ServeHTTP, fault.NotFound},
		"a broken answer": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "4096")
			_, _ = io.WriteString(w, "<h1>")
		}, fault.Offline},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewTLSServer(c.host)
			t.Cleanup(server.Close)
			client := server.Client()
			client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			err := backend.LookAtRelay(t.Context(), client, server.URL+"/pie")
			if c.code == "" && err != nil || c.code != "" && !fault.Is(err, c.code) {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("a certificate of nobody", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewUnstartedServer(say(http.StatusOK, string(page)))
		server.Config.ErrorLog = nil
		server.StartTLS()
		t.Cleanup(server.Close)
		if err := backend.LookAtRelay(t.Context(), &http.Client{}, server.URL+"/pie"); !fault.Is(err, fault.Offline) {
			t.Errorf("%v", err)
		}
	})
}
