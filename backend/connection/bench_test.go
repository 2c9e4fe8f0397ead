package connection_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pie/backend/connection"
)

// BenchmarkRequest sets one authorized request (store, vault, check, scrubbing,
// without the audit's fsync) against net/http over the same transport, turn by
// turn. It reports the median of each, the difference and the ratio.
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
	var plainTimes, ourTimes []time.Duration
	for b.Loop() {
		start := time.Now()
		plain()
		middle := time.Now()
		ours()
		plainTimes = append(plainTimes, middle.Sub(start))
		ourTimes = append(ourTimes, time.Since(middle))
	}
	plainTime, ourTime := median(plainTimes), median(ourTimes)
	b.ReportMetric(float64(plainTime.Nanoseconds())/1e3, "net/http-µs")
	b.ReportMetric(float64(ourTime.Nanoseconds())/1e3, "authorized-µs")
	b.ReportMetric(float64((ourTime-plainTime).Nanoseconds())/1e3, "overhead-µs")
	b.ReportMetric(float64(ourTime)/float64(plainTime), "ratio")
}

// median is the one in the middle: what else the machine does makes some turns
// many times as long.
func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}
