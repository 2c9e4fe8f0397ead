package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// codeFile is a service that hands out codes to type.
const codeFile = `schema: 1
id: %[2]s
name: Codes
category: [notes]
endpoints: {authorization: "%[1]s/authorize", token: "%[1]s/token", device: "%[1]s/device"}
client: {auth: [none]}
pkce: {mode: required}
redirect: {custom_scheme: true, device: true}
scopes: {items: [{id: notes.read, label: Read notes, risk: read}]}
api: {hosts: ["%[1]s"]}
identity: {url: "%[1]s/me", id: /id, label: [/name]}
lifetime: {refresh: none}
checked: listed
`

// codes is a service of RFC 8628: what the person has said, by user code.
type codes struct {
	mu     sync.Mutex
	url    string
	life   int
	given  int
	answer map[string]string // "", allow or deny
}

// ServeHTTP hands out a code, tells how far the person is, and knows its person.
func (c *codes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	reply := func(status int, body any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
	switch r.URL.Path {
	case "/device":
		c.given++
		user := fmt.Sprintf("WDJB-%04d", c.given)
		c.answer[user] = ""
		reply(http.StatusOK, map[string]any{
			"device_code": "secret-" + user, "user_code": user, "interval": 1, "expires_in": c.life,
			"verification_uri": c.url + "/type", "verification_uri_complete": c.url + "/type?user_code=" + user,
		})
	case "/token":
		switch c.answer[strings.TrimPrefix(r.PostFormValue("device_code"), "secret-")] {
		case "allow":
			reply(http.StatusOK, map[string]any{"access_token": "at-canary", "token_type": "Bearer", "expires_in": 3600})
		case "deny":
			reply(http.StatusBadRequest, map[string]string{"error": "access_denied"})
		default:
			reply(http.StatusBadRequest, map[string]string{"error": "authorization_pending"})
		}
	case "/me":
		if r.Header.Get("Authorization") != "Bearer at-canary" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		reply(http.StatusOK, map[string]string{"id": "7", "name": "Ann"})
	default:
		http.NotFound(w, r)
	}
}

// codeserve NAME LIFE starts a service whose codes live that many seconds, with a
// provider file of that name in the home. The environment names its address in NAME.
func codeserve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: codeserve NAME LIFE")
	}
	c := &codes{answer: map[string]string{}}
	_, err := fmt.Sscan(args[1], &c.life)
	ts.Check(err)
	server := httptest.NewUnstartedServer(c)
	c.url = "http://" + server.Listener.Addr().String()
	server.Start()
	ts.Defer(server.Close)
	ts.Value("codes").(map[string]*codes)[args[0]] = c //nolint:forcetypeassert // Setup put it there
	folder := ts.MkAbs("home/config/providers")
	ts.Check(os.MkdirAll(folder, 0o700))
	ts.Check(os.WriteFile(filepath.Join(folder, args[0]+".yaml"), fmt.Appendf(nil, codeFile, c.url, args[0]), 0o600))
	ts.Setenv(args[0], c.url)
}

var shownCode = regexp.MustCompile(`WDJB-\d{4}`)

// typecode NAME FILE allow|deny is the person, who reads the code where the program
// has shown it, and types it on the service's page.
func typecode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: typecode NAME FILE allow|deny")
	}
	c := ts.Value("codes").(map[string]*codes)[args[0]] //nolint:forcetypeassert // Setup put it there
	code := shownCode.FindString(ts.ReadFile(args[1]))
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.answer[code]; !known {
		ts.Fatalf("%s shows no code of the service: %q", args[1], code)
	}
	c.answer[code] = args[2]
}
