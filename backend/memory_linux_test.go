package backend_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pie/backend"
	"pie/backend/history"
	"pie/backend/oauth/oauthtest"
	"pie/backend/secret"
)

// TestNoTokenInTheWorker reads the whole memory of the worker after an API has
// echoed the token at it. A marker in the same answer proves that the search
// finds what is there.
func TestNoTokenInTheWorker(t *testing.T) { //nolint:paralleltest // looks for the children of this process
	grants := &oauthtest.Grants{Uses: 50}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api" {
			grants.ServeHTTP(w, r)
			return
		}
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		_, _ = fmt.Fprintf(w, `{"marker":"marker-of-the-memory-test","echo":%q}`, r.Header.Get("Authorization"))
	}))
	defer server.Close()
	h := newHome(t, t.TempDir())
	h.install(t, backend.Source{Name: "echo.pie", Content: []byte(grants.Package("echo", server.URL, 3))})
	if err := h.SetSecret(t.Context(), "echo", "ID", secret.New("client-id")); err != nil {
		t.Fatal(err)
	}
	h.consentAtOnce(t)
	h.connectTo(t, "echo")
	run, err := h.Run(t.Context(), backend.RunRequest{Agent: "echo"})
	if err != nil || run.Status != history.OK {
		t.Fatalf("%+v %v", run.Error, err)
	}
	marked := 0
	for _, pid := range workers(t) {
		memory, err := readMemory(pid)
		if err != nil {
			t.Skipf("the memory of a worker can only be read by root: %v", err)
		}
		if bytes.Contains(memory, []byte("marker-of-the-memory-test")) {
			marked++
		}
		for _, token := range []string{"access-token-1", "refresh-token-1"} {
			if bytes.Contains(memory, []byte(token)) {
				t.Errorf("worker %d holds %s", pid, token)
			}
		}
	}
	if marked == 0 {
		t.Error("no worker holds the marker, so the search proves nothing")
	}
}

// workers are the worker processes that this one has started.
func workers(t *testing.T) []int {
	t.Helper()
	names, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, name := range names {
		line, err := os.ReadFile(name)
		if err != nil || !strings.HasSuffix(string(line), "\x00worker\x00") {
			continue
		}
		pid, err := strconv.Atoi(strings.Split(name, "/")[2])
		stat, statErr := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || statErr != nil {
			continue
		}
		_, after, _ := strings.Cut(string(stat), ") ")
		if fields := strings.Fields(after); len(fields) > 1 && fields[1] == strconv.Itoa(os.Getpid()) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// readMemory reads all that a process can write to.
func readMemory(pid int) ([]byte, error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return nil, err
	}
	file, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	var out bytes.Buffer
	const most = 256 << 20 // of one mapping: the race detector's own are far larger
	for line := range strings.SplitSeq(string(maps), "\n") {
		fields := strings.Fields(line)
		if len(fields) < 2 || !strings.HasPrefix(fields[1], "rw") {
			continue
		}
		var from, to int64
		if _, err := fmt.Sscanf(fields[0], "%x-%x", &from, &to); err != nil || to-from > most {
			continue
		}
		_, _ = io.Copy(&out, io.NewSectionReader(file, from, to-from))
	}
	return out.Bytes(), nil
}
