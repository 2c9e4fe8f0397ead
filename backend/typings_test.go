package backend_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pie/backend"
	"pie/backend/agent/typings"
	"pie/backend/plugin"
)

// TestAnswersAreAsDeclared holds what the host answers to the declarations that
// editors read. What the worker itself makes is held to them beside it.
func TestAnswersAreAsDeclared(t *testing.T) {
	t.Parallel()
	m, h := newModelServer(t), newHome(t, t.TempDir())
	address := m.URL + "/v1"
	if err := h.SetModel(t.Context(), backend.ModelChange{Address: &address}); err != nil {
		t.Fatal(err)
	}
	h.install(t, doing("called", ""))
	source := doing("asker", "  calls: [called]\n")
	p, err := h.Load(t.Context(), source)
	if err == nil {
		_, err = h.Install(t.Context(), source, p.Hash, plugin.Approved{Calls: []string{"called"}}, false)
	}
	if err != nil {
		t.Fatal(err)
	}
	got := h.try(t, "asker", code(`const names = (o) => Object.keys(o).sort();
		await context.files.write('a.txt', 'x');
		const tool = (await context.listTools())[0];
		return {
			AIAnswer: names(await context.ai.chat('x', { json: true })), AISummary: names(await context.ai.summarize('x')),
			AIMessage: names((await context.ai.chat('x')).message), FileInfo: names(await context.files.info('a.txt')),
			FileContent: names(await context.files.read('a.txt')), ToolInfo: names(tool),
		}`))
	var there map[string][]string
	if err := json.Unmarshal([]byte(got), &there); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, each := range typings.Interfaces() {
		names, known := there[each.Name]
		if !known {
			continue
		}
		seen++
		want := []string{}
		for _, member := range each.Members {
			name, optional := strings.CutSuffix(member.Name, "?")
			if !optional || slices.Contains(names, name) {
				want = append(want, name)
			}
		}
		slices.Sort(want)
		if diff := cmp.Diff(names, want); diff != "" {
			t.Errorf("%s: answered, declared:\n%s", each.Name, diff)
		}
	}
	if seen != len(there) {
		t.Errorf("%d of %d are declared", seen, len(there))
	}
}
