package practice_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"pie/backend/fault"
	"pie/backend/practice"
)

func TestSwitches(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	for _, f := range practice.Faults() {
		if f.Sentence() == "" || f.Title() == string(f) {
			t.Errorf("%s has no words", f)
		}
	}
	for name, err := range map[string]error{
		"an unknown one": r.Switch("other", 1), "a negative count": r.Switch(practice.FaultSlow, -1), "too many": r.Switch(practice.FaultSlow, 1001),
	} {
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	cases := map[practice.Fault]struct {
		status int
		retry  string
		api    bool
	}{
		practice.FaultServerError: {500, "", false},
		practice.FaultRateLimit:   {429, "2", false},
		practice.FaultAPIError:    {503, "", true},
		practice.FaultAPILimit:    {429, "2", true},
	}
	for f, c := range cases {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			r := start(t, practice.Options{})
			token := r.signIn(nil)
			try := func() answer {
				if c.api {
					return r.api("GET", "/notes", r.text("access_token", token), "")
				}
				next := r.post("/token", refreshForm(r.text("refresh_token", token)))
				if next.status == 200 {
					token = next
				}
				return next
			}
			if err := r.Switch(f, 2); err != nil {
				t.Fatal(err)
			}
			for i, want := range []int{c.status, c.status, 200} {
				a := try()
				if a.status != want || want != 200 && a.header.Get("Retry-After") != c.retry {
					t.Errorf("request %d: %d, Retry-After %q", i, a.status, a.header.Get("Retry-After"))
				}
			}
			_ = r.Switch(f, 5)
			_ = r.Switch(f, 0)
			if a := try(); a.status != 200 {
				t.Errorf("switched off: %d", a.status)
			}
		})
	}
}

func TestLostRefresh(t *testing.T) {
	t.Parallel()
	cases := map[practice.Fault]struct{ second, third int }{
		practice.FaultRefreshLost:  {400, 400},
		practice.FaultRefreshGrace: {200, 400},
	}
	for f, c := range cases {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			r := start(t, practice.Options{})
			form := refreshForm(r.text("refresh_token", r.signIn(nil)))
			_ = r.Switch(f, 1)
			if a, err := r.send("POST", "/token", strings.NewReader(form.Encode()), asForm); err == nil {
				t.Fatalf("an answer came: %d", a.status)
			}
			if got := r.Stats(); got.Refreshes != 1 {
				t.Errorf("it did not happen: %+v", got)
			}
			if a := r.post("/token", form); a.status != c.second {
				t.Errorf("the second time: %d %s", a.status, a.body)
			}
			if a := r.post("/token", form); a.status != c.third {
				t.Errorf("the third time: %d %s", a.status, a.body)
			}
			if got := r.Stats(); got.Replays != 1 || got.Live != 0 {
				t.Errorf("stats %+v", got)
			}
		})
	}
}

