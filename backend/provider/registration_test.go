package provider_test

import (
	"slices"
	"testing"
)

// TestRegistration: only where docs/decisions say why, by an address that such
// clients may have, and with nothing that somebody would have to know before.
func TestRegistration(t *testing.T) {
	t.Parallel()
	var found []string
	for _, p := range load(t).List() {
		if p.Endpoints.Registration == "" {
			continue
		}
		found = append(found, p.ID)
		if p.Effort != "sign-in" || p.RedirectKinds()[0] != "loopback" || len(p.Parameters) > 0 || p.Note == "" {
			t.Errorf("%s: %s, %v, %+v, %q", p.ID, p.Effort, p.RedirectKinds(), p.Parameters, p.Note)
		}
	}
	if want := []string{"fastmail", "railway", "todoist", "twist"}; !slices.Equal(found, want) {
		t.Errorf("got %v, want %v", found, want)
	}
}
