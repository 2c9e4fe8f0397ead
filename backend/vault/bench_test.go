package vault_test

import (
	"testing"
	"time"
)

func seconds(b *testing.B, fn func() error) float64 {
	b.Helper()
	start := time.Now()
	for range 20 {
		if err := fn(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start).Seconds()
}
