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
	"sync/atomic"
	"testing"
	"time"

	"pie/backend"
	"pie/backend/history"
	"pie/backend/oauth/oauthtest"
	"pie/backend/secret"
)

const marker = "marker-of-the-memory-test"

// TestNoTokenInTheWorker reads the whole memory of the worker while it holds what an
// API has echoed: the token, and a marker that proves that the search finds what is
// there.
func TestNoTokenInTheWorker(t *testing.T) { //nolint:paralleltest // looks for the children of this process
	grants := &oauthtest.Grants{Uses: 50}
	holding, read := make(chan struct{}), make(chan struct{})
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api" {
			grants.ServeHTTP(w, r)
			return
		}
		if asked.Add(1) == 3 { // one after the other; two answers are held by then
			close(holding)
			<-read
		}
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		_, _ = fmt.Fprintf(w, `{"marker":%q,"echo":%q}`, marker, r.Header.Get("Authorization"))
	}))
	defer server.Close()
	h := newHome(t, t.TempDir())
	text := strings.Replace(grants.Package("echo", server.URL, 3), "if (!r.ok)", "(globalThis.held ??= []).push(r);\n    if (!r.ok)", 1)
	h.install(t, backend.Source{Name: "echo.pie", Content: []byte(text)})
	if err := h.SetSecret(t.Context(), "echo", "ID", secret.New("client-id")); err != nil {
		t.Fatal(err)
	}
	h.consentAtOnce(t)
	h.connectTo(t, "echo")
	ended := make(chan history.Run, 1)
	go func() {
		run, err := h.Run(t.Context(), backend.RunRequest{Agent: "echo", Timeout: 10 * time.Minute})
		if err != nil {
			t.Error(err)
		}
		ended <- run
	}()
	select {
	case <-holding:
	case run := <-ended:
		t.Fatalf("it ended before it held anything: %+v", run.Error)
	}
	lookAtWorkers(t)
	close(read)
	if run := <-ended; run.Status != history.OK {
		t.Errorf("%+v", run.Error)
	}
}

func lookAtWorkers(t *testing.T) {
	t.Helper()
	marked := 0
	for _, pid := range workers(t) {
		found, err := inMemory(pid, marker, "access-token-1", "refresh-token-1")
		if err != nil {
			t.Logf("the memory of worker %d cannot be read: %v", pid, err)
			continue
		}
		if found[marker] {
			marked++
		}
		if found["access-token-1"] || found["refresh-token-1"] {
			t.Errorf("worker %d holds a token", pid)
		}
	}
	if marked == 0 && os.Getuid() != 0 {
		t.Log("only root can read it: nothing is proved")
	} else if marked == 0 {
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

// inMemory tells which of the words are in what a process can write to.
func inMemory(pid int, words ...string) (map[string]bool, error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return nil, err
	}
	file, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	found := map[string]bool{}
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
		search(io.NewSectionReader(file, from, to-from), found, words)
	}
	return found, nil
}

// search notes the words that a part of the memory holds, piece by piece: all of it
// at once is more than a small computer has.
func search(memory io.Reader, found map[string]bool, words []string) {
	const overlap = 64 // longer than a word
	piece := make([]byte, overlap+1<<20)
	for kept := 0; ; {
		n, err := memory.Read(piece[kept:])
		for _, word := range words {
			found[word] = found[word] || bytes.Contains(piece[:kept+n], []byte(word))
		}
		if n == 0 || err != nil {
			return
		}
		from := max(kept+n-overlap, 0)
		kept = copy(piece, piece[from:kept+n])
	}
}
