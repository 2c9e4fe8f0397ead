package plugin_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pie/backend/fault"
	"pie/backend/plugin"
	"pie/backend/secret"
	"pie/backend/store"
)

func openStore(t *testing.T) (*store.Store, string) {
	t.Helper()
	dir := t.TempDir()
	st, err := store.Open(filepath.Join(dir, "pie.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st, filepath.Join(dir, "agents")
}

func parse(t *testing.T, text string) *plugin.Package {
	t.Helper()
	p, err := plugin.Parse("a.pie", []byte(text), known)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	st, dir := openStore(t)
	r := plugin.NewRegistry(st, dir, known)
	approved := plugin.Approved{Hosts: []string{"a.example"}}
	if _, err := r.Install(parse(t, good), approved, ""); err != nil {
		t.Fatal(err)
	}
	p, record, err := r.Get("my-agent")
	if err != nil || p.Version != "1.2.0" || !slices.Equal(record.Approved.Hosts, approved.Hosts) {
		t.Fatalf("got %+v, %+v, %v", p, record, err)
	}
	if _, err := r.Install(parse(t, strings.Replace(good, "1.2.0", "1.1.9", 1)), approved, ""); !fault.Is(err, fault.Conflict) {
		t.Errorf("a lower version: %v", err)
	}
	if _, err := r.Install(parse(t, strings.Replace(good, "1.2.0", "1.3.0", 1)), approved, ""); err != nil {
		t.Errorf("an update: %v", err)
	}
	file := filepath.Join(dir, "my-agent", "agent.pie")
	if err := os.WriteFile(file, []byte(good+"// more"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Get("my-agent"); !fault.Is(err, fault.Conflict) {
		t.Errorf("changed behind our back: %v", err)
	}
	if err := r.Remove("my-agent"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Get("my-agent"); !fault.Is(err, fault.NotFound) {
		t.Errorf("after removal: %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("left over: %v", entries)
	}
}

// mirror "seals" by writing the names beside the text, so that a value moved to
// another agent does not open.
type mirror struct{}

func (mirror) Seal(_ context.Context, agent, field string, plain []byte) ([]byte, error) {
	return append([]byte(agent+"|"+field+"|"), plain...), nil
}

func (mirror) Open(_ context.Context, agent, field string, sealed []byte) ([]byte, error) {
	plain, ok := strings.CutPrefix(string(sealed), agent+"|"+field+"|")
	if !ok {
		return nil, fault.New(fault.Internal, "moved", "")
	}
	return []byte(plain), nil
}

func TestSecretsAreByAgent(t *testing.T) {
	t.Parallel()
	st, _ := openStore(t)
	ctx, s := context.Background(), plugin.NewSecrets(st, mirror{})
	if err := s.Set(ctx, "one", "KEY", secret.New("value")); err != nil {
		t.Fatal(err)
	}
	if err := s.Set(ctx, "one", "EMPTY", secret.String{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an empty one: %v", err)
	}
	if got, err := s.Get(ctx, "one", "KEY"); err != nil || got.Reveal() != "value" {
		t.Errorf("got %v", err)
	}
	if got, err := s.Get(ctx, "two", "KEY"); err != nil || !got.IsEmpty() {
		t.Errorf("another agent reads it: %v", err)
	}
	if err := s.Remove("one", ""); err != nil {
		t.Fatal(err)
	}
	if names, err := s.Names("one"); err != nil || len(names) != 0 {
		t.Errorf("left: %v, %v", names, err)
	}
}
