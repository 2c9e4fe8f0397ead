package oauthtest

import "net/http"

// Undisturbed lets tests that run side by side use http.DefaultTransport: the Close
// of an httptest.Server closes its idle connections, those of other tests too, and a
// request whose connection has just been made fails with it. It is for TestMain.
func Undisturbed() {
	http.DefaultTransport = onlyRoundTrips{http.DefaultTransport} //nolint:forbidigo // this is about it
}

// onlyRoundTrips has no CloseIdleConnections.
type onlyRoundTrips struct{ http.RoundTripper }
