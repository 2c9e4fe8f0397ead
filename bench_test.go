package main_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkWholeRun compares `pie run`, the whole process with its locked
// worker, with node running the same handler over its own fetch.
func BenchmarkWholeRun(b *testing.B) {
	node, err := exec.LookPath("node")
	if err != nil {
		b.Skip("node is not installed")
	}
	body := "[" + strings.Repeat(`{"name":"item","open":true},`, 6000) + `{"name":"last","open":true}]`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, body) }))
	defer server.Close()
	dir := b.TempDir()
	binary := filepath.Join(dir, "pie")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	env := append(os.Environ(), "PIE_HOME="+filepath.Join(dir, "home"), "PIE_KEY_SOURCE=keyfile", "PIE_KEY_FILE="+filepath.Join(dir, "key"), "DBUS_SESSION_BUS_ADDRESS=disabled:")
	run := func(name string, args ...string) time.Duration {
		cmd := exec.CommandContext(b.Context(), name, args...)
		cmd.Env = env
		at := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%s %v: %v: %s", name, args, err, out)
		}
		return time.Since(at)
	}
	handler := "const list = JSON.parse(r.body).filter((i) => i.open); return { count: list.length };"
	agent := fmt.Sprintf("---\nname: whole\nversion: 1.0.0\nmanifest:\n  network: { hosts: [%q] }\n---\nasync function handler(input, context) { const r = await context.fetch(%q); %s }\n", server.URL, server.URL, handler)
	script := fmt.Sprintf("const handler = async () => { const res = await fetch(%q); const r = { body: await res.text() }; %s }; handler().then((out) => console.log(JSON.stringify(out)));", server.URL, handler)
	for name, text := range map[string]string{"whole.pie": agent, "whole.js": script} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	run(binary, "agent", "install", filepath.Join(dir, "whole.pie"), "--yes")
	var ours, theirs time.Duration
	for b.Loop() {
		ours += run(binary, "run", "whole", "--json")
		theirs += run(node, filepath.Join(dir, "whole.js"))
	}
	b.ReportMetric(float64(ours)/float64(theirs), "ratio")
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ms/run")
}
