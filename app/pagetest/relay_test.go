package pagetest_test

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestRelayPage opens the relay page in Chromium under its own policy: what it copies,
// and what it refuses.
func TestRelayPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/relay/index.html")
	if err != nil {
		t.Fatal(err)
	}
	if outside := regexp.MustCompile(`(?i)<[^>]+\s(src|href)\s*=|url\(|@import|https?://|fetch\(|XMLHttp|sendBeacon|import\(`).FindString(string(page)); outside != "" {
		t.Errorf("the page refers to something: %s", outside)
	}
	chromium := tool(t, "chromium")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/api/oauth") {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write(page)
	}))
	t.Cleanup(server.Close)
	const path = "/api/oauth/plugin/notes/callback"
	cases := map[string]struct{ address, link string }{
		"a code":            {"/pie" + path + "?code=a%26b%2B&state=s", "app.pie.desktop:" + path + "?code=a%26b%2B&state=s"},
		"with an issuer":    {path + "?state=s&code=c&iss=https%3A%2F%2Fa.example&session_state=x&id_token=secret", "app.pie.desktop:" + path + "?code=c&state=s&iss=https%3A%2F%2Fa.example"},
		"your own app":      {"/api/oauth/client/notion/callback?code=c&state=s", "app.pie.desktop:/api/oauth/client/notion/callback?code=c&state=s"},
		"a service's key":   {"/api/oauth/plugin/notes/work_2/callback?code=c&state=s", "app.pie.desktop:/api/oauth/plugin/notes/work_2/callback?code=c&state=s"},
		"a refusal":         {path + "?error=access_denied&state=s&error_description=%3Cimg%20src%3Dx%3E", "app.pie.desktop:" + path + "?state=s&error=access_denied"},
		"no state":          {path + "?code=c", ""},
		"nothing":           {path, ""},
		"two codes":         {path + "?code=a&code=b&state=s", ""},
		"code and error":    {path + "?code=a&error=b&state=s", ""},
		"another path":      {"/api/oauth/plugin/notes/callback/more?code=c&state=s", ""},
		"a path with a dot": {"/api/oauth/plugin/../x/callback?code=c&state=s", ""},
		"a long code":       {path + "?state=s&code=" + strings.Repeat("c", 9000), ""},
	}
	link := regexp.MustCompile(`<a id="go"(?: hidden="")?(?: href="([^"]*)")?( hidden="")?>`)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir="+profile(t), "--dump-dom", server.URL+c.address)
			dom, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			found := link.FindStringSubmatch(string(dom))
			if found == nil && strings.Contains(c.address, "..") {
				return // there is no page at all
			}
			if found == nil || html.UnescapeString(found[1]) != c.link {
				t.Errorf("hands on %q", found)
			}
		})
	}
}

// profile is a folder for a browser, whose processes may write to it for a moment
// after it has ended.
func profile(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "profile-") //nolint:usetesting // its own cleanup fails in that moment
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for end := time.Now().Add(time.Minute); os.RemoveAll(dir) != nil && time.Now().Before(end); {
			time.Sleep(50 * time.Millisecond)
		}
	})
	return dir
}
