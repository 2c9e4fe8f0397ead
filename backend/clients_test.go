package backend_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pie/backend"
	"pie/backend/client"
	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/practice"
	"pie/backend/secret"
)

// pretendFile is a provider file of the person for a server on loopback.
const pretendFile = `schema: 1
id: pretend
name: Pretend
category: [notes]
links: {console: "%[1]s/console"}
endpoints:
  issuer: "%[1]s"
  authorization: "%[1]s/authorize"
  token: "%[1]s/%[2]s"
  revocation: {url: "%[1]s/revoke", method: rfc7009}
client: {auth: [post]}
pkce: {mode: required}
redirect: {custom_scheme: true, https: true, loopback: {port: any}}
scopes: {items: [{id: notes.read, label: Read notes, risk: read}]}
api: {hosts: ["%[1]s"]}
identity: {url: "%[1]s/userinfo", id: /sub, label: [/email]}
lifetime: {refresh: rotates}
checked: listed
`

// pretendAgent uses it, with names for a client of its own.
const pretendAgent = `---
name: %s
displayName: Pretender
description: Reads notes.
tier: tool
version: 1.0.0
manifest:
  tool: {name: read, description: Reads., parameters: {type: object, properties: {}}}
  oauth: {provider: pretend, scopes: [notes.read], clientIdSecret: THE_ID, clientSecretSecret: THE_SECRET}
  developerSecrets: {THE_ID: {description: Id., required: true}, THE_SECRET: {description: Secret., required: true}}
---
async function handler(input, context) { return (await context.oauth.fetch(input.base + '/notes')).status; }
module.exports = { handler };
`

// pretendHome is a home whose catalogue knows a server with its one client, and
// agents one and two that use it.
func pretendHome(t *testing.T) (*home, *practice.Server, client.Credentials) {
	t.Helper()
	server, err := practice.Start(t.Context(), practice.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	dir := t.TempDir()
	describePretend(t, dir, server.URL(), "token")
	h := newHome(t, dir)
	for _, name := range []string{"one", "two"} {
		h.install(t, backend.Source{Name: name + ".pie", Content: fmt.Appendf(nil, pretendAgent, name)})
	}
	return h, server, client.Credentials{ID: server.ClientID(), Secret: server.ClientSecret()}
}

func describePretend(t *testing.T, dir, base, token string) {
	t.Helper()
	folder := filepath.Join(dir, "config", "providers")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "pretend.yaml"), fmt.Appendf(nil, pretendFile, base, token), 0o600); err != nil {
		t.Fatal(err)
	}
}

func wantFault(t *testing.T, err error, code fault.Code, says string) {
	t.Helper()
	problem := fault.Public(err)
	if fault.CodeOf(err) != code || problem != nil && !strings.Contains(problem.Message+" "+problem.Hint, says) {
		t.Errorf("want %q saying %q, got %v", code, says, problem)
	}
}

func (h *home) connectAgent(t *testing.T, agent, kind string) (connection.Connection, error) {
	t.Helper()
	return h.Connections.Connect(t.Context(), connection.Request{Op: agent + kind, Agent: agent, Redirect: kind})
}

// TestClientIsGranted: an app of the person is used by those agents that were
// granted it, and by nobody else, though they name the same provider.
func TestClientIsGranted(t *testing.T) {
	t.Parallel()
	h, _, app := pretendHome(t)
	h.consent(t, nil)
	_, err := h.connectAgent(t, "one", "scheme")
	wantFault(t, err, fault.Conflict, "pie client add pretend")
	wrong := client.Credentials{ID: app.ID, Secret: secret.New("not-it")}
	_, err = h.AddClient(t.Context(), "pretend", wrong, true)
	wantFault(t, err, fault.Denied, "does not know")
	if list, err := h.Clients.List(); err != nil || len(list) != 0 {
		t.Errorf("a refused app was kept: %+v, %v", list, err)
	}
	kept, err := h.AddClient(t.Context(), "pretend", app, true)
	if err != nil || kept.Check == nil || kept.Check.Verdict != client.Accepted {
		t.Fatalf("got %+v, %v", kept, err)
	}
	_, err = h.connectAgent(t, "one", "scheme")
	wantFault(t, err, fault.Conflict, "pie client grant pretend one")
	if _, err := h.GrantClient("pretend", "one"); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"scheme", "loopback", "paste"} {
		if c, err := h.connectAgent(t, "one", kind); err != nil || c.Status != connection.Connected {
			t.Errorf("%s: %+v, %v", kind, c, err)
		}
	}
	_, err = h.connectAgent(t, "two", "scheme")
	wantFault(t, err, fault.Conflict, "pie client grant pretend two")
}

