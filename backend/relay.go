package backend

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"pie/backend/connection"
	"pie/backend/fault"
	"pie/backend/paths"
)

const (
	longestPage = 64 << 10

	// relayProbe is a path of no agent's sign-in that a relay page is shown at as well.
	relayProbe = "/api/oauth/plugin/check/callback"
)

// CheckRelay asks for the person's relay page at a path as sign-ins come back to.
// Faults: offline, not_found.
func (b *Backend) CheckRelay(ctx context.Context) error {
	address := b.Settings().Relay
	if address == "" {
		return fault.New(fault.NotFound, "There is no relay page.", "Give its address first.")
	}
	client := connection.PublicClient()
	defer client.CloseIdleConnections()
	return lookAtRelay(ctx, client, address)
}

func lookAtRelay(ctx context.Context, client *http.Client, address string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+relayProbe, http.NoBody)
	if err != nil {
		return fault.New(fault.Invalid, "This cannot be the address of a relay page.", "Give it anew.")
	}
	res, err := client.Do(r)
	if err != nil {
		return fault.Wrap(err, fault.Offline, r.URL.Host+" gave no answer.", "Look whether the page is hosted there, and whether its certificate is good.")
	}
	defer func() { _ = res.Body.Close() }()
	page, err := io.ReadAll(io.LimitReader(res.Body, longestPage))
	if err != nil {
		return fault.Wrap(err, fault.Offline, "The answer of "+r.URL.Host+" broke off.", "Try again.")
	}
	if res.StatusCode != http.StatusOK {
		return fault.New(fault.NotFound, fmt.Sprintf("%s answered %d where the page should be.", r.URL.Host, res.StatusCode), "The page must be shown for every path that begins with /api/oauth/ below its address.")
	}
	if !bytes.Contains(page, []byte(`"`+paths.AppID+`:"`)) {
		return fault.New(fault.NotFound, r.URL.Host+" shows another page.", "Host docs/relay/index.html there, unchanged, for every path that begins with /api/oauth/ below the address.")
	}
	return nil
}
