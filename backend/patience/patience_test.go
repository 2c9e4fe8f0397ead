package patience_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pie/backend/patience"
)

// heard is a test that only writes down what is said of it, and ends.
type heard struct{ said string }

func (h *heard) Fatalf(format string, args ...any) {
	h.said = fmt.Sprintf(format, args...)
	panic(h)
}

func TestUntil(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		after time.Duration // when it comes about
		said  string
	}{
		"at once": {0, ""},
		"late":    {patience.Limit - time.Second, ""},
		"never":   {time.Hour, "it never came about: the train"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began, h := time.Now(), &heard{}
				defer func() {
					if failed := recover() != nil; failed != (c.said != "") || h.said != c.said || time.Since(began) > patience.Limit+time.Second {
						t.Errorf("said %q after %s", h.said, time.Since(began))
					}
				}()
				patience.Until(h, "the train", func() bool { return time.Since(began) >= c.after })
			})
		})
	}
}
