package oauth_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"pie/backend/fault"
	"pie/backend/oauth"
)

func TestLoopback(t *testing.T) {
	t.Parallel()
	const path = "/api/oauth/plugin/x/callback"
	var accepted []string
	l, err := oauth.ListenLoopback(context.Background(), "127.0.0.1", 0, path, func(raw string) error {
		if !strings.Contains(raw, "state=right") {
			return fault.New(fault.NotFound, "no", "")
		}
		accepted = append(accepted, raw)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	steps := []struct {
		name, method, url, host string
		status                  int
	}{
		{"wrong path", "GET", strings.TrimSuffix(l.URL(), path) + "/", "", 404},
		{"wrong host", "GET", l.URL() + "?state=right", "evil.example", 421},
		{"wrong method", "POST", l.URL() + "?state=right", "", 405},
		{"wrong state", "GET", l.URL() + "?state=wrong", "", 400},
		{"right", "GET", l.URL() + "?code=code-canary&state=right", "", 200},
		{"again", "GET", l.URL() + "?code=code-canary&state=right", "", 410},
	}
	for _, step := range steps {
		r, err := http.NewRequestWithContext(context.Background(), step.method, step.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host, r.Close = step.host, true // an idle connection may be closed by the listener in just that moment
		res, err := new(http.Client).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode != step.status || strings.Contains(string(body), "canary") || res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %d %s", step.name, res.StatusCode, body)
		}
	}
	if len(accepted) != 1 || !strings.HasPrefix(accepted[0], l.URL()) {
		t.Errorf("accepted %v", accepted)
	}
	if _, err := oauth.ListenLoopback(context.Background(), "127.0.0.1", port(t, l.URL()), path, nil); !fault.Is(err, fault.InUse) {
		t.Errorf("a taken port: %v", err)
	}
}

func port(t *testing.T, address string) int {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	return n
}