func TestOldRefreshToken(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	old := r.text("refresh_token", r.signIn(nil))
	_ = r.Switch(practice.FaultReuse, 1)
	if a := r.post("/token", refreshForm(old)); a.status != 200 || r.text("refresh_token", a) != old {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	r.refused("using it", r.post("/token", refreshForm(old)), 400, "invalid_grant")
}

func TestMalformedAndWrongIssuer(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	_ = r.Switch(practice.FaultWrongIssuer, 1)
	if got := r.consent(t.Context(), nil, nil, true).Get("iss"); got == r.URL() || got == "" {
		t.Errorf("iss %q", got)
	}
	if got := r.consent(t.Context(), nil, nil, true).Get("iss"); got != r.URL() {
		t.Errorf("iss %q", got)
	}
	refresh := refreshForm(r.text("refresh_token", r.signIn(nil)))
	_ = r.Switch(practice.FaultMalformed, 1)
	a := r.post("/token", refresh)
	if a.status != 200 || a.json != nil || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if a := r.post("/token", refresh); a.status != 200 || a.json == nil {
		t.Errorf("the token was used up: %d %s", a.status, a.body)
	}
}

func TestSlow(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{Slow: time.Minute})
	form := refreshForm(r.text("refresh_token", r.signIn(nil)))
	_ = r.Switch(practice.FaultSlow, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL()+"/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	asForm(request)
	if res, err := r.http.Do(request); !errors.Is(err, context.DeadlineExceeded) {
		_ = res.Body.Close()
		t.Fatalf("got %v", err)
	}
	if a := r.post("/token", form); a.status != 200 {
		t.Errorf("a request that was given up counted: %d %s", a.status, a.body)
	}
	quick := start(t, practice.Options{Slow: time.Millisecond})
	form = refreshForm(quick.text("refresh_token", quick.signIn(nil)))
	_ = quick.Switch(practice.FaultSlow, 1)
	if a := quick.post("/token", form); a.status != 200 {
		t.Errorf("late but right: %d %s", a.status, a.body)
	}
}

func TestIndexPage(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	first, second := r.signIn(nil), r.signIn([]string{"notes.read"})
	page := r.must("GET", "/", nil, nil)
	if strings.Count(page.body, `value="revoke"`) != 2 || !strings.Contains(page.body, "notes") {
		t.Fatalf("got %s", page.body)
	}
	csrf := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(page.body)[1]
	id := regexp.MustCompile(`name="grant" value="([^"]+)"`).FindStringSubmatch(page.body)[1]
	press := func(form url.Values, origin string) answer {
		return r.must("POST", "/manage", strings.NewReader(form.Encode()), func(request *http.Request) {
			asForm(request)
			request.Header.Set("Origin", origin)
		})
	}
	revoke := url.Values{"csrf": {csrf}, "action": {"revoke"}, "grant": {id}}
	for name, a := range map[string]answer{
		"another page":  press(revoke, "https://evil.example"),
		"another token": press(url.Values{"csrf": {"x"}, "action": {"revoke"}, "grant": {id}}, r.URL()),
	} {
		if a.status != 403 || r.Stats().Live != 2 {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if a := press(revoke, r.URL()); a.status != 303 || r.Stats().Live != 1 {
		t.Errorf("got %d, %+v", a.status, r.Stats())
	}
	r.refused("the first", r.post("/token", refreshForm(r.text("refresh_token", first))), 400, "invalid_grant")
	if a := press(url.Values{"csrf": {csrf}, "action": {"expire"}}, r.URL()); a.status != 303 {
		t.Errorf("got %d", a.status)
	}
	r.refused("the second", r.api("GET", "/notes", r.text("access_token", second), ""), 401, "invalid_token")
	press(url.Values{"csrf": {csrf}, "action": {"on"}, "fault": {"server_error"}}, r.URL())
	if a := r.post("/token", refreshForm("x")); a.status != 500 {
		t.Errorf("the switch did nothing: %d", a.status)
	}
	for _, form := range []url.Values{
		{"csrf": {csrf}, "action": {"on"}, "fault": {"other"}},
		{"csrf": {csrf}, "action": {"other"}},
	} {
		if a := press(form, r.URL()); a.status != 400 {
			t.Errorf("%v: %d", form, a.status)
		}
	}
}

func TestRestart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "practice.json")
	first := start(t, practice.Options{File: file})
	token := first.signIn(nil)
	first.api("POST", "/notes", first.text("access_token", token), `{"text":"stays here"}`)
	used := first.text("refresh_token", token)
	token = first.post("/token", refreshForm(used))
	origin := first.URL()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, canary := range []string{used, first.text("access_token", token), first.text("refresh_token", token), first.ClientSecret().Reveal()} {
		if strings.Contains(string(raw), canary) {
			t.Error("a secret is in the file")
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}

	again := start(t, practice.Options{File: file})
	if again.URL() != origin {
		t.Errorf("another address: %s, was %s", again.URL(), origin)
	}
	if a := again.api("GET", "/notes", again.text("access_token", token), ""); !strings.Contains(a.body, "stays here") {
		t.Errorf("got %d %s", a.status, a.body)
	}
	rival := start(t, practice.Options{File: file})
	if rival.URL() == origin {
		t.Error("two servers on one port")
	}
	again.refused("a used token", again.post("/token", refreshForm(used)), 400, "invalid_grant")
	again.refused("its family", again.post("/token", refreshForm(again.text("refresh_token", token))), 400, "invalid_grant")
}

func TestStartFaults(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	u, err := url.Parse(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	var port int
	for _, digit := range u.Port() {
		port = port*10 + int(digit-'0')
	}
	if _, err := practice.Start(t.Context(), practice.Options{Port: port}); !fault.Is(err, fault.InUse) {
		t.Errorf("a taken port: %v", err)
	}
	if _, err := practice.Start(t.Context(), practice.Options{File: filepath.Join(t.TempDir(), "none", "file")}); !fault.Is(err, fault.Internal) {
		t.Errorf("no folder: %v", err)
	}
	for name, content := range map[string]string{
		"no JSON": "x", "empty": "", "another version": `{"version":9}`, "a bad port": `{"version":1,"port":99999}`, "a null grant": `{"version":1,"grants":[null]}`,
	} {
		file := filepath.Join(t.TempDir(), "practice.json")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		damaged := start(t, practice.Options{File: file})
		damaged.signIn(nil)
		if kept, err := os.ReadFile(file + ".damaged"); err != nil || string(kept) != content {
			t.Errorf("%s: not moved aside: %v", name, err)
		}
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	r := start(t, practice.Options{})
	a := r.must("GET", "/.well-known/oauth-authorization-server", nil, nil)
	if r.text("issuer", a) != r.URL() || r.text("token_endpoint", a) != r.URL()+"/token" ||
		a.json["authorization_response_iss_parameter_supported"] != true {
		t.Errorf("got %s", a.body)
	}
}
