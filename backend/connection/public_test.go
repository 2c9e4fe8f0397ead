package connection_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/oauth"
)

// TestMetadataClient: an issuer elsewhere that leads to this computer, by its name or
// by a redirect, is not asked; one that names this computer itself is.
func TestMetadataClient(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 8)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}))
	t.Cleanup(server.Close)
	if _, err := oauth.Discover(t.Context(), connection.MetadataClient("issuer.example"), server.URL); !fault.Is(err, fault.Offline) || len(asked) != 0 {
		t.Errorf("a name that leads here: %v, asked %d times", err, len(asked))
	}
	if _, err := oauth.Discover(t.Context(), connection.MetadataClient("127.0.0.1"), server.URL); !fault.Is(err, fault.Denied) || len(asked) != 2 {
		t.Errorf("this computer: %v, asked %d times", err, len(asked))
	}
	for range len(asked) {
		if path := <-asked; path == "/elsewhere" {
			t.Error("a redirect was followed")
		}
	}
}