// TestClientRedirect: one path for all agents, and a code for it is worth nothing
// on an agent's own.
func TestClientRedirect(t *testing.T) {
	t.Parallel()
	h, _, app := pretendHome(t)
	if _, err := h.AddClient(t.Context(), "pretend", app, false); err != nil {
		t.Fatal(err)
	}
	if _, err := h.GrantClient("pretend", "one"); err != nil {
		t.Fatal(err)
	}
	service, err := h.Service(t.Context(), "one", "default")
	if err != nil || !service.Shared || service.Client.ID != app.ID {
		t.Fatalf("got %+v, %v", service, err)
	}
	for kind, want := range map[string]string{
		"scheme": "app.pie.desktop:/api/oauth/client/pretend/callback", "paste": "https://localhost/api/oauth/client/pretend/callback",
		"loopback": "http://127.0.0.1:1/api/oauth/client/pretend/callback",
	} {
		if got := h.Connections.RedirectURI(service, kind); got != want {
			t.Errorf("%s: %s", kind, got)
		}
	}
	addresses := make(chan string, 1)
	h.open = func(url string) { addresses <- url }
	done := make(chan error, 1)
	go func() {
		_, err := h.Connections.Connect(context.Background(), connection.Request{Op: "x", Agent: "one", Redirect: "scheme"})
		done <- err
	}()
	link, err := practice.Consent(t.Context(), nil, <-addresses, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"plugin/one", "plugin/pretend", "client/one", "client/pretend/x"} {
		_, err := h.Connections.Callback(t.Context(), strings.Replace(link, "client/pretend", path, 1))
		wantFault(t, err, fault.NotFound, "No sign-in is waiting")
	}
	if c, err := h.Connections.Callback(t.Context(), link); err != nil || c.Agent != "one" {
		t.Errorf("got %+v, %v", c, err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestClientColdStart: a sign-in with the person's app is finished by a program
// that did not begin it; without the grant it is not.
func TestClientColdStart(t *testing.T) {
	t.Parallel()
	for name, granted := range map[string]bool{"granted": true, "taken back meanwhile": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, _, app := pretendHome(t)
			if _, err := h.AddClient(t.Context(), "pretend", app, false); err != nil {
				t.Fatal(err)
			}
			if _, err := h.GrantClient("pretend", "one"); err != nil {
				t.Fatal(err)
			}
			addresses := make(chan string, 1)
			h.open = func(url string) { addresses <- url }
			go func() {
				_, _ = h.Connections.Connect(context.Background(), connection.Request{Op: "x", Agent: "one", Redirect: "scheme"})
			}()
			link, err := practice.Consent(t.Context(), nil, <-addresses, nil, true)
			if err != nil {
				t.Fatal(err)
			}
			again := newHome(t, copyOf(t, h))
			if !granted {
				if _, _, err := again.RevokeClient(t.Context(), "pretend", "one"); err != nil {
					t.Fatal(err)
				}
			}
			c, err := again.Connections.Callback(t.Context(), link)
			if granted && (err != nil || c.Status != connection.Connected) {
				t.Errorf("got %+v, %v", c, err)
			}
			if !granted {
				wantFault(t, err, fault.Conflict, "changed while you signed in")
			}
		})
	}
}

// copyOf is the folder of a home as a crash would leave it now.
func copyOf(t *testing.T, h *home) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(h.dir)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestClientEnds: taking a grant back ends what was connected with it; removing
// the app ends all of it, at the service too.
func TestClientEnds(t *testing.T) {
	t.Parallel()
	h, server, app := pretendHome(t)
	h.consent(t, nil)
	if _, err := h.AddClient(t.Context(), "pretend", app, false); err != nil {
		t.Fatal(err)
	}
	for _, agent := range []string{"one", "two"} {
		if _, err := h.GrantClient("pretend", agent); err != nil {
			t.Fatal(err)
		}
		if _, err := h.connectAgent(t, agent, "scheme"); err != nil {
			t.Fatal(err)
		}
	}
	kept, gone, err := h.RevokeClient(t.Context(), "pretend", "one")
	if err != nil || len(gone) != 1 || gone[0].Connection.Agent != "one" || slices.Contains(kept.Agents, "one") {
		t.Errorf("got %+v, %+v, %v", kept, gone, err)
	}
	_, _, err = h.RevokeClient(t.Context(), "pretend", "one")
	wantFault(t, err, fault.NotFound, "was not granted")
	_, err = h.connectAgent(t, "one", "scheme")
	wantFault(t, err, fault.Conflict, "pie client grant")
	_, gone, err = h.RemoveClient(t.Context(), "pretend")
	if err != nil || len(gone) != 1 || gone[0].Connection.Agent != "two" || gone[0].Revoked == nil || !*gone[0].Revoked {
		t.Errorf("got %+v, %v", gone, err)
	}
	if live := server.Stats().Live; live > 1 { // that of agent one was shared, so it was only forgotten
		t.Errorf("%d grants live on", live)
	}
	_, _, err = h.RemoveClient(t.Context(), "pretend")
	wantFault(t, err, fault.NotFound, "pie client add pretend")
	_, err = h.connectAgent(t, "two", "scheme")
	wantFault(t, err, fault.Conflict, "pie client add pretend")
}

// TestClientOfItsOwn: an agent's own client goes before the person's app, and a
// removed agent leaves no grant for another of its name.
func TestClientOfItsOwn(t *testing.T) {
	t.Parallel()
	h, _, app := pretendHome(t)
	if _, err := h.AddClient(t.Context(), "pretend", app, false); err != nil {
		t.Fatal(err)
	}
	if _, err := h.GrantClient("pretend", "one"); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"THE_ID": "its-own", "THE_SECRET": "s"} {
		if err := h.SetSecret(t.Context(), "one", name, secret.New(value)); err != nil {
			t.Fatal(err)
		}
	}
	service, err := h.Service(t.Context(), "one", "default")
	if err != nil || service.Shared || service.Client.ID != "its-own" || !strings.Contains(h.Connections.RedirectURI(service, "scheme"), "plugin/one") {
		t.Errorf("got %+v, %v", service, err)
	}
	if _, err := h.Remove(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	h.install(t, backend.Source{Name: "one.pie", Content: fmt.Appendf(nil, pretendAgent, "one")})
	if service, err = h.Service(t.Context(), "one", "default"); err != nil || service.Shared || service.NeedsName != "THE_ID" || !service.HasApp {
		t.Errorf("got %+v, %v", service, err)
	}
}

// TestClientFollowsNoAddress: a provider file that was changed afterwards does not
// get the secret.
func TestClientFollowsNoAddress(t *testing.T) {
	t.Parallel()
	h, server, app := pretendHome(t)
	if _, err := h.AddClient(t.Context(), "pretend", app, false); err != nil {
		t.Fatal(err)
	}
	if _, err := h.GrantClient("pretend", "one"); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	describePretend(t, h.dir, server.URL(), "elsewhere")
	again := newHome(t, h.dir)
	before := server.Stats().Requests
	_, err := again.connectAgent(t, "one", "scheme")
	wantFault(t, err, fault.Conflict, "pie client add pretend")
	_, err = again.CheckClient(t.Context(), "pretend")
	wantFault(t, err, fault.Conflict, "were changed")
	if after := server.Stats().Requests; after != before {
		t.Errorf("%d requests were sent", after-before)
	}
}

func TestClientRefusals(t *testing.T) {
	t.Parallel()
	h, _, app := pretendHome(t)
	none := client.Credentials{ID: app.ID}
	for name, c := range map[string]struct { //nolint:paralleltest // the home ends with the test around them
		do   func() error
		code fault.Code
		says string
	}{
		"add: unknown provider": {func() error { _, err := h.AddClient(t.Context(), "nowhere", app, true); return err }, fault.NotFound, "provider"},
		"add: practice":         {func() error { _, err := h.AddClient(t.Context(), "practice", app, true); return err }, fault.Invalid, "brings its own"},
		"add: no sign-in there": {func() error { _, err := h.AddClient(t.Context(), "stripe", app, true); return err }, fault.Invalid, "no app to keep"},
		"add: empty id":         {func() error { _, err := h.AddClient(t.Context(), "pretend", client.Credentials{}, true); return err }, fault.Invalid, "empty"},
		"add: no secret":        {func() error { _, err := h.AddClient(t.Context(), "pretend", none, true); return err }, fault.Invalid, "secret"},
		"grant: no app":         {func() error { _, err := h.GrantClient("google", "one"); return err }, fault.NotFound, "pie client add google"},
		"revoke: no app":        {func() error { _, _, err := h.RevokeClient(t.Context(), "google", "one"); return err }, fault.NotFound, "no app"},
		"check: no app":         {func() error { _, err := h.CheckClient(t.Context(), "google"); return err }, fault.NotFound, "no app"},
		"remove: unknown":       {func() error { _, _, err := h.RemoveClient(t.Context(), "nowhere"); return err }, fault.NotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			wantFault(t, c.do(), c.code, c.says)
		})
	}
	if _, err := h.AddClient(t.Context(), "pretend", app, false); err != nil {
		t.Fatal(err)
	}
	_, err := h.GrantClient("pretend", "nobody")
	wantFault(t, err, fault.NotFound, "nobody")
	h.install(t, backend.Source{Name: "sample:practice-notes"})
	_, err = h.GrantClient("pretend", "practice-notes")
	wantFault(t, err, fault.Invalid, "does not use Pretend")
}
