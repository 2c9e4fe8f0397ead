package cli_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"pie/backend/practice"
)

// pretendFile is a provider file of the person for a server on loopback.
const pretendFile = `schema: 1
id: %[2]s
name: Pretend %[2]s
category: [notes]
links: {console: "%[1]s/console", manage: "%[1]s/manage"}
endpoints:
  issuer: "%[1]s"
  authorization: "%[1]s/authorize"
  token: "%[1]s/token"
  revocation: {url: "%[1]s/revoke", method: rfc7009}
client: {auth: [post]}
pkce: {mode: required}
redirect: {custom_scheme: true, https: true, loopback: {port: any}}
scopes:
  items:
    - {id: notes.read, label: Read notes, risk: read}
    - {id: notes.write, label: Add notes, risk: write}
api: {hosts: ["%[1]s"]}
identity: {url: "%[1]s/userinfo", id: /sub, label: [/email]}
lifetime: {refresh: rotates}
setup: ["Register {redirect_uri} there."]
checked: listed
`

// servers are the pretended services of one script, by name.
type servers map[string]*practice.Server

// serve NAME starts a service, with a provider file of that name in the home, and
// writes its app to NAME.json and a wrong one to NAME.wrong.json. The environment
// names its address in NAME.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serve NAME")
	}
	server, err := practice.Start(context.Background(), practice.Options{})
	ts.Check(err)
	ts.Defer(func() { _ = server.Close() })
	ts.Value("servers").(servers)[args[0]] = server //nolint:forcetypeassert // Setup put it there
	folder := ts.MkAbs("home/config/providers")
	ts.Check(os.MkdirAll(folder, 0o700))
	write := func(file, text string) { ts.Check(os.WriteFile(file, []byte(text), 0o600)) }
	write(filepath.Join(folder, args[0]+".yaml"), fmt.Sprintf(pretendFile, server.URL(), args[0]))
	write(ts.MkAbs(args[0]+".json"), fmt.Sprintf(`{"client_id":%q,"client_secret":%q}`, server.ClientID(), server.ClientSecret().Reveal()))
	write(ts.MkAbs(args[0]+".wrong.json"), fmt.Sprintf(`{"client_id":%q,"client_secret":"not-it"}`, server.ClientID()))
	ts.Setenv(args[0], server.URL())
}

// unserve NAME ends a service, as one that cannot be reached any more.
func unserve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: unserve NAME")
	}
	ts.Check(ts.Value("servers").(servers)[args[0]].Close()) //nolint:forcetypeassert // Setup put it there
}

// tokenFile is a service that takes personal tokens in a header of its own.
const tokenFile = `schema: 1
id: %[2]s
name: Tokens
category: [notes]
effort: token
links: {manage: "%[1]s/manage"}
endpoints: {authorization: "%[1]s/authorize", token: "%[1]s/token"}
client: {auth: [post]}
pkce: {mode: required}
redirect: {custom_scheme: true}
scopes: {items: [{id: notes.read, label: Read notes, risk: read}]}
api: {hosts: ["%[1]s"]}
identity: {url: "%[1]s/me", id: /id, label: [/name]}
lifetime: {refresh: none}
token: {url: "%[1]s/tokens", header: X-Pretend-Token, steps: [Press Make.]}
checked: listed
`

// tokenserve NAME TOKEN starts a service that takes TOKEN in X-Pretend-Token, and
// answers with what it was sent. The environment names its address in NAME.
func tokenserve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tokenserve NAME TOKEN")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Pretend-Token") != args[1] {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"id":"7","name":"Ann","authorization":%q,"token":%q}`, r.Header.Get("Authorization"), r.Header.Get("X-Pretend-Token"))
	}))
	ts.Defer(server.Close)
	folder := ts.MkAbs("home/config/providers")
	ts.Check(os.MkdirAll(folder, 0o700))
	ts.Check(os.WriteFile(filepath.Join(folder, args[0]+".yaml"), fmt.Appendf(nil, tokenFile, server.URL, args[0]), 0o600))
	ts.Setenv(args[0], server.URL)
}
