package pagetest_test

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pie/app"
	"pie/app/pagetest"
	"pie/backend"
	"pie/backend/agent/worker"
	"pie/backend/oauth/oauthtest"
	"pie/backend/paths"
	"pie/backend/secret"
)

const frontend = "../../frontend"

// TestMain lets the test binary be the worker of its agents. No test finds a
// session bus, so that a keyring is missing for sure.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		os.Exit(worker.Main())
	}
	if err := os.Setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:"); err != nil {
		panic(err)
	}
	oauthtest.Undisturbed()
	os.Exit(m.Run())
}

// TestPage walks through the page in Chromium, as frontend/e2e/run.mjs says.
func TestPage(t *testing.T) {
	t.Parallel()
	node, chromium := tool(t, "node"), tool(t, "chromium")
	page := os.DirFS(build(t, node))
	const passphrase = "a long sentence for a short test"
	apps, known := openPretended(t)
	known.URL = serve(t, apps, page)
	others, related := openLinked(t)
	related.URL = serve(t, others, page)
	writing, folder := openStudio(t)
	folder.URL = serve(t, writing, page)
	config, err := json.Marshal(map[string]any{
		"chromium": chromium,
		"pictures": t.ArtifactDir(),
		"homes": map[string]any{
			"fresh":      serve(t, open(t, t.TempDir(), "keyfile"), page),
			"empty":      serve(t, open(t, t.TempDir(), "keyfile"), page),
			"locked":     serve(t, openLocked(t, passphrase), page),
			"keyring":    serve(t, openWithoutKeyring(t), page),
			"absent":     serve(t, openAfterAbsence(t), page),
			"pretended":  known,
			"linked":     related,
			"busy":       serve(t, openBusy(t), page),
			"studio":     folder,
			"passphrase": passphrase,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := walkTime(t)
	defer cancel()
	walk := exec.CommandContext(ctx, node, "e2e/run.mjs", string(config)) // #nosec G204 -- a test
	walk.Dir, walk.WaitDelay = frontend, 5*time.Second
	out, err := walk.CombinedOutput()
	t.Logf("%s", out)
	if ctx.Err() != nil {
		t.Fatal("the walk through the page was stopped shortly before the limit of go test; above stands how far it came")
	}
	if err != nil {
		t.Fatalf("walking through the page: %v", err)
	}
}

// walkTime ends before go test's own limit, which would tell nothing.
func walkTime(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	end, limited := t.Deadline()
	if !limited {
		return context.WithCancel(t.Context())
	}
	return context.WithDeadline(t.Context(), end.Add(-time.Minute))
}

func tool(t *testing.T, name string) string {
	t.Helper()
	found, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed; make test installs it, or prints the line that does", name)
	}
	return found
}

// build builds the page into a folder of the test, so that what is tested is the
// source as it stands.
func build(t *testing.T, node string) string {
	t.Helper()
	vite := filepath.Join("node_modules", "vite", "bin", "vite.js")
	if _, err := os.Stat(filepath.Join(frontend, vite)); err != nil {
		t.Fatal("the packages of the page are missing: run npm ci in frontend, or make test, which does")
	}
	dir := t.TempDir()
	run := exec.CommandContext(t.Context(), node, vite, "build", "--logLevel=error", "--outDir", dir, "--emptyOutDir") // #nosec G204 -- a test
	run.Dir = frontend
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("building the page: %v\n%s", err, out)
	}
	return dir
}

func serve(t *testing.T, a *app.App, page fs.FS) string {
	t.Helper()
	url, err := pagetest.Serve(t.Context(), a, page)
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// open opens a home that asks nobody and opens no browser.
func open(t *testing.T, dir, source string) *app.App {
	t.Helper()
	return openWith(t, dir, paths.Environment{KeySource: source, KeyFile: filepath.Join(dir, "key")})
}

func openWith(t *testing.T, dir string, env paths.Environment) *app.App {
	t.Helper()
	a := openAt(t, dir, env, time.Now)
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// openAt opens a home whose automations go by the clock now. The caller closes it.
func openAt(t *testing.T, dir string, env paths.Environment, now func() time.Time) *app.App {
	t.Helper()
	env.TimeZone = "Europe/Berlin"
	a, err := app.Open(t.Context(), backend.Options{
		Paths: paths.In(dir), Env: env, Now: now, Surroundings: offline{},
		OpenURL: func(context.Context, string) error { return nil },
		Desktop: func(context.Context, string, string) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// offline is a computer on its way: no network, and much battery.
type offline struct{}

func (offline) Online(context.Context) bool { return false }
func (offline) Saving(context.Context) bool { return false }

// openLocked opens a home whose passphrase nobody tells, and that has a run to
// read once somebody does.
func openLocked(t *testing.T, passphrase string) *app.App {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(file, []byte(passphrase+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), backend.Options{
		Paths: paths.In(dir), Env: paths.Environment{KeySource: "passphrase", PassphraseFile: file},
	})
	if err != nil {
		t.Fatal(err)
	}
	installWeather(t, a)
	err = a.Agents.SecretSet(app.SecretRequest{Agent: "daily-weather", Name: "WEATHER_API_KEY", Value: secret.New("no real key")})
	if err != nil {
		t.Fatal(err)
	}
	// The weather service cannot be reached; that the run failed is kept.
	if _, err := a.Runs.Run(app.RunRequest{Op: "once", Agent: "daily-weather", Function: "handler"}); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return openWith(t, dir, paths.Environment{})
}

func openWithoutKeyring(t *testing.T) *app.App {
	t.Helper()
	a := open(t, t.TempDir(), "keyring")
	installWeather(t, a)
	return a
}

// openAfterAbsence opens a home whose automations were turned on three days ago,
// and that was closed since.
func openAfterAbsence(t *testing.T) *app.App {
	t.Helper()
	dir := t.TempDir()
	env := paths.Environment{KeySource: "keyfile", KeyFile: filepath.Join(dir, "key")}
	before := openAt(t, dir, env, func() time.Time { return time.Now().Add(-72 * time.Hour) })
	source, err := filepath.Abs(filepath.Join("testdata", "clock.pie"))
	if err != nil {
		t.Fatal(err)
	}
	install(t, before, source)
	for _, q := range []app.EnableRequest{{ID: "clock/0", Network: "wait"}, {ID: "clock/1", Missed: "skip"}} {
		if _, err := before.Automations.Enable(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	a := openWith(t, dir, env)
	a.Warm()
	return a
}

func installWeather(t *testing.T, a *app.App) {
	t.Helper()
	install(t, a, "sample:daily-weather")
}

func install(t *testing.T, a *app.App, source string) {
	t.Helper()
	sheet, err := a.Agents.Inspect(app.InspectRequest{Source: source})
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Agents.Install(app.InstallRequest{Source: source, Hash: sheet.Hash, APIHosts: sheet.APIHosts})
	if err != nil {
		t.Fatal(err)
	}
}

// TestServeRefuses holds the server to answer its own page only.
func TestServeRefuses(t *testing.T) {
	t.Parallel()
	page := fstest.MapFS{"index.html": {Data: []byte("<html><head></head></html>")}}
	url := serve(t, open(t, t.TempDir(), "keyfile"), page)
	found := regexp.MustCompile(`name="page-token" content="(\w+)"`).FindStringSubmatch(get(t, url))
	if found == nil {
		t.Fatal("the page has no token")
	}
	for name, test := range map[string]struct {
		method, path, host, token string
		status                    int
	}{
		"its own page":      {"POST", "call/Agents.List", "", found[1], http.StatusOK},
		"no token":          {"POST", "call/Agents.List", "", "", http.StatusForbidden},
		"another token":     {"POST", "call/Agents.List", "", "x", http.StatusForbidden},
		"another host":      {"POST", "call/Agents.List", "pie.example", found[1], http.StatusForbidden},
		"an unknown method": {"POST", "call/Agents.Everything", "", found[1], http.StatusUnprocessableEntity},
		"a call by address": {"GET", "call/Agents.List", "", found[1], http.StatusMethodNotAllowed},
		"events, no token":  {"GET", "events", "", "", http.StatusForbidden},
		"a file outside":    {"GET", "assets/../../go.mod", "", "", http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request, err := http.NewRequestWithContext(t.Context(), test.method, url+test.path, strings.NewReader("null"))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("X-Page-Token", test.token)
			request.Host = test.host
			response, err := (&http.Client{}).Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != test.status {
				t.Errorf("status %d, want %d", response.StatusCode, test.status)
			}
		})
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
