//go:build linux

package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pie/backend/patience"
)

// tool finds a program that the tests need.
func tool(tb testing.TB, name string) string {
	tb.Helper()
	found, err := exec.LookPath(name)
	if err != nil {
		tb.Skipf("%s is not installed; make test installs it", name)
	}
	return found
}

// start runs a program until the test ends.
func start(tb testing.TB, cmd *exec.Cmd) {
	tb.Helper()
	cmd.WaitDelay = 5 * time.Second
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		timer := time.AfterFunc(5*time.Second, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
		_ = cmd.Wait()
	})
}

// display starts an X server without a screen and returns its name.
func display(tb testing.TB) string {
	tb.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(tb.Context()), tool(tb, "Xvfb"), "-displayfd", "3", "-screen", "0", "1280x900x24", "-noreset", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{write}
	start(tb, cmd)
	_ = write.Close()
	number, err := bufio.NewReader(read).ReadString('\n')
	_ = read.Close()
	if err != nil {
		tb.Fatal(err)
	}
	return ":" + strings.TrimSpace(number)
}

// driver speaks WebDriver (W3C) with the window.
type driver struct {
	t       *testing.T
	base    string
	session string
}

// drive starts the program under a WebDriver.
func drive(t *testing.T, binary string, env []string) *driver {
	t.Helper()
	host, port := ownAddress(t)
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), tool(t, "WebKitWebDriver"), "--host="+host, "--port="+port)
	cmd.Env = append(env, "LD_PRELOAD="+preload(t))
	start(t, cmd)
	d := &driver{t: t, base: "http://" + net.JoinHostPort(host, port)}
	patience.Until(t, "the driver answers", func() bool { _, err := d.ask(http.MethodGet, "/status", nil); return err == nil })
	answer, err := d.ask(http.MethodPost, "/session", map[string]any{"capabilities": map[string]any{
		"alwaysMatch": map[string]any{"webkitgtk:browserOptions": map[string]any{"binary": binary, "args": []string{}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var made struct {
		SessionID string `json:"sessionId"`
	}
	if err := json.Unmarshal(answer, &made); err != nil {
		t.Fatal(err)
	}
	d.session = "/session/" + made.SessionID
	return d
}

// ownAddress is a free port of a loopback address that nothing else uses, so that
// nobody is given it before the driver takes it.
func ownAddress(t *testing.T) (host, port string) {
	t.Helper()
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.%d.%d.%d:0", 1+rand.IntN(254), rand.IntN(256), 2+rand.IntN(250)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	host, port, err = net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

// preload compiles the library that lets the driver in.
func preload(t *testing.T) string {
	t.Helper()
	flags, err := exec.CommandContext(t.Context(), tool(t, "pkg-config"), "--cflags", "--libs", "webkit2gtk-4.1").Output()
	if err != nil {
		t.Skip("libwebkit2gtk-4.1-dev is not installed; make test installs it")
	}
	out := filepath.Join(t.TempDir(), "preload.so")
	args := append([]string{"-shared", "-fPIC", "-O1", "-o", out, "testdata/window/preload.c"}, strings.Fields(string(flags))...)
	if text, err := exec.CommandContext(t.Context(), tool(t, "gcc"), args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return out
}

func (d *driver) ask(method, path string, body any) (json.RawMessage, error) {
	var content io.Reader = http.NoBody
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(raw)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience.Limit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, d.base+path, content)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := (&http.Client{}).Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s %s: %s", method, path, answer.Value)
	}
	return answer.Value, nil
}

// text is all that the page shows.
func (d *driver) text() string {
	raw, err := d.ask(http.MethodPost, d.session+"/execute/sync", map[string]any{"script": "return document.body.innerText", "args": []any{}})
	if err != nil {
		return ""
	}
	var text string
	_ = json.Unmarshal(raw, &text)
	return text
}

// shows waits until the page shows words.
func (d *driver) shows(words string) {
	d.t.Helper()
	defer func() {
		if d.t.Failed() {
			d.t.Logf("the page shows: %s", d.text())
		}
	}()
	patience.Until(d.t, "the page shows "+strconv.Quote(words), func() bool { return strings.Contains(d.text(), words) })
}

// press clicks the link or button with these words.
func (d *driver) press(words string) {
	d.t.Helper()
	path := fmt.Sprintf(`//*[self::a or self::button][contains(normalize-space(.), %q)]`, words)
	patience.Until(d.t, "there is "+strconv.Quote(words), func() bool {
		raw, err := d.ask(http.MethodPost, d.session+"/element", map[string]string{"using": "xpath", "value": path})
		if err != nil {
			return false
		}
		var found map[string]string
		_ = json.Unmarshal(raw, &found)
		for _, id := range found {
			_, err = d.ask(http.MethodPost, d.session+"/element/"+id+"/click", map[string]any{})
		}
		return err == nil
	})
}

// close ends the window as the person would.
func (d *driver) close() { _, _ = d.ask(http.MethodDelete, d.session, nil) }
