package connection_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pie/backend/connection"
)

// BenchmarkThousand: what a home with 1,000 connections pays to list them and to
// look for those that must be renewed.
func BenchmarkThousand(b *testing.B) {
	w := newWorld(b)
	const many = 1000
	for i := range many {
		w.add("mail", fmt.Sprintf("s%d", i), "client-mail")
		w.agents.change("mail", fmt.Sprintf("s%d", i), func(s *connection.Service) { s.Provider.Lifetime.RefreshTTL = int(90 * day / time.Second) })
	}
	w.agents.mu.Lock()
	delete(w.agents.services, "mail/default")
	delete(w.agents.services, "notes/default")
	w.agents.mu.Unlock()
	for i := range many {
		w.connect(connection.Request{Service: fmt.Sprintf("s%d", i), Redirect: "paste"})
	}
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			if list, err := w.m.List(context.Background(), ""); err != nil || len(list) != many {
				b.Fatal(len(list), err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "ms")
	})
	b.Run("scan", func(b *testing.B) {
		for b.Loop() {
			if err := w.m.TendOnce(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e6, "ms")
	})
}
