package backend_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pie/backend"
	"pie/backend/paths"
	"pie/backend/patience"
	"pie/backend/settings"
)

// TestQuietHoursAreSummedUp: nothing is shown in them, and one notification after
// them says how much there was, without a word of it.
func TestQuietHoursAreSummedUp(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now, shown := time.Date(2026, 6, 1, 23, 0, 0, 0, time.UTC), []string{}
	locked := func(fn func()) { mu.Lock(); defer mu.Unlock(); fn() }
	dir := t.TempDir()
	b, err := backend.Open(t.Context(), backend.Options{
		Paths: paths.In(dir), Env: paths.Environment{KeySource: "keyfile", KeyFile: filepath.Join(dir, "key"), TimeZone: "UTC", LoopbackPort: 1},
		Now: func() (at time.Time) { locked(func() { at = now }); return at },
		Desktop: func(_ context.Context, title, text string) error {
			locked(func() { shown = append(shown, title+": "+text) })
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	if err := b.Change(func(s *settings.Settings) { s.QuietFrom, s.QuietTo = "22:00", "07:00" }); err != nil {
		t.Fatal(err)
	}
	h := &home{Backend: b, dir: dir}
	h.install(t, doing("mail", ""))
	h.install(t, doing("weather", ""))
	h.try(t, "mail", code(`await context.notify('a secret', { title: 'Mail' }); await context.notify('another')`))
	h.try(t, "weather", code(`await context.notify('rain')`))
	if list, err := b.Messages("", 10); err != nil || len(list) != 3 {
		t.Errorf("%d messages in the inbox, %v", len(list), err)
	}
	locked(func() {
		if len(shown) != 0 {
			t.Errorf("shown in quiet hours: %q", shown)
		}
		now = now.Add(8 * time.Hour)
	})
	h.try(t, "weather", code(`await context.notify('sun')`))
	patience.Until(t, "both are shown", func() (both bool) { locked(func() { both = len(shown) == 2 }); return both })
	slices.Sort(shown)
	if shown[1] != "While it was quiet: Messages: 2 from mail, 1 from weather. They stand in the inbox." || !strings.HasSuffix(shown[0], "sun") {
		t.Errorf("%q", shown)
	}
}
