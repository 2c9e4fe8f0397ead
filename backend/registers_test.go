package backend_test

import (
	"slices"
	"testing"

	"pie/backend"
	"pie/backend/secret"
)

// taskAgent signs in at a service of the catalogue that takes registrations by
// request, and names secrets for an app all the same.
const taskAgent = `---
name: tasks
displayName: Tasks
description: Reads tasks.
tier: tool
version: 1.0.0
manifest:
  tool: {name: read, description: Reads., parameters: {type: object, properties: {}}}
  oauth: {provider: todoist, scopes: ["data:read"], clientIdSecret: THE_ID, clientSecretSecret: THE_SECRET}
  developerSecrets: {THE_ID: {description: Id., required: true}, THE_SECRET: {description: Secret., required: true}}
---
module.exports = { handler: async () => 1 };
`

// TestRegistersWhereNothingIsKept: where the catalogue knows an address for it, nobody
// is asked to register an app or to set its secrets, until there is one.
func TestRegistersWhereNothingIsKept(t *testing.T) {
	t.Parallel()
	h := newHome(t, t.TempDir())
	h.install(t, backend.Source{Name: "tasks.pie", Content: []byte(taskAgent)})
	s, err := h.Service(t.Context(), "tasks", "default")
	if err != nil || !backend.Registers(s) || s.Provider.RedirectKinds()[0] != "loopback" {
		t.Fatalf("%+v %v", s, err)
	}
	p, _, err := h.Agents.Get("tasks")
	if err != nil {
		t.Fatal(err)
	}
	offers, err := h.Offers(p)
	if err != nil || len(offers.Bases) != 0 || !slices.Contains(offers.Covered, "THE_ID") || !slices.Contains(offers.Covered, "THE_SECRET") {
		t.Errorf("%+v %v", offers, err)
	}
	for name, value := range map[string]string{"THE_ID": "mine", "THE_SECRET": "kept"} {
		if err := h.SetSecret(t.Context(), "tasks", name, secret.New(value)); err != nil {
			t.Fatal(err)
		}
	}
	if s, err = h.Service(t.Context(), "tasks", "default"); err != nil || backend.Registers(s) || s.Client.ID != "mine" {
		t.Errorf("with an app of one's own: %+v %v", s.Client, err)
	}
}
