package backend_test

import (
	"fmt"
	"slices"
	"testing"

	"pie/backend"
	"pie/backend/automation"
	"pie/backend/connection"
	"pie/backend/plugin"
)

// clockAgent runs by itself, and calls another.
const clockAgent = `---
name: %s
displayName: Clock
description: Runs by itself.
tier: automation
version: 1.0.0
manifest:
  calls: [one]
  automation: {triggers: [{type: interval, default: 900}, {type: interval, default: 1800}]}
---
function handler() { return 1; }
module.exports = { handler };
`

// TestStopsOf: with a connection stop the automations that are on and use it, and
// what calls its agent.
func TestStopsOf(t *testing.T) {
	t.Parallel()
	h, _, app := pretendHome(t)
	for name, calls := range map[string][]string{"caller": {"one"}, "bystander": nil} {
		source := backend.Source{Name: name + ".pie", Content: fmt.Appendf(nil, clockAgent, name)}
		p, err := h.Load(t.Context(), source)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Install(t.Context(), source, p.Hash, plugin.Approved{Calls: calls}, false); err != nil {
			t.Fatal(err)
		}
	}
	for id, account := range map[string]string{"caller/0": "", "bystander/0": ""} {
		if err := h.EnableAutomation(id, automation.Choice{Account: account}); err != nil {
			t.Fatal(err)
		}
	}
	stops, err := h.StopsOf("one", "")
	if err != nil || !slices.Equal(stops.Callers, []string{"caller"}) || !slices.Equal(stops.Automations, []string{"caller/0"}) {
		t.Errorf("got %+v, %v", stops, err)
	}
	if err := h.EnableAutomation("bystander/1", automation.Choice{Account: "work"}); err != nil {
		t.Fatal(err)
	}
	for label, want := range map[string][]string{
		"": {"bystander/0", "bystander/1"}, "work": {"bystander/0", "bystander/1"}, "home": {"bystander/0"},
	} {
		if stops, err := h.StopsOf("bystander", label); err != nil || !slices.Equal(stops.Automations, want) {
			t.Errorf("%q: %+v, %v", label, stops, err)
		}
	}
	h.consent(t, nil)
	if _, err := h.AddClient(t.Context(), "pretend", app, false); err != nil {
		t.Fatal(err)
	}
	if _, err := h.GrantClient("pretend", "one"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.connectAgent(t, "one", "scheme"); err != nil {
		t.Fatal(err)
	}
	done, err := h.Disconnect(t.Context(), "one", "default", "", connection.DisconnectOptions{})
	if err != nil || !slices.Equal(done.Stopped, []string{"one", "caller", "caller/0"}) {
		t.Errorf("got %+v, %v", done, err)
	}
}
