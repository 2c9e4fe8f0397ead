package backend_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"pie/backend/oauth/oauthtest"
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
	return oauthtest.Node(t, nodeFolder, "oidc-provider", "oidc.mjs")
}
