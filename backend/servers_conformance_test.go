package backend_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

// authServer is an authorization server that this project has not written, with
// an API behind it. Its functions look behind the scenes.
type authServer struct {
	origin        string
	metadata      endpoints
	watched       *watched // where there is a proxy in between
	publicDevices bool     // devices have no secret: it takes none in the body from them
	replayEnds    bool     // a code that comes twice ends the grant, as RFC 6749, section 4.1.2, advises

	register func(t *testing.T, c oauthClient)
	expire   func(t *testing.T, client string)          // every access token has run out
	issued   func(t *testing.T, client string) []issued // what the token endpoint has handed out, in order
}

// endpoints are those of RFC 8414, section 2, by name.
type endpoints struct {
	Issuer        string `json:"issuer"`
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
	UserInfo      string `json:"userinfo_endpoint"`
	Revocation    string `json:"revocation_endpoint"`
	Device        string `json:"device_authorization_endpoint"`
}

// issued is one answer of the token endpoint, and what it was given for.
type issued struct {
	Grant    string `json:"grant"`
	Code     string `json:"code"`
	Verifier string `json:"verifier"`
	Access   string `json:"access"`
	Refresh  string `json:"refresh"`
	ID       string `json:"id"`
}

// oauthClient is an app as it is registered. Without a secret it is public.
type oauthClient struct {
	ID, Secret string
	Redirect   string
	Web        bool // not a native app
	Device     bool // may ask for a code to type
	Life       int  // of its access tokens in seconds, the server's default when zero
}

// discover reads the server's metadata, as an author would who writes a manifest.
func discover(t *testing.T, origin string) endpoints {
	t.Helper()
	var out endpoints
	if status := call(t, http.MethodGet, origin+"/.well-known/openid-configuration", "", nil, &out); status != http.StatusOK {
		t.Fatalf("metadata: %d", status)
	}
	return out
}

// accepts tells whether the API takes an access token.
func (s *authServer) accepts(t *testing.T, access string) bool {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.origin+"/api/repos", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+access)
	return send(t, r, nil) == http.StatusOK
}

func call(t *testing.T, method, address, contentType string, body io.Reader, out any) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return send(t, r, out)
}

func send(t *testing.T, r *http.Request, out any) int {
	t.Helper()
	res, err := (&http.Client{}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if out != nil {
		if err := json.NewDecoder(res.Body).Decode(out); err != nil {
			t.Fatalf("%s %s: %d, %v", r.Method, r.URL.Path, res.StatusCode, err)
		}
	}
	return res.StatusCode
}
