package connection_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"pie/backend/connection"
)

// BenchmarkRequest sets one authorized request (store, vault, check, scrubbing,
// without the audit's fsync) against net/http over the same transport, turn by
// turn. It reports the time of each and the ratio.
func BenchmarkRequest(b *testing.B) {
	transport := &http.Transport{MaxIdleConnsPerHost: 4}
	b.Cleanup(transport.CloseIdleConnections)
	w := newWorld(b, func(d *connection.Deps) { d.Transport, d.Audit = transport, nil })
	w.connect(connection.Request{})
	token := with(w.service, func() string {
		for _, each := range w.service.issued {
			if strings.HasPrefix(each, "at.") {
				return each
			}
		}
		return ""
	})
	body := []byte(strings.Repeat(`{"id":1,"name":"an item like many"},`, 100))
	w.service.set(func() { w.service.api = func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(body) } })
	session := w.m.Session(connection.RunRef{Agent: "mail"})
	plain := func() {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, w.url("/api/items"), nil)
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		res, err := transport.RoundTrip(r)
		if err != nil || res.StatusCode != http.StatusOK {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
	ours := func() {
		if a, err := session.OAuthFetch(context.Background(), "default", connection.Call{URL: w.url("/api/items")}); err != nil || !a.OK {
			b.Fatal(err)
		}
	}
	var plainTime, ourTime time.Duration
	for b.Loop() {
		start := time.Now()
		plain()
		middle := time.Now()
		ours()
		plainTime += middle.Sub(start)
		ourTime += time.Since(middle)
	}
	n := float64(b.N)
	b.ReportMetric(float64(plainTime.Microseconds())/n, "net/http-µs")
	b.ReportMetric(float64(ourTime.Microseconds())/n, "authorized-µs")
	b.ReportMetric(float64((ourTime-plainTime).Microseconds())/n, "overhead-µs")
	b.ReportMetric(float64(ourTime)/float64(plainTime), "ratio")
}
