package backend_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const nodeFolder = "oauth/oauthtest"

// startNode starts oidc-provider in a process of its own, which ends with t.
func startNode(t *testing.T) *authServer {
	t.Helper()
	origin := nodeProcess(t)
	mustStayInside(t, origin)
	control := func(t *testing.T, path string, body any) {
		t.Helper()
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Error string `json:"error"`
		}
		if status := call(t, http.MethodPost, origin+path, "application/json", bytes.NewReader(raw), &answer); status != http.StatusOK {
			t.Fatalf("%s: %d %s", path, status, answer.Error)
		}
	}
	return &authServer{
		origin: origin, metadata: discover(t, origin), replayEnds: true,
		register: func(t *testing.T, c oauthClient) {
			t.Helper()
			control(t, "/control/clients", nodeMetadata(c))
		},
		expire: func(t *testing.T, client string) {
			t.Helper()
			control(t, "/control/expire", map[string]string{"client": client})
		},
		issued: func(t *testing.T, client string) []issued {
			t.Helper()
			var out []issued
			if status := call(t, http.MethodGet, origin+"/control/issued?client="+url.QueryEscape(client), "", nil, &out); status != http.StatusOK {
				t.Fatalf("issued: %d", status)
			}
			return out
		},
	}
}

// nodeMetadata is the client in the words of RFC 7591.
func nodeMetadata(c oauthClient) map[string]any {
	out := map[string]any{
		"client_id": c.ID, "redirect_uris": []string{c.Redirect},
		"application_type": "native", "token_endpoint_auth_method": "none",
	}
	if c.Web {
		out["application_type"] = "web"
	}
	if c.Secret != "" {
		out["client_secret"], out["token_endpoint_auth_method"] = c.Secret, "client_secret_post"
	}
	if c.Device {
		out["grant_types"] = []string{"authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"}
	}
	if c.Life > 0 {
		out["life"] = c.Life
	}
	return out
}

// nodeProcess returns the origin of the running server.
func nodeProcess(t *testing.T) string {
	t.Helper()
	return nodeRun(t, "oidc-provider", "oidc.mjs")
}

// nodeRun runs a script that needs a package, until t ends, and returns its first line.
func nodeRun(t *testing.T, needs string, args ...string) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(nodeFolder, "node_modules", needs, "package.json")); err != nil {
		t.Fatalf("%s is not installed in backend/%s. Run make test once: it installs it with npm ci.", needs, nodeFolder)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("Node.js is not installed, and " + needs + " needs it. Run make test: it names or installs the packages.")
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), node, args...)
	cmd.Dir = nodeFolder
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first, readErr := bufio.NewReader(out).ReadString('\n')
	t.Cleanup(func() {
		_ = in.Close() // which ends it
		stuck := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
		defer stuck.Stop()
		if err := cmd.Wait(); err != nil || t.Failed() {
			t.Logf("%s ended: %v\n%s", needs, err, complaints.String())
		}
	})
	if readErr != nil {
		t.Fatalf("%s did not start: %v", needs, readErr)
	}
	return strings.TrimSpace(first)
}
