package pagetest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"pie/app"
	"pie/backend/paths"
	"pie/backend/practice"
)

// pretendFile is a service where people register apps of their own.
const pretendFile = `schema: 1
id: pretend
name: Pretend
category: [notes]
links: {console: "%[1]s/console", manage: "%[1]s/manage"}
endpoints: {issuer: "%[1]s", authorization: "%[1]s/authorize", token: "%[1]s/token", revocation: {url: "%[1]s/revoke", method: rfc7009}}
client: {auth: [post]}
pkce: {mode: required}
redirect: {custom_scheme: true, loopback: {port: any}}
scopes: {items: [{id: notes.read, label: Read notes, risk: read}]}
api: {hosts: ["%[1]s"]}
identity: {url: "%[1]s/userinfo", id: /sub, label: [/email]}
lifetime: {refresh: rotates}
setup: ["Register {redirect_uri} there."]
checked: listed
`

// tokensFile is a service that takes personal tokens and codes of devices.
const tokensFile = `schema: 1
id: tokens
name: Tokens
category: [notes]
effort: token
links: {manage: "%[1]s/manage"}
endpoints: {authorization: "%[1]s/authorize", token: "%[1]s/token", device: "%[1]s/device"}
client: {auth: [post]}
pkce: {mode: required}
redirect: {custom_scheme: true, device: true}
scopes: {items: [{id: notes.read, label: Read notes, risk: read}]}
api: {hosts: ["%[1]s"]}
identity: {url: "%[1]s/me", id: /id, label: [/name]}
lifetime: {refresh: none}
token: {url: "%[1]s/tokens", header: X-Pretend-Token, steps: [Open your settings there., Press Make a token., Copy it.]}
checked: listed
`

const agentFile = `---
name: %[1]s
displayName: %[2]s
description: Reads notes.
tier: connector
version: 1.0.0
manifest:
  oauth: {provider: %[3]s, scopes: [%[4]s], clientIdSecret: THE_ID, clientSecretSecret: THE_SECRET}
  developerSecrets: {THE_ID: {description: Id.}, THE_SECRET: {description: Secret.}}
---
module.exports = { handler() { return 'read' } };
`

// pretended is a home with services of a person's own and agents that use them.
type pretended struct {
	URL    string `json:"url"`
	ID     string `json:"id"`
	Secret string `json:"secret"`
	Token  string `json:"token"` // of Ann
	Other  string `json:"other"` // of Bea, at the same service
}

func openPretended(t *testing.T) (*app.App, pretended) {
	t.Helper()
	server, err := practice.Start(t.Context(), practice.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	out := pretended{ID: server.ClientID(), Secret: server.ClientSecret().Reveal(), Token: "pt_a-token-for-the-test", Other: "pt_another-for-the-test"}
	tokens := httptest.NewServer(tokensServer(map[string]string{out.Token: "Ann", out.Other: "Bea"}))
	t.Cleanup(tokens.Close)
	dir := t.TempDir()
	folder := filepath.Join(dir, "config", "providers")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "pretend.yaml"), fmt.Sprintf(pretendFile, server.URL()))
	write(t, filepath.Join(folder, "tokens.yaml"), fmt.Sprintf(tokensFile, tokens.URL))
	a := openWith(t, dir, paths.Environment{KeySource: "keyfile", KeyFile: filepath.Join(dir, "key")})
	for _, each := range [][]any{
		{"reader", "Note reader", "pretend", "notes.read"},
		{"taker", "Token taker", "tokens", "notes.read"},
		{"desk", "Help desk", "zendesk", "read"},
	} {
		file := filepath.Join(t.TempDir(), "agent.pie")
		write(t, file, fmt.Sprintf(agentFile, each...))
		install(t, a, file)
	}
	return a, out
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tokensServer knows whose a token is, and gives codes that nobody ever types.
func tokensServer(people map[string]string) http.Handler {
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, status int, body any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
	mux.HandleFunc("/me", func(w http.ResponseWriter, r *http.Request) {
		name := people[r.Header.Get("X-Pretend-Token")]
		if name == "" {
			answer(w, http.StatusUnauthorized, map[string]string{"error": "unknown"})
			return
		}
		answer(w, http.StatusOK, map[string]string{"id": "id of " + name, "name": name})
	})
	mux.HandleFunc("/device", func(w http.ResponseWriter, r *http.Request) {
		page := "http://" + r.Host + "/activate"
		answer(w, http.StatusOK, map[string]any{
			"device_code": "d", "user_code": "WDJB-MJHT", "verification_uri": page,
			"verification_uri_complete": page + "?user_code=WDJB-MJHT", "expires_in": 1800, "interval": 60,
		})
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusBadRequest, map[string]string{"error": "authorization_pending"})
	})
	return mux
}
