package pagetest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"pie/app"
	"pie/backend/oauth/oauthtest"
	"pie/backend/paths"
)

// codesFile is oidc-provider, as a service that gives codes to type.
const codesFile = `schema: 1
id: codes
name: Codes
category: [notes]
endpoints: {issuer: "%[1]s", authorization: "%[1]s/auth", token: "%[1]s/token", device: "%[1]s/device/auth", revocation: {url: "%[1]s/token/revocation", method: rfc7009}}
client: {auth: [post]}
pkce: {mode: required}
redirect: {custom_scheme: true, device: true}
scopes: {items: [{id: openid, label: Know who you are, risk: identity}, {id: email, label: Know your address, risk: identity}]}
api: {hosts: ["%[1]s"]}
identity: {url: "%[1]s/me", id: /sub, label: [/email]}
lifetime: {refresh: rotates}
checked: listed
`

// ledgerFile changes notes in the background and is asked for by another agent.
const ledgerFile = `---
name: ledger
displayName: Ledger
description: Adds up, and notes it.
tier: automation
version: 1.0.0
manifest:
  tool: {name: ledger, description: Notes a sum., parameters: {type: object, properties: {}}}
  oauth: {provider: practice, scopes: [notes.read, notes.write]}
  automation:
    triggers:
      - {type: cron, default: "0 6 * * 1", description: Weekly sum}
---
async function handler(input, context) {
  const base = (await context.oauth.getConnection()).apiBase;
  const r = await context.oauth.fetch(base + '/notes', {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ text: 'a sum' }),
  });
  return 'noted: ' + r.status;
}
module.exports = { handler };
`

// clerkFile asks for other agents and a language model; it is installed in the page.
const clerkFile = `---
name: clerk
displayName: Clerk
description: Has others work for it.
tier: tool
version: 1.0.0
manifest:
  calls: [ledger, practice-notes]
  tool: {name: clerk, description: Has the ledger work., parameters: {type: object, properties: {}}}
---
async function handler(input, context) {
  const sum = await context.callTool('ledger', {});
  const word = await context.ai.chat('Say one word.');
  return word.content;
}
module.exports = { handler };
`

// linked is a home whose agents depend on each other and on servers of a test.
type linked struct {
	URL    string `json:"url"`
	Clerk  string `json:"clerk"`  // the text of an agent
	Model  string `json:"model"`  // address of a model server
	Export string `json:"export"` // a file that is not there yet
}

func openLinked(t *testing.T) (*app.App, linked) {
	t.Helper()
	origin := startCodes(t)
	dir := t.TempDir()
	folder := filepath.Join(dir, "config", "providers")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "codes.yaml"), fmt.Sprintf(codesFile, origin))
	a := openWith(t, dir, paths.Environment{
		KeySource: "keyfile", KeyFile: filepath.Join(dir, "key"),
		Shell: []string{"XDG_CONFIG_HOME=" + filepath.Join(dir, "xdg"), "PIE_SYSTEMD=/nowhere/at/all", "DBUS_SESSION_BUS_ADDRESS=disabled:"},
	})
	ledger, typist := filepath.Join(t.TempDir(), "agent.pie"), filepath.Join(t.TempDir(), "agent.pie")
	write(t, ledger, ledgerFile)
	write(t, typist, fmt.Sprintf(agentFile, "typist", "Typist", "codes", "openid, email"))
	install(t, a, ledger)
	install(t, a, typist)
	install(t, a, "sample:practice-notes")
	model := httptest.NewServer(modelServer())
	t.Cleanup(model.Close)
	return a, linked{Clerk: clerkFile, Model: model.URL + "/v1", Export: filepath.Join(t.TempDir(), "runs.jsonl")}
}

// startCodes starts oidc-provider with the client that the typist is.
func startCodes(t *testing.T) string {
	t.Helper()
	origin := oauthtest.Node(t, "../../backend/oauth/oauthtest", "oidc-provider", "oidc.mjs")
	client, err := json.Marshal(map[string]any{
		"client_id": "an-id", "client_secret": "a-secret-of-the-walk", "token_endpoint_auth_method": "client_secret_post",
		"application_type": "native", "redirect_uris": []string{"app.pie.desktop:/api/oauth/plugin/typist/callback"},
		"grant_types": []string{"authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"},
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, origin+"/control/clients", bytes.NewReader(client))
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Client{}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if _ = res.Body.Close(); res.StatusCode != http.StatusOK {
		t.Fatalf("registering the client: %d", res.StatusCode)
	}
	return origin
}

// modelServer speaks as much of the OpenAI API as is asked of it.
func modelServer() http.Handler {
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, body any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(body)
	}
	mux.HandleFunc("GET /v1/models", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"data": []map[string]string{{"id": "small"}, {"id": "large"}}})
	})
	mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			Model string `json:"model"`
		}
		_ = json.NewDecoder(r.Body).Decode(&q)
		message := map[string]string{"role": "assistant", "content": "Said by " + q.Model}
		answer(w, map[string]any{"model": q.Model, "choices": []map[string]any{{"message": message, "finish_reason": "stop"}}})
	})
	return mux
}
